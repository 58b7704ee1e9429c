"""Services with a load balancer of their own: Network Load Balancers, and classic ones."""

from __future__ import annotations

import pathlib

import pytest

from tests.kubernetes.manifests import NLB, service, told

PINGS = "heartbeat: {sender: server, interval_s: 400}\nhealth: {path: /healthz}\n"
WELL = {
    f"{NLB}type": "external",
    f"{NLB}healthcheck-protocol": "http",
    f"{NLB}healthcheck-path": "/healthz",
    f"{NLB}target-group-attributes": (
        "deregistration_delay.timeout_seconds=120,"
        "deregistration_delay.connection_termination.enabled=true"
    ),
}
IDLE = f"{NLB}listener-attributes.TCP-8080"


def balanced(annotations: dict[str, str]) -> str:
    return service(annotations, "  type: LoadBalancer\n").replace("name: app", "name: ws-app")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({IDLE: "tcp.idle_timeout.seconds=6000"}, []),
        ({}, [("LB301", 4)]),
        ({IDLE: "tcp.idle_timeout.seconds=300"}, [("LB301", 10)]),
        ({IDLE: "tcp.idle_timeout.seconds=$SECONDS"}, []),
        (
            {f"{NLB}attributes": "idle_timeout.timeout_seconds=900"},
            [("LB301", 4), ("LB306", 10)],
        ),
        (
            {IDLE: "tcp.idle_timeout.seconds=6000", f"{NLB}attributes": "a.b=c"},
            [],
        ),
        (
            {IDLE: "tcp.idle_timeout.seconds=6000", f"{NLB}healthcheck-path": "/ws"},
            [("LB205", 8)],
        ),
        (
            {IDLE: "tcp.idle_timeout.seconds=6000", f"{NLB}healthcheck-protocol": "tcp"},
            [("LB204", 7)],
        ),
        (
            {IDLE: "tcp.idle_timeout.seconds=6000", f"{NLB}healthcheck-success-codes": "'101'"},
            [("LB208", 11)],
        ),
        (
            {IDLE: "tcp.idle_timeout.seconds=6000", f"{NLB}healthcheck-interval": "often"},
            [("LB901", 11)],
        ),
    ],
)
def test_a_network_load_balancer(
    changes: dict[str, str], expected: list[tuple[str, int]], tmp_path: pathlib.Path
) -> None:
    assert told(balanced({**WELL, **changes}), tmp_path, PINGS) == expected


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        ({f"{NLB}connection-idle-timeout": '"3600"'}, []),
        ({f"{NLB}connection-idle-timeout": '"60"'}, [("LB301", 6)]),
        ({f"{NLB}connection-idle-timeout": '"3600s"'}, [("LB306", 6)]),
        ({f"{NLB}connection-draining-timeout": '"60"'}, [("LB301", 4)]),
        ({f"{NLB}backend-protocol": "tcp"}, []),
        (
            {f"{NLB}backend-protocol": "http", f"{NLB}connection-idle-timeout": '"3600"'},
            [("LB117", 6)],
        ),
    ],
)
def test_a_classic_load_balancer(
    annotations: dict[str, str], expected: list[tuple[str, int]], tmp_path: pathlib.Path
) -> None:
    assert told(balanced(annotations), tmp_path, PINGS) == expected


def test_a_service_of_no_telling_name_carries_what_the_profile_declares(
    tmp_path: pathlib.Path,
) -> None:
    text = balanced({f"{NLB}connection-idle-timeout": '"60"'}).replace("ws-app", "edge")
    assert told(text, tmp_path, PINGS) == []
    declared = f"{PINGS}websocket: {{paths: [/ws]}}\n"
    assert told(text, tmp_path, declared) == [("LB301", 6)]


@pytest.mark.parametrize(
    ("secured", "listener", "expected"),
    [
        ({}, "TCP", []),
        ({f"{NLB}ssl-ports": "'443'"}, "TCP", []),
        ({f"{NLB}ssl-ports": "'443'", f"{NLB}ssl-cert": "arn:x"}, "TCP", []),
        ({f"{NLB}ssl-ports": "'8080'", f"{NLB}ssl-cert": "arn:x"}, "TCP", [("LB301", 4)]),
        ({f"{NLB}ssl-cert": "arn:x"}, "TCP", [("LB301", 4)]),
        ({f"{NLB}ssl-cert": "arn:x"}, "TLS", [("LB301", 4), ("LB306", 11)]),
    ],
)
def test_a_listener_for_tls_keeps_350_seconds(
    secured: dict[str, str],
    listener: str,
    expected: list[tuple[str, int]],
    tmp_path: pathlib.Path,
) -> None:
    own = {f"{NLB}listener-attributes.{listener}-8080": "tcp.idle_timeout.seconds=6000"}
    assert told(balanced({**WELL, **secured, **own}), tmp_path, PINGS) == expected
