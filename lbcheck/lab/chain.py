"""Experiments of LB6xx: several balancers in a row."""

from __future__ import annotations

from lbcheck.lab.acts import CUT, OPEN, SILENCE_S, Made, in_front
from lbcheck.lab.client import Client
from lbcheck.lab.experiment import Experiment, Guard, shown
from lbcheck.lab.proxy import Proxy, free_port
from lbcheck.lab.target import Target

_BAD = shown("LB606", "haproxy").bad
_MINUTE = "tunnel 1m  # <- here"


def _quiet(proxy: Proxy, config: str) -> str:
    """A silent WebSocket through a proxy and the same proxy again."""
    target = Target()
    targets: dict[int, Made | int] = {9001: target, 9002: target, 9004: free_port()}
    with in_front(proxy, config, targets) as served, Client(served.port) as client:
        if client.answer()[0] != 101:
            return "the handshake fails"
        return CUT if client.closed_within(SILENCE_S) else OPEN


EXPERIMENTS = (
    Experiment(
        "LB606", "haproxy", _quiet, CUT, OPEN, quick=(("tunnel 1m", "tunnel 1s"),),
        guards=(Guard("the inner hop lasts longer", _BAD.replace("tunnel 1m", "tunnel 2h")),),
    ),
    Experiment(
        "LB606", "haproxy", _quiet, CUT, OPEN, quick=(("tunnel 1m", "tunnel 1s"),),
        bad=_BAD.replace("127.0.0.1:9004", "unix@/tmp/rooms.sock"),
        good=_BAD.replace("127.0.0.1:9004", "unix@/tmp/rooms.sock").replace(_MINUTE, "tunnel 1h"),
    ),
)  # fmt: skip
