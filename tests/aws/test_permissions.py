"""The least-privilege policy, tried with IAM enforced: exactly it is enough, less is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from math import inf
from typing import Any

import boto3
import pytest
from moto import settings
from moto.core.responses import ActionAuthenticatorMixin

from lbcheck.sources import aws_session
from lbcheck.sources.aws_permissions import COMPUTE, READ, REGIONS, TIERS, asked, policy
from lbcheck.sources.aws_rate import Buckets
from lbcheck.sources.aws_request import Request
from lbcheck.sources.aws_session import Failure
from tests.aws.conftest import REGION, Cloud

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def enforce(after: float) -> None:
    """IAM decides after so many calls (moto's own switch; `inf`: never)."""
    settings.INITIAL_NO_AUTH_ACTION_COUNT = after
    ActionAuthenticatorMixin.request_count = 0


@pytest.fixture
def as_user(cloud: Cloud) -> Iterator[Callable[[dict[str, Any]], Run]]:
    """Makes a user with one policy; the answer runs lbcheck as that user, with IAM enforced."""
    iam = boto3.client("iam", region_name=REGION, endpoint_url=cloud.endpoint)

    def make(document: dict[str, Any]) -> Run:
        iam.create_user(UserName="auditor")
        iam.put_user_policy(
            UserName="auditor", PolicyName="lbcheck", PolicyDocument=json.dumps(document)
        )
        key = iam.create_access_key(UserName="auditor")["AccessKey"]
        environment = {
            **os.environ,
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            "AWS_ENDPOINT_URL": cloud.endpoint,
        }

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            enforce(0)
            try:
                return subprocess.run(
                    [sys.executable, "-m", "lbcheck", *arguments],
                    capture_output=True, text=True, env=environment,
                )  # fmt: skip
            finally:
                enforce(inf)

        return run

    yield make
    enforce(inf)


def chat(cloud: Cloud) -> None:
    pages = cloud.group("pages", targets=("10.0.0.9",))
    sockets = cloud.group("chat-ws", targets=("10.0.0.1",), HealthCheckPath="/healthz")
    cloud.rule(cloud.listener(cloud.balancer("chat"), pages), sockets, "/ws/*")


def codes(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [finding["code"] for finding in json.loads(done.stdout)["findings"]]


def test_the_audit_runs_under_exactly_the_printed_policy(
    cloud: Cloud, as_user: Callable[..., Run]
) -> None:
    chat(cloud)
    run = as_user(policy([READ]))
    done = run("audit", "--aws", "--region", REGION, "--format", "json")
    assert json.loads(done.stdout)["complete"] is True, done.stdout
    assert "LB908" not in codes(done)
    # In the JSON of ECS moto has no code, so that it is the status; AWS says AccessDenied.
    assert json.loads(done.stdout)["sources"][0]["detail"] == "not asked: ECS (403)"


@pytest.mark.parametrize("action", [probe.action for probe in READ.probes])
def test_every_permission_of_the_policy_is_needed(
    cloud: Cloud, as_user: Callable[..., Run], action: str
) -> None:
    chat(cloud)
    elb = boto3.client("elb", region_name=REGION, endpoint_url=cloud.endpoint)
    elb.create_load_balancer(
        LoadBalancerName="socketio",
        Listeners=[{"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 3000}],
        AvailabilityZones=[f"{REGION}a"],
    )
    cloud.listener(cloud.balancer("net-ws", "network"), cloud.group("raw", "TCP"), "TCP", 443)
    less = policy([READ])
    less["Statement"][0]["Action"].remove(action)
    done = as_user(less)("audit", "--aws", "--region", REGION, "--format", "json")
    said = [f["message"] for f in json.loads(done.stdout)["findings"] if f["code"] == "LB908"]
    assert any(f"allow `{action}` to the role" in message for message in said), done.stdout
    assert json.loads(done.stdout)["complete"] is False


def test_the_doctor_names_the_identity_and_what_is_denied(
    cloud: Cloud, as_user: Callable[..., Run]
) -> None:
    less = policy([READ])
    less["Statement"][0]["Action"].remove("elasticloadbalancing:DescribeRules")
    done = as_user(less)("doctor", "--aws", "--region", REGION)
    lines = done.stdout.splitlines()
    assert f"aws {REGION}: arn:aws:iam::123456789012:user/auditor" in lines
    assert [line.split()[1] for line in lines if line.startswith("    allowed ")] == [
        probe.action for probe in READ.probes if "DescribeRules" not in probe.action
    ]
    # What moto denies of ECS it denies without a code: that counts as unknown.
    optional = [p for p in (*COMPUTE.probes, *REGIONS.probes) if p.service != "ecs"]
    assert [line.split(":", 2)[:2] for line in lines if line.startswith("    DENIED ")] == [
        ["    DENIED   elasticloadbalancing", "DescribeRules"],
        *(
            ["    DENIED   " + probe.action.split(":")[0], probe.call.operation]
            for probe in optional
        ),
    ]
    assert done.returncode == 3


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("ClientException", True),
        ("ClusterNotFoundException", True),
        ("AccessDeniedException", False),
        ("UnauthorizedOperation", False),
        ("ThrottlingException", None),
    ],
)
def test_who_hears_about_the_parameters_was_let_in(
    monkeypatch: pytest.MonkeyPatch, code: str, allowed: bool | None
) -> None:
    failure = Failure("DescribeTaskDefinition", code, "said")
    monkeypatch.setattr(aws_session, "first", lambda *_: failure)
    monkeypatch.setattr(aws_session.Session, "client", lambda *_, **__: None)
    session = aws_session.Session(Request(region=REGION), Buckets())
    found = {permission.allowed for permission in asked(session, COMPUTE)}
    assert found == {allowed}


def test_the_printed_policy_is_valid_json_in_tiers() -> None:
    def printed(*arguments: str) -> Any:
        command = [sys.executable, "-m", "lbcheck", "aws-policy", *arguments]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    assert printed() == policy(TIERS)
    assert printed("--tier", "regions") == policy([REGIONS])
