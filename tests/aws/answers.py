"""Small AWS documents for tests: one load balancer `edge`, its rules and groups, written short."""

from __future__ import annotations

import json
from typing import Any

from lbcheck.model import Declared, Pool, Route, Setting, Source, Topology
from lbcheck.sources import aws, aws_snapshot

ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333"
BALANCER = f"{ARN}:loadbalancer/app/edge/50dc6c495c0c9188"
LISTENER = f"{ARN}:listener/app/edge/50dc6c495c0c9188/f2f7dc8efc522ab2"
PLAIN = f"{ARN}:listener/app/edge/50dc6c495c0c9188/0467ef3c8400ae65"


def arn(group: str) -> str:
    return f"{ARN}:targetgroup/{group}/73e2d6bc24d8a067"


def forward(*groups: str, **weights: int) -> list[dict[str, Any]]:
    """`forward("a")`, or `forward(a=80, b=20)` with weights."""
    if weights:
        shares = [{"TargetGroupArn": arn(g), "Weight": w} for g, w in weights.items()]
        return [{"Type": "forward", "ForwardConfig": {"TargetGroups": shares}}]
    return [{"Type": "forward", "TargetGroupArn": arn(groups[0])}]


def redirect(**more: str) -> list[dict[str, Any]]:
    config = {"Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}"}
    return [{"Type": "redirect", "RedirectConfig": {**config, "StatusCode": "HTTP_301", **more}}]


def condition(field: str, *values: str, header: str | None = None) -> dict[str, Any]:
    if header:
        config = {"HttpHeaderName": header, "Values": list(values)}
        return {"Field": "http-header", "HttpHeaderConfig": config}
    return {"Field": field, "Values": list(values)}


def rule(priority: int | str, actions: list[dict[str, Any]], *conditions: Any) -> dict[str, Any]:
    """Conditions given as texts are path patterns."""
    return {
        "RuleArn": f"{LISTENER.replace(':listener/', ':listener-rule/')}/{priority}",
        "Priority": str(priority),
        "Conditions": [
            condition("path-pattern", one) if isinstance(one, str) else one for one in conditions
        ],
        "Actions": actions,
    }


def target(address: str, state: str, reason: str | None = None) -> dict[str, Any]:
    health = {"State": state} | ({"Reason": reason} if reason else {})
    return {"Target": {"Id": address, "Port": 8080}, "TargetHealth": health}


def group(name: str, **more: Any) -> dict[str, Any]:
    return {
        "TargetGroupArn": arn(name),
        "TargetGroupName": name,
        "LoadBalancerArns": [BALANCER],
        "Protocol": "HTTP",
        "Port": 8080,
        "TargetType": "ip",
        **more,
    }


def document(*rules: dict[str, Any], groups: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A whole snapshot: an HTTPS listener with these rules; sections can be replaced."""
    names = [one["TargetGroupArn"] for one in groups]
    own = [{"ListenerArn": LISTENER, "Port": 443, "Protocol": "HTTPS"}]
    return {
        "schema": "lbcheck-aws/1",
        "LoadBalancers": [
            {"LoadBalancerArn": BALANCER, "LoadBalancerName": "edge", "Type": "application"}
        ],
        "LoadBalancerAttributes": {BALANCER: []},
        "Listeners": {BALANCER: own},
        "Rules": {LISTENER: list(rules)},
        "TargetGroups": groups,
        "TargetGroupAttributes": {name: [] for name in names},
        "TargetHealth": {name: [] for name in names},
        **more,
    }


def read(value: Any, *paths: str, name: str = "state.json") -> Topology:
    """The topology of one document; `paths` are declared."""
    return read_all({name: value}, *paths)


def read_all(files: dict[str, Any], *paths: str) -> Topology:
    sources = [Source(name, "aws", json.dumps(value, indent=1)) for name, value in files.items()]
    return aws.read(aws_snapshot.load_all(sources), Declared(websocket_paths=paths))


def troubles(topology: Topology) -> list[str]:
    return [trouble.message for source in topology.sources for trouble in source.troubles]


def route(topology: Topology, path: str) -> Route:
    return next(route for route in topology.routes if route.path == path)


def pool(topology: Topology, name: str) -> Pool:
    return next(pool for pool in topology.pools if pool.name == name)


def said(setting: Setting[Any] | None) -> tuple[str, Any, str] | None:
    """Name, value and origin of a setting."""
    return setting and (setting.name, setting.value, setting.origin.value)


def text(place: Any) -> str:
    """The characters a pointer leads to."""
    span = aws_snapshot.locate(place)
    assert span is not None
    return place.source.text[slice(*span)]
