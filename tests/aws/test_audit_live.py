"""The whole way from Describe calls to findings and the exit code, against moto over HTTP."""

from __future__ import annotations

import pytest
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend

from lbcheck.run import Options, run
from lbcheck.sources.aws_request import Request
from tests.aws.conftest import REGION, Cloud


def live(cloud: Cloud) -> Options:
    return Options(aws=(Request(region=REGION, endpoint_url=cloud.endpoint),), today="2026-11-23")


def chat(cloud: Cloud) -> str:
    """`/ws/*` on a group with one target, checked and drained as it should be."""
    listener = cloud.listener(cloud.balancer("chat"), cloud.group("pages", targets=("10.0.0.9",)))
    sockets = cloud.group(
        "chat-ws",
        targets=("10.0.0.1",),
        HealthCheckPath="/healthz",
        HealthCheckIntervalSeconds=10,
    )
    cloud.rule(listener, sockets, "/ws/*")
    return sockets


def test_a_route_to_draining_targets_only_fails_the_audit(cloud: Cloud) -> None:
    cloud.force(chat(cloud), "10.0.0.1", "draining", "Target.DeregistrationInProgress", "leaving")

    report = run([], live(cloud))

    errors = [f for f in report.findings if f.severity.value == "error"]
    assert [(f.code, f.location.path, f.location.line, f.address) for f in errors] == [
        ("LB401", f"aws 123456789012 {REGION}", None, "aws/chat/80/rule[10 /ws/*]")
    ]
    assert report.exit_code == 1


def test_a_failed_call_is_not_audited_and_has_its_own_exit_code(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat(cloud)

    def refuse(*_: object, **__: object) -> None:
        raise ELBClientError("AccessDenied", "User: u is not authorized")

    monkeypatch.setattr(ELBv2Backend, "describe_target_health", refuse)
    report = run([], live(cloud))

    assert [f.location.path for f in report.findings if f.code == "LB908"] == [
        f"aws 123456789012 {REGION}"
    ]
    assert report.exit_code == 3
