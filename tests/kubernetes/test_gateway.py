"""The Gateway API's configuration of AWS load balancers."""

from __future__ import annotations

import pathlib

import pytest

from tests.kubernetes.manifests import told

PINGS = "heartbeat: {sender: server, interval_s: 25}\n"
EVERYTHING = "websocket: {paths: [/]}\n"
BALANCER = """\
apiVersion: gateway.k8s.aws/v1beta1
kind: LoadBalancerConfiguration
metadata:
  name: edge
spec:
  loadBalancerAttributes:
    - key: idle_timeout.timeout_seconds
      value: "900"
"""
GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: public
spec:
  infrastructure:
    parametersRef: {kind: LoadBalancerConfiguration, name: edge}
  listeners:
    - {name: https, protocol: HTTPS, port: 443}
"""
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: app
spec:
  parentRefs: [{name: public}]
  rules:
    - matches:
        - path: {type: PathPrefix, value: /ws}
      backendRefs: [{name: app, port: 80}]
"""
GROUP = """\
apiVersion: gateway.k8s.aws/v1beta1
kind: TargetGroupConfiguration
metadata:
  name: app
spec:
  targetReference: {name: app}
  defaultConfiguration:
    protocolVersion: HTTP1
    healthCheckConfig:
      healthCheckPath: /healthz
      matcher: {httpCode: "200"}
    targetGroupAttributes:
      - key: deregistration_delay.timeout_seconds
        value: "60"
"""
WHOLE = "---\n".join((BALANCER, GATEWAY, ROUTE, GROUP))
FIRST_OF_GROUP = WHOLE[: WHOLE.index("kind: TargetGroup")].count("\n") + 1


def test_a_healthy_chain_is_quiet(tmp_path: pathlib.Path) -> None:
    assert told(WHOLE, tmp_path, PINGS) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ('"900"', '"20"', "LB301", 7),
        ("path: /healthz", "path: /ws", None, 0),
        ("Path: /healthz", "Path: /ws", "LB205", FIRST_OF_GROUP + 8),
        ('httpCode: "200"', 'httpCode: "101"', "LB208", FIRST_OF_GROUP + 9),
        ("HTTP1", "HTTP2", "LB104", FIRST_OF_GROUP + 6),
        ('"60"', '"0"', "LB412", FIRST_OF_GROUP + 11),
        ('"900"', '"${IDLE}"', None, 0),
    ],
)
def test_a_setting_stands_where_it_is_written(
    old: str, new: str, code: str | None, line: int, tmp_path: pathlib.Path
) -> None:
    expected = [(code, line)] if code else []
    assert told(WHOLE.replace(old, new), tmp_path, PINGS) == expected


def test_what_is_left_out_has_the_default_of_aws(tmp_path: pathlib.Path) -> None:
    without = WHOLE.replace("idle_timeout.timeout_seconds", "client_keep_alive.seconds")
    assert told(without, tmp_path) == [("LB302", 13)]


def test_a_configuration_by_itself_is_judged_too(tmp_path: pathlib.Path) -> None:
    assert told(BALANCER.replace("900", "20"), tmp_path, PINGS + EVERYTHING) == [("LB301", 7)]
    asked = GROUP.replace("/healthz", "/ws")
    assert told(asked, tmp_path, PINGS + EVERYTHING) == [("LB205", 10)]
    assert told(asked, tmp_path, PINGS) == []


def test_a_listener_of_a_network_gateway_has_its_own_idle_time(tmp_path: pathlib.Path) -> None:
    listener = """\
  listenerConfigurations:
    - protocolPort: TCP:443
      listenerAttributes:
        - {key: tcp.idle_timeout.seconds, value: "15"}
"""
    gateway = GATEWAY.replace("HTTPS", "TCP")
    route = ROUTE.replace("HTTPRoute", "TCPRoute").replace(
        """\
    - matches:
        - path: {type: PathPrefix, value: /ws}
      backendRefs""",
        "    - backendRefs",
    )
    group = GROUP.replace("    protocolVersion: HTTP1\n", "")
    text = "---\n".join((BALANCER.replace("idle_timeout", "x") + listener, gateway, route, group))
    assert ("LB301", 12) in told(text, tmp_path, PINGS + EVERYTHING)
