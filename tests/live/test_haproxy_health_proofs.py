"""The faults of LB2xx that HAProxy alone has, on real proxies."""

import pathlib

import pytest

from lbcheck.rules import BY_CODE
from tests import binaries
from tests.binaries import Haproxy
from tests.live.targets import dead, node
from tests.live.test_health_proofs import after_checks

haproxies = pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda each: each.text)


@haproxies
@pytest.mark.parametrize("number", [0, 1])
def test_parameters_of_a_check_check_nothing_alone(
    haproxy: Haproxy, tmp_path: pathlib.Path, number: int
) -> None:
    shown = BY_CODE["LB217"].examples[number]
    with node("b") as b:
        assert after_checks(haproxy, shown.bad, tmp_path, dead(), b.port) == {101, 503}
        assert after_checks(haproxy, shown.good, tmp_path, dead(), b.port) == {101}


@haproxies
def test_check_ssl_alone_checks_nothing(haproxy: Haproxy, tmp_path: pathlib.Path) -> None:
    config = BY_CODE["LB217"].examples[0].bad.replace("inter 2s fall 2", "check-ssl verify none")
    with node("b") as b:
        assert after_checks(haproxy, config, tmp_path, dead(), b.port) == {101, 503}


@haproxies
def test_when_an_agent_dies_with_its_server_nobody_notices(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    shown = BY_CODE["LB216"].examples[0]
    with node("b") as b:
        for config, answers in ((shown.bad, {101, 503}), (shown.good, {101})):
            config = config.replace("agent-port 9101", f"agent-port {dead()}")
            config = config.replace("agent-inter 2s", "agent-inter 100ms")
            assert after_checks(haproxy, config, tmp_path, dead(), b.port) == answers
