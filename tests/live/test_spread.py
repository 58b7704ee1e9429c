"""Where handshakes land behind real proxies, without stickiness and with it."""

import pathlib

import pytest

from lbcheck.lab.target import Target, serving
from lbcheck.model import Vendor
from lbcheck.probe.access import Access
from lbcheck.probe.landings import Spread, nodes
from lbcheck.probe.live import Prober
from lbcheck.probe.node import Node
from lbcheck.probe.spread import spread
from lbcheck.rules import BY_CODE
from tests import binaries
from tests.live.proxies import running

PROXIES = [*binaries.nginx(), *binaries.haproxy()]
Proxy = binaries.Nginx | binaries.Haproxy


def seen(proxy: Proxy, which: str, folder: pathlib.Path) -> Spread:
    """Six handshakes and six more through the example of LB501."""
    vendor, targets = Vendor(proxy.kind), [Target(name) for name in "ab"]
    text = getattr(next(e for e in BY_CODE["LB501"].examples if e.vendor is vendor), which)
    with serving(*targets):
        ports = {9001: targets[0].port, 9002: targets[1].port}
        access = Access(rate=1000, headers=(("Host", "chat.example"),))
        with running(proxy, text, folder, ports) as port, Prober(access) as prober:
            return spread(prober, f"ws://127.0.0.1:{port}/ws/chat", 6, Node("X-Node"))


@pytest.mark.parametrize("proxy", PROXIES, ids=lambda proxy: f"{proxy.kind}-{proxy.text}")
def test_a_client_comes_to_several_targets_until_the_balancer_is_sticky(
    proxy: Proxy, tmp_path: pathlib.Path
) -> None:
    for which, number in (("bad", 2), ("good", 1)):
        (tmp_path / which).mkdir()
        found = seen(proxy, which, tmp_path / which)
        assert (found.refusals, len(nodes(found.sticky))) == ({}, number)
