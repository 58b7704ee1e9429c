"""The probe through real proxies: each planted fault is told with its cause."""

import pathlib

import pytest

from lbcheck.model import Vendor
from lbcheck.probe import checks
from lbcheck.probe.access import Access
from lbcheck.probe.live import Prober
from lbcheck.probe.result import Handshake
from lbcheck.rules import BY_CODE
from tests import binaries
from tests.live.proxies import dead_port, running, target

FAST = Access(rate=1000, headers=(("Host", "chat.example"),))
PROXIES = [*binaries.nginx(), *binaries.haproxy()]


def named(proxy: binaries.Nginx | binaries.Haproxy) -> str:
    return f"{proxy.kind}-{proxy.text}"


def through(port: int, path: str = "/ws/chat") -> Handshake:
    with Prober(FAST) as prober:
        return checks.handshake(prober, f"ws://127.0.0.1:{port}{path}")


def example(code: str, proxy: binaries.Nginx | binaries.Haproxy, which: str) -> str:
    vendor = Vendor(proxy.kind)
    return getattr(next(e for e in BY_CODE[code].examples if e.vendor is vendor), which)


@pytest.mark.parametrize("proxy", PROXIES, ids=named)
def test_lost_upgrade_headers_are_seen_and_a_proxy_that_sends_them_is_well(
    proxy: binaries.Nginx | binaries.Haproxy, tmp_path: pathlib.Path
) -> None:
    with target() as port:
        ports = dict.fromkeys(range(9000, 9004), port)
        with running(proxy, example("LB101", proxy, "bad"), tmp_path, ports) as lost:
            seen = through(lost)
        assert seen.answer.status == 426
        assert seen.diagnosis is not None
        assert "LB101" in seen.diagnosis.rules
        with running(proxy, example("LB101", proxy, "good"), tmp_path, ports) as sent:
            assert through(sent).good


@pytest.mark.parametrize("proxy", PROXIES, ids=named)
def test_a_dead_target_is_a_502_or_503_that_names_the_rules_of_targets(
    proxy: binaries.Nginx | binaries.Haproxy, tmp_path: pathlib.Path
) -> None:
    with dead_port() as port:
        ports = dict.fromkeys(range(9000, 9004), port)
        with running(proxy, example("LB101", proxy, "good"), tmp_path, ports) as served:
            seen = through(served)
    assert seen.answer.status == (502 if proxy.kind == "nginx" else 503)
    assert seen.diagnosis is not None
    assert "LB410" in seen.diagnosis.rules
