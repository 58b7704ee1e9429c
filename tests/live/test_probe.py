"""The probe through real proxies: each planted fault is told with its cause."""

import pathlib
import re

import pytest

from lbcheck.model import Vendor
from lbcheck.probe import checks
from lbcheck.probe.access import Access
from lbcheck.probe.frames import End, How
from lbcheck.probe.health import Check
from lbcheck.probe.live import Prober
from lbcheck.probe.plan import Plan, look
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


LIMITS = {"nginx": "proxy_read_timeout", "haproxy": "timeout tunnel"}


def cut_after_2s(proxy: binaries.Nginx | binaries.Haproxy) -> str:
    """The healthy example of LB301 with 2 s of silence instead of its minutes."""
    found = re.sub(rf"({LIMITS[proxy.kind]}\s+)\d+\w+", r"\g<1>2s", example("LB301", proxy, "good"))
    assert f"{LIMITS[proxy.kind]} 2s" in re.sub(r" +", " ", found)
    return found


@pytest.mark.parametrize("proxy", PROXIES, ids=named)
def test_the_ladder_tells_the_idle_timeout_the_safe_ping_and_who_cuts(
    proxy: binaries.Nginx | binaries.Haproxy, tmp_path: pathlib.Path
) -> None:
    with (
        target() as port,
        running(proxy, cut_after_2s(proxy), tmp_path, dict.fromkeys(range(9000, 9004), port)) as at,
        Prober(FAST) as prober,
    ):
        plan = Plan(
            targets=((f"ws://127.0.0.1:{port}/ws/chat", Check("/healthz")),),
            window_s=4.5,
            pings_s=(0.7, 1.0, 3.0),
        )
        url = f"ws://127.0.0.1:{at}/ws/chat"
        # Whoever measures on a machine that is busy measures too much, sometimes: not each time.
        for _ in range(4):
            seen = look(prober, url, url, "chat.example", plan).ladder
            assert seen is not None
            if seen.idle_timeout_s == pytest.approx(2.0, abs=0.3):
                break
    assert seen.idle_timeout_s == pytest.approx(2.0, abs=0.3)
    assert [rung.survived for _, rung in seen.direct] == [True]
    assert seen.longest_safe_ping_s == 1.0
    assert [rung.survived for rung in seen.rungs] == [False, True, True, False]
    assert seen.silent.end == End(How.FIN)
    assert all(rung.pongs >= rung.sent - 1 for rung in seen.rungs if rung.survived)


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
