"""Target groups as pools: checks, drain times, stickiness, states, and what they cannot do."""

from __future__ import annotations

import math
from typing import Any

import pytest

from lbcheck.model import CheckKind, Pool, State
from tests.aws import answers
from tests.aws.answers import document, forward, group, read, rule


def pool_of(attributes: dict[str, str] | None = None, **fields: Any) -> Pool:
    own = [{"Key": key, "Value": value} for key, value in (attributes or {}).items()]
    value = document(
        rule("default", forward("g")),
        groups=[group("g", **fields)],
        TargetGroupAttributes={answers.arn("g"): own},
    )
    return read(value).pools[0]


def test_fields_that_are_not_answered_have_the_documented_defaults() -> None:
    check = pool_of().check
    assert check.kind is CheckKind.HTTP
    assert [answers.said(s) for s in (check.path, check.interval, check.timeout)] == [
        ("HealthCheckPath", "/", "default"),
        ("HealthCheckIntervalSeconds", 30.0, "default"),
        ("HealthCheckTimeoutSeconds", 6.0, "default"),
    ]
    assert [answers.said(s) for s in (check.rise, check.fall)] == [
        ("HealthyThresholdCount", 5, "default"),
        ("UnhealthyThresholdCount", 2, "default"),
    ]
    assert check.accepts is not None
    assert check.accepts.value.text == "200"
    assert check.detection_s == 66.0


def test_a_tcp_group_is_checked_by_a_connection_unless_it_says_http() -> None:
    assert pool_of(Protocol="TCP").check.kind is CheckKind.CONNECT
    check = pool_of(Protocol="TCP", HealthCheckProtocol="HTTP").check
    assert check.kind is CheckKind.HTTP
    assert check.accepts is not None
    assert check.accepts.value.text == "200-399"
    assert check.timeout is not None
    assert check.timeout.value == 10.0


@pytest.mark.parametrize(
    ("code", "ranges"),
    [("200", ((200, 200),)), ("200,300-399", ((200, 200), (300, 399))), ("101", ((101, 101),))],
)
def test_a_matcher_is_a_set_of_statuses(code: str, ranges: Any) -> None:
    check = pool_of(Matcher={"HttpCode": code}).check
    assert check.accepts is not None
    assert check.accepts.value.ranges == ranges
    assert answers.text(check.accepts.place) == f'"HttpCode": "{code}"'


def test_a_matcher_that_cannot_be_read_is_unknown() -> None:
    assert pool_of(Matcher={"HttpCode": "2xx"}).check.accepts is None


def test_a_check_that_is_switched_off_is_none() -> None:
    assert pool_of(HealthCheckEnabled=False).check.kind is CheckKind.NONE
    assert pool_of(TargetType="lambda").check.kind is CheckKind.NONE


def test_only_another_port_than_the_traffics_is_a_check_port() -> None:
    assert pool_of(HealthCheckPort="traffic-port").check.port is None
    assert pool_of(HealthCheckPort="8080").check.port is None
    assert answers.said(pool_of(HealthCheckPort="9090").check.port) == (
        "HealthCheckPort",
        "9090",
        "set",
    )


DELAY = "deregistration_delay.timeout_seconds"
ENDS = "deregistration_delay.connection_termination.enabled"


@pytest.mark.parametrize(
    ("protocol", "attributes", "expected"),
    [
        ("HTTP", {}, (DELAY, 300.0, "default")),
        ("HTTP", {DELAY: "300"}, (DELAY, 300.0, "default")),
        ("HTTP", {DELAY: "0"}, (DELAY, 0.0, "set")),
        ("TCP", {DELAY: "30"}, (ENDS, math.inf, "default")),
        ("TCP", {DELAY: "30", ENDS: "false"}, (ENDS, math.inf, "default")),
        ("TCP", {DELAY: "30", ENDS: "true"}, (DELAY, 30.0, "set")),
        ("HTTP", {DELAY: "${delay}"}, None),
    ],
)
def test_the_drain_time_of_a_network_load_balancer_ends_only_when_told_to(
    protocol: str, attributes: dict[str, str], expected: Any
) -> None:
    assert answers.said(pool_of(attributes, Protocol=protocol).drain_time) == expected


def test_stickiness_needs_to_be_enabled() -> None:
    kind = {"stickiness.type": "lb_cookie"}
    assert pool_of({"stickiness.enabled": "false", **kind}).stickiness is None
    sticky = pool_of({"stickiness.enabled": "true", **kind}).stickiness
    assert answers.said(sticky) == ("stickiness.type", "lb_cookie", "set")


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"TargetType": "lambda"}, "TargetType"), ({"TargetControlPort": 3000}, "TargetControlPort")],
)
def test_lambda_and_target_optimizer_cannot_take_websockets(
    fields: dict[str, Any], name: str
) -> None:
    incapable = pool_of(**fields).incapable
    assert incapable is not None
    assert incapable.name == name
    assert answers.text(incapable.place).startswith(f'"{name}"')


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("healthy", State.HEALTHY),
        ("initial", State.INITIAL),
        ("unhealthy", State.UNHEALTHY),
        ("unhealthy.draining", State.DRAINING),
        ("draining", State.DRAINING),
        ("unused", State.UNUSED),
        ("unavailable", State.UNKNOWN),
        ("something-new", State.UNKNOWN),
    ],
)
def test_every_state_of_a_target_has_a_meaning(state: str, expected: State) -> None:
    value = document(
        rule("default", forward("g")),
        groups=[group("g")],
        TargetHealth={answers.arn("g"): [answers.target("10.0.0.1", state, "Target.Reason")]},
    )
    (target,) = read(value).pools[0].targets
    assert (target.name, target.state, target.reason) == (
        "10.0.0.1:8080",
        expected,
        "Target.Reason",
    )
    assert answers.text(target.state_place).startswith(f'"State": "{state}"')


def test_targets_that_were_not_read_make_a_pool_incomplete() -> None:
    value = document(rule(1, forward("g"), "/ws"), groups=[group("g")], TargetHealth={})
    topology = read(value)
    assert (topology.pools[0].complete, topology.pools[0].targets) == (False, ())
    assert answers.troubles(topology) == ["`TargetHealth` of `g` is not in the answer"]


def test_a_group_that_only_a_rule_names_is_unknown() -> None:
    topology = read(document(rule(1, forward("gone"), "/ws"), groups=[]))
    (pool,) = topology.pools
    assert (pool.name, pool.complete, pool.check.kind) == ("gone", False, CheckKind.UNKNOWN)
    assert answers.troubles(topology) == ["`TargetGroups` of `gone` is not in the answer"]


def test_a_group_saved_alone_is_judged_and_its_listeners_are_missed() -> None:
    topology = read({"TargetGroups": [group("hub", ProtocolVersion="HTTP2")]}, "/hubs/*")
    (route,) = topology.routes
    assert answers.said(route.forwards[0].http_version) == ("ProtocolVersion", "2", "set")
    assert answers.troubles(topology) == [
        "`TargetGroupAttributes`, `TargetHealth`, `Listeners` of `hub` are not in the answer",
    ]
