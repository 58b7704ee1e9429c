"""Without cross-zone load balancing each zone lives and dies by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from lbcheck.audit import report
from lbcheck.profiles import load
from tests.aws import answers
from tests.aws.answers import BALANCER, document, forward, group, read, rule

CROSS = "load_balancing.cross_zone.enabled"
COUNT = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count"
PERCENT = COUNT.replace("count", "percentage")
ZONES = "ab"


def attributes(**values: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


def told(
    targets: Iterable[str],
    own: str | None = "false",
    balancer: str | None = None,
    kind: str = "application",
    *more: dict[str, Any],
) -> list[tuple[str, str]]:
    """Codes and messages about "a:healthy b:unhealthy"; own, balancer: what says cross-zone."""
    health = []
    for number, said in enumerate(targets):
        zone, _, state = said.partition(":")
        where = {"Id": f"10.0.0.{number}", "Port": 80, "AvailabilityZone": zone}
        health.append({"Target": where, "TargetHealth": {"State": state}})
    known = [{"Key": "deregistration_delay.timeout_seconds", "Value": "120"}, *more]
    found = document(
        rule("default", forward("ws")),
        groups=[group("ws", Matcher={"HttpCode": "200"}, HealthCheckPath="/healthz")],
        LoadBalancers=[
            {"LoadBalancerArn": BALANCER, "LoadBalancerName": "edge", "Type": kind},
        ],
        LoadBalancerAttributes={
            BALANCER: attributes(**({CROSS: balancer} if balancer else {})),
        },
        TargetGroupAttributes={
            answers.arn("ws"): [*known, *attributes(**({CROSS: own} if own else {}))],
        },
        TargetHealth={answers.arn("ws"): health},
    )
    findings = report(read(found, "/"), load(("default",))).findings
    wanted = ("LB403", "LB404", "LB411")
    return [(f.code, f"{f.severity.value}: {f.message}") for f in findings if f.code in wanted]


OPEN = (
    "warning: no target of `ws` in b is healthy, and `load_balancing.cross_zone.enabled` is off: "
    "the load balancer fails open in this zone and sends handshakes to all that are unhealthy there"
)
LEAVING = (
    "warning: no target of `ws` in b takes new WebSockets, and "
    "`load_balancing.cross_zone.enabled` is off: whoever is led to this zone reaches nobody else"
)


@pytest.mark.parametrize(
    ("own", "balancer", "kind", "off"),
    [
        ("false", None, "application", True),
        ("false", "true", "network", True),
        ("true", "false", "network", False),
        (None, None, "application", False),
        (None, None, "network", True),
        (None, "false", "network", True),
        (None, "true", "network", False),
        ("use_load_balancer_configuration", None, "application", False),
        ("use_load_balancer_configuration", "false", "network", True),
        ("use_load_balancer_configuration", "true", "network", False),
    ],
)
def test_the_group_decides_then_the_load_balancer_then_its_type(
    own: str | None, balancer: str | None, kind: str, off: bool
) -> None:
    topology = document(
        rule("default", forward("ws")),
        groups=[group("ws")],
        LoadBalancers=[{"LoadBalancerArn": BALANCER, "Type": kind}],
        LoadBalancerAttributes={BALANCER: attributes(**({CROSS: balancer} if balancer else {}))},
        TargetGroupAttributes={
            answers.arn("ws"): attributes(**({CROSS: own} if own else {})),
        },
    )
    pools = read(topology, "/").pools
    assert [pool.zonal is not None for pool in pools] == [off]


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ("a:healthy b:unhealthy", [("LB403", OPEN)]),
        ("a:healthy b:unhealthy b:draining", [("LB403", OPEN)]),
        ("a:healthy b:unhealthy b:unhealthy", [("LB403", OPEN)]),
        ("a:healthy b:draining", [("LB411", LEAVING)]),
        ("a:healthy b:unhealthy b:healthy", []),
        ("a:healthy b:unhealthy b:initial", []),
        ("a:healthy b:unhealthy all:healthy", []),
        ("a:healthy b:unused", []),
    ],
)
def test_a_zone_without_a_healthy_target(targets: str, expected: list[tuple[str, str]]) -> None:
    assert told(targets.split()) == expected


def test_with_cross_zone_on_the_others_help() -> None:
    assert told(["a:healthy", "b:unhealthy"], own=None) == []


def test_where_all_are_unhealthy_it_is_said_of_the_group() -> None:
    ((code, message),) = told(["a:unhealthy", "b:unhealthy"])
    assert code == "LB403"
    assert message.startswith("error: no target of `ws` is healthy")


def test_thresholds_count_in_each_zone() -> None:
    two = {"Key": COUNT, "Value": "2"}
    targets = ["a:healthy"] * 3 + ["b:healthy", "b:unhealthy", "b:healthy"]
    assert told(targets, "false", None, "application", two) == []
    targets[-1] = "b:unhealthy"
    breached = f"warning: 1 healthy target of `ws` in b is fewer than `{COUNT}` asks for"
    ((code, message),) = told(targets, "false", None, "application", two)
    assert (code, message.partition(": handshakes")[0]) == ("LB404", breached)
    assert told(targets, None, None, "application", two) == []


def test_a_threshold_of_a_small_zone_is_breached_at_once() -> None:
    targets = ["a:healthy"] * 4 + ["b:healthy"] * 2
    half = {"Key": COUNT, "Value": "2"}
    ((code, message),) = told(targets, "false", None, "application", half)
    assert (code, message[:44]) == ("LB404", "warning: one unhealthy target in `ws` in b i")
    assert told(targets, None, None, "application", half) == []
