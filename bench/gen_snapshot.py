"""Write a saved AWS state: `gen_snapshot.py BALANCERS FILE`, five target groups for each.

Two listeners a load balancer; one of its five groups carries WebSockets, all have four targets.
"""

from __future__ import annotations

import json
import sys
from typing import Any

ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333"


def document(balancers: int) -> dict[str, Any]:
    """The state, healthy: an audit finds nothing."""
    state: dict[str, Any] = {
        "schema": "lbcheck-aws/1", "account": "111122223333", "region": "eu-west-1",
        "LoadBalancers": [], "LoadBalancerAttributes": {}, "Listeners": {},
        "ListenerAttributes": {}, "Rules": {}, "TargetGroups": [], "TargetGroupAttributes": {},
        "TargetHealth": {}, "Tags": {}, "Errors": [],
    }  # fmt: skip
    for number in range(balancers):
        _add(state, number)
    return state


def _add(state: dict[str, Any], number: int) -> None:
    balancer = f"{ARN}:loadbalancer/app/edge-{number}/50dc6c495c0c9188"
    state["LoadBalancers"].append(
        {"LoadBalancerArn": balancer, "LoadBalancerName": f"edge-{number}", "Type": "application"}
    )
    state["LoadBalancerAttributes"][balancer] = _attributes(idle_timeout="timeout_seconds:120")
    groups = [_group(state, number, name, balancer) for name in ("ws", "a", "b", "c", "d")]
    state["Listeners"][balancer] = []
    for port in (80, 443):
        listener = f"{ARN}:listener/app/edge-{number}/50dc6c495c0c9188/{port}"
        state["Listeners"][balancer].append(
            {
                "ListenerArn": listener, "LoadBalancerArn": balancer, "Port": port,
                "Protocol": "HTTPS" if port == 443 else "HTTP",
            }
        )  # fmt: skip
        paths = ["/ws/*", "/a/*", "/b/*", "/c/*", None]
        state["Rules"][listener] = [
            _rule(at, path, group)
            for at, (path, group) in enumerate(zip(paths, groups, strict=True))
        ]


def _group(state: dict[str, Any], number: int, name: str, balancer: str) -> str:
    arn = f"{ARN}:targetgroup/{name}-{number}/73e2d6bc24d8a067"
    state["TargetGroups"].append(
        {
            "TargetGroupArn": arn, "TargetGroupName": f"{name}-{number}", "Protocol": "HTTP",
            "ProtocolVersion": "HTTP1", "Port": 8080, "TargetType": "ip",
            "LoadBalancerArns": [balancer], "HealthCheckEnabled": True,
            "HealthCheckProtocol": "HTTP", "HealthCheckPort": "traffic-port",
            "HealthCheckPath": "/healthz", "HealthCheckIntervalSeconds": 10,
            "HealthCheckTimeoutSeconds": 5, "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 2, "Matcher": {"HttpCode": "200"},
        }
    )  # fmt: skip
    state["TargetGroupAttributes"][arn] = _attributes(
        deregistration_delay="timeout_seconds:120", stickiness="enabled:false"
    )
    state["TargetHealth"][arn] = [
        {"Target": {"Id": f"10.0.{at}.1", "Port": 8080}, "TargetHealth": {"State": "healthy"}}
        for at in range(4)
    ]
    return arn


def _attributes(**said: str) -> list[dict[str, str]]:
    pairs = ((first, *rest.split(":")) for first, rest in said.items())
    return [{"Key": f"{first}.{second}", "Value": value} for first, second, value in pairs]


def _rule(at: int, path: str | None, group: str) -> dict[str, Any]:
    conditions = [{"Field": "path-pattern", "PathPatternConfig": {"Values": [path]}}]
    return {
        "Priority": str(at + 1) if path else "default",
        "Conditions": conditions if path else [],
        "Actions": [{"Type": "forward", "TargetGroupArn": group}],
    }


def main() -> None:
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(document(int(sys.argv[1])), file, indent=1)


if __name__ == "__main__":
    main()
