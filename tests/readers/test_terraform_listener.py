"""The idle timeout of a Network Load Balancer's listener: what of it AWS takes."""

from __future__ import annotations

import pathlib

import pytest

from tests.readers.terraform_text import CHAIN, route, told

GROUP = 'resource "aws_lb_target_group" "ws" {\n  port = 80\n  protocol = "TCP"\n}\n'


def network(protocol: str, idle: str) -> str:
    text = CHAIN.replace('name = "edge"', 'name = "ws"\n  load_balancer_type = "network"')
    return text.replace('"HTTPS"', f'"{protocol}"\n  tcp_idle_timeout_seconds = {idle}') + GROUP


@pytest.mark.parametrize(
    ("protocol", "idle", "in_force"),
    [
        ("TCP", "900", 900.0),
        ("TCP", "var.idle", None),
        ("TLS", "900", 350.0),
        ("TLS", "60", 350.0),
        ("TLS", "var.idle", 350.0),
    ],
)
def test_a_tls_listener_keeps_the_idle_timeout_of_aws(
    tmp_path: pathlib.Path, protocol: str, idle: str, in_force: float | None
) -> None:
    found = route(tmp_path, network(protocol, idle)).idle
    assert (found and found.value) == in_force


@pytest.mark.parametrize(
    ("protocol", "idle", "lines"),
    [("TLS", "900", [10]), ("TLS", "350", []), ("TLS", "60", []), ("TCP", "900", [])],
)
def test_more_than_a_tls_listener_takes_has_no_effect(
    tmp_path: pathlib.Path, protocol: str, idle: str, lines: list[int]
) -> None:
    found = told(tmp_path, network(protocol, idle))
    assert [line for code, line in found if code == "LB306"] == lines
