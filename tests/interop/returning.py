"""What becomes of clients that are sent away with 1001, behind real balancers.

Two servers each, one of which gets SIGTERM while lbcheck's own probe rehearses the drain.
"""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from lbcheck.lab import proxy as lab
from lbcheck.probe.comeback import Comeback, Manner
from lbcheck.probe.drain import Drill, rehearse
from lbcheck.probe.live import Prober
from lbcheck.probe.node import Node
from lbcheck.probe.rehearsal import Rehearsal
from tests import binaries
from tests.interop.balancers import BALANCERS, Balancer
from tests.interop.measured import Returned
from tests.interop.measuring import ACCESS
from tests.interop.serving import serving
from tests.interop.stacks import ALL

LEAVING = next(stack for stack in ALL if stack.name == "aiohttp")
"""it says 1001, tells who it is and has a health endpoint; every system refuses newcomers alike"""
CLIENTS = 20
WINDOW_S = 15.0
_CHECKED_S = 1.5


def returned() -> tuple[Returned, ...]:
    """Each balancer with clients of each manner, side by side."""
    cases = [(balancer, manner) for balancer in BALANCERS for manner in Manner]
    with ThreadPoolExecutor(len(cases)) as side_by_side:
        return tuple(side_by_side.map(_returned, *zip(*cases, strict=True)))


def _returned(balancer: Balancer, manner: Manner) -> Returned:
    proxy = {"nginx": binaries.nginx, "haproxy": binaries.haproxy}[balancer.kind]()[0]
    with ExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory())
        leaving, staying = (
            running.enter_context(serving(LEAVING, graceful=True)) for _ in ("leaving", "staying")
        )
        ports = {9001: leaving.port, 9002: staying.port}
        served = running.enter_context(lab.running(proxy, balancer.config, folder, ports))
        time.sleep(_CHECKED_S)
        seen = rehearse(
            running.enter_context(Prober(ACCESS)),
            f"ws://127.0.0.1:{served.port}{LEAVING.path}",
            Drill(
                clients=CLIENTS,
                rate=ACCESS.rate,
                window_s=WINDOW_S,
                comeback=Comeback(manner),
                health="/healthz" if manner is Manner.HEALTH else None,
            ),
            Node("X-Node"),
            ready=lambda held: leaving.process.terminate(),
        )
    return _told(balancer.name, proxy.text, manner, seen)


def _told(balancer: str, version: str, manner: Manner, seen: Rehearsal) -> Returned:
    return Returned(
        balancer=balancer,
        version=version,
        manner=manner.value,
        ends=tuple(sorted({end.words for end in seen.ends})),
        answers=tuple(sorted({str(said) for said in seen.refusals})),
        landed=len(seen.landings),
        sent_away=len(seen.ended),
        away=len(seen.away),
        longest_s=seen.gap(1.0),
        peak=seen.peak,
    )
