"""Drain rehearsals through real proxies: what each way of leaving and coming back is worth."""

import pathlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from lbcheck.lab.target import Target, serving
from lbcheck.model import Vendor
from lbcheck.probe.access import Access
from lbcheck.probe.comeback import Comeback, Manner
from lbcheck.probe.drain import Drill, rehearse
from lbcheck.probe.drained import advice
from lbcheck.probe.live import Prober
from lbcheck.probe.node import Node
from lbcheck.probe.rehearsal import Rehearsal
from lbcheck.rules import BY_CODE
from tests import binaries
from tests.live.proxies import running
from tests.probe.leaving import Leaving

PROXIES = [*binaries.nginx(), *binaries.haproxy()]
Proxy = binaries.Nginx | binaries.Haproxy
ACCESS = Access(rate=1000, headers=(("Host", "chat.example"),))
CLIENTS = 20


def named(proxy: Proxy) -> str:
    return f"{proxy.kind}-{proxy.text}"


def config(proxy: Proxy, which: str) -> str:
    """The example of LB410 for every path, and without its active check: by that the balancer would
    know who drains."""
    vendor = Vendor(proxy.kind)
    text = getattr(next(e for e in BY_CODE["LB410"].examples if e.vendor is vendor), which)
    text = text.replace("location /ws/", "location /").replace("path_beg /ws", "path_beg /")
    return str(text.replace("    option httpchk GET /readyz\n", ""))


def rehearsed(
    proxy: Proxy, folder: pathlib.Path, which: str, manner: Manner, *, refuses: bool
) -> Rehearsal:
    """One of two targets drains for the whole window."""
    folder.mkdir()
    leaving, other = Leaving("a", refuses=refuses), Target("b")
    drill = Drill(
        clients=CLIENTS, rate=100, window_s=5.0,
        comeback=Comeback(manner, base_s=0.4, cap_s=1.5),
        health="/healthz" if manner is Manner.HEALTH else None,
    )  # fmt: skip
    with (
        serving(leaving, other),
        running(
            proxy, config(proxy, which), folder, {9001: leaving.port, 9002: other.port}
        ) as port,
        Prober(ACCESS) as prober,
    ):
        return rehearse(
            prober, f"ws://127.0.0.1:{port}/ws/chat", drill, Node("X-Node"),
            ready=lambda held: leaving.leave(),
        )  # fmt: skip


@pytest.mark.parametrize("proxy", PROXIES, ids=named)
def test_at_once_is_worst_and_503_that_is_tried_again_is_best(
    proxy: Proxy, tmp_path: pathlib.Path
) -> None:
    ways = {
        "at once": ("bad", Manner.AT_ONCE, False),
        "backoff": ("bad", Manner.BACKOFF, False),
        "health": ("bad", Manner.HEALTH, False),
        "503": ("bad", Manner.BACKOFF, True),
        "503, retried": ("good", Manner.BACKOFF, True),
    }
    with ThreadPoolExecutor(len(ways)) as side_by_side:
        rehearsals = {
            name: side_by_side.submit(
                rehearsed, proxy, tmp_path / str(number), which, manner, refuses=refuses
            )
            for number, (name, (which, manner, refuses)) in enumerate(ways.items())
        }
    seen = {name: future.result() for name, future in rehearsals.items()}
    landed = {name: len(each.landings) for name, each in seen.items()}
    herds = {name: each.peak for name, each in seen.items()}
    gaps = {name: each.gap(1.0) or 0.0 for name, each in seen.items()}
    assert all(each.held.keys() == {"a", "b"} for each in seen.values())
    # Who comes back at once makes the largest herd, and lands where it came from like others.
    assert max(herds, key=herds.__getitem__) == "at once"
    assert min(landed["at once"], landed["backoff"]) > 0
    # The health endpoint behind the same balancer says yes for the other target: worst of all.
    assert landed["health"] > landed["backoff"]
    assert any(each.healthy for each in seen["health"].landings)
    assert next(advice(seen["health"])).startswith("Asking the health endpoint first did not")
    # A target that refuses is landed on by nobody; where that is tried again, nobody notices.
    assert (landed["503"], landed["503, retried"]) == (0, 0)
    assert seen["503"].refusals[503] > 0
    assert seen["503, retried"].refusals == {}
    assert seen["503, retried"].away == []
    assert gaps["503, retried"] < min(gaps["backoff"], gaps["503"])
