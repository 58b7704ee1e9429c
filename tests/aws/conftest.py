"""A local AWS (moto) over real HTTP, and an account with a chat service in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.elbv2.models import FakeHealthStatus, FakeTargetGroup
from moto.moto_api import state_manager
from moto.server import ThreadedMotoServer

REGION = "eu-west-1"
FORCED: dict[tuple[str, str], tuple[str, str, str]] = {}
"""(group ARN, target) -> state, reason, description: moto itself never shows a draining target"""


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    own = FakeTargetGroup.health_for

    def health_for(self: Any, target: Any, ec2_backend: Any) -> Any:
        forced = FORCED.get((self.arn, target["Id"]))
        if forced is None:
            return own(self, target, ec2_backend)
        port = target.get("Port", self.port)
        return FakeHealthStatus(target["Id"], port, self.health_check_port, *forced)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FakeTargetGroup, "health_for", health_for)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        # A task of moto stops by itself once it was looked at a few times.
        state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1000})
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


class Cloud:
    """Makes load balancers in moto."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        session = boto3.Session("testing", "testing", region_name=REGION)
        self.elb = session.client("elbv2", endpoint_url=endpoint)
        self.ec2 = session.client("ec2", endpoint_url=endpoint)
        self.scaling = session.client("autoscaling", endpoint_url=endpoint)
        self.ecs = session.client("ecs", endpoint_url=endpoint)
        self.vpc = self.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        self.subnets = [one["SubnetId"] for one in self.ec2.describe_subnets()["Subnets"][:2]]

    def balancer(self, name: str, kind: str = "application", **tags: str) -> str:
        made = self.elb.create_load_balancer(
            Name=name,
            Subnets=self.subnets,
            Type=kind,
            Tags=[{"Key": "stage", "Value": "test"}]
            + [{"Key": key, "Value": value} for key, value in tags.items()],
        )
        return str(made["LoadBalancers"][0]["LoadBalancerArn"])

    def group(
        self, name: str, protocol: str = "HTTP", targets: tuple[str, ...] = (), **more: Any
    ) -> str:
        own = {"Protocol": protocol, "Port": 8080, "VpcId": self.vpc, "TargetType": "ip", **more}
        made = self.elb.create_target_group(Name=name, **own)
        arn = str(made["TargetGroups"][0]["TargetGroupArn"])
        if targets:
            self.elb.register_targets(
                TargetGroupArn=arn, Targets=[{"Id": ip, "Port": 8080} for ip in targets]
            )
        return arn

    def listener(self, balancer: str, group: str, protocol: str = "HTTP", port: int = 80) -> str:
        made = self.elb.create_listener(
            LoadBalancerArn=balancer,
            Protocol=protocol,
            Port=port,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        return str(made["Listeners"][0]["ListenerArn"])

    def rule(self, listener: str, group: str, path: str, priority: int = 10) -> str:
        made = self.elb.create_rule(
            ListenerArn=listener,
            Priority=priority,
            Conditions=[{"Field": "path-pattern", "Values": [path]}],
            Actions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        return str(made["Rules"][0]["RuleArn"])

    def force(self, group: str, target: str, state: str, reason: str, description: str) -> None:
        FORCED[group, target] = (state, reason, description)


@pytest.fixture
def cloud(endpoint: str) -> Cloud:
    import urllib.request

    reset = urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset).close()
    FORCED.clear()
    return Cloud(endpoint)
