"""Measure one server: three processes of it side by side, one for each thing that takes time."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from lbcheck import profiles
from lbcheck.probe.access import Access
from lbcheck.probe.handshake import new_key, opening
from lbcheck.probe.live import Prober
from tests.interop.answering import answers
from tests.interop.ear import Ear, Manners
from tests.interop.measured import OPEN, REFUSED, Heartbeat, Leaving, Measured
from tests.interop.serving import Server, ServerError, serving
from tests.interop.stacks import Stack
from tests.interop.sticking import symptom

KEPT_S = 50.0
"""longer than the longest default: Socket.IO gives up after 25 + 20 s"""
LEFT_S = 130.0
"""longer than the longest default: aiohttp waits twice for its 60 s"""
ACCESS = Access(rate=1_000.0)
_EVERY_S = 0.5
_SETTLED_S = 0.3
_NO_ANSWER_IN_S = 2.0


def measure(stack: Stack) -> Measured:
    """All about one server."""
    with ThreadPoolExecutor(3) as side_by_side, Prober(ACCESS) as prober:
        left = [side_by_side.submit(_left, stack, graceful) for graceful in (False, True)]
        kept = side_by_side.submit(_kept, stack)
        astray = symptom(stack, prober)
        versions, told, heartbeat, wrong = kept.result()
        default, planned = (each.result() for each in left)
    return Measured(stack.name, versions, told, heartbeat, default, planned, astray, wrong)


def _kept(stack: Stack):
    profile = profiles.load([stack.profile])
    with serving(stack, graceful=False) as server, Prober(ACCESS) as prober:
        url = server.url(stack.path)
        with ThreadPoolExecutor(2) as side_by_side:
            ears = [
                side_by_side.submit(_held, prober, url, KEPT_S, manners)
                for manners in _manners(stack, beats=False)
            ]
            told = answers(prober, url, f"127.0.0.1:{server.port}", profile)
            good, withholding = (ear.result() for ear in ears)
    wrong = tuple(sorted(line for line in server.lines if line.startswith("fault: ")))
    return server.versions, told, _heartbeat(good, withholding), wrong


def _manners(stack: Stack, **withheld: bool) -> tuple[Manners, Manners]:
    """A client that does all it should, and one that does not."""
    bad = {f"answers_{name}": value for name, value in withheld.items()}
    return Manners(engine_io=stack.engine_io), Manners(engine_io=stack.engine_io, **bad)


def _held(
    prober: Prober,
    url: str,
    for_s: float,
    manners: Manners,
    ready: Event | None = None,
    exited: Event | None = None,
) -> Ear:
    """Listen to a WebSocket. Args: exited: a client that never answers keeps its end until then."""
    with prober.hold(url, opening(new_key())) as (answer, line):
        if line is None:
            raise ServerError(f"{url}: the handshake was answered {answer.status}")
        ear = Ear(line, manners)
        if ready is not None:
            ready.set()
        ear.listen(ear.began + for_s)
        if exited is not None and not manners.answers_close:
            exited.wait(for_s)
        return ear


def _heartbeat(good: Ear, withholding: Ear) -> Heartbeat:
    first = good.beats[0] - good.began if good.beats else None
    return Heartbeat(
        kind=good.kind,
        interval_s=first,
        answered=_code(good),
        withheld=_code(withholding),
        withheld_s=_after(withholding.closed or withholding.gone, withholding.began),
    )


def _code(ear: Ear) -> str:
    return OPEN if ear.closed is None and ear.gone is None else ear.code


def _after(end: float | None, start: float) -> float | None:
    return None if end is None else end - start


def _left(stack: Stack, graceful: bool) -> Leaving:
    with (
        serving(stack, graceful=graceful) as server,
        Prober(ACCESS) as prober,
        ThreadPoolExecutor(2) as side_by_side,
    ):
        url, ears, ready, exited = server.url(stack.path), [], [Event(), Event()], Event()
        for manners, held in zip(_manners(stack, close=False), ready, strict=True):
            ears.append(side_by_side.submit(_held, prober, url, LEFT_S, manners, held, exited))
        if not all(held.wait(10) for held in ready):
            raise ServerError(f"{stack.name}: no WebSocket was opened")
        time.sleep(_SETTLED_S)
        told = time.monotonic()
        server.process.terminate()
        try:
            ended, again = _watched(server, prober, url, ears[0], told)
        finally:
            exited.set()
        good, silent = (ear.result() for ear in ears)
    return Leaving(
        close=_code(good),
        close_s=_after(good.closed or good.gone, told),
        silent_s=_after(silent.gone, told),
        exit_s=_after(ended, told),
        again=again,
    )


def _watched(
    server: Server, prober: Prober, url: str, good: Future[Ear], told: float
) -> tuple[float | None, tuple[str, ...]]:
    """When the process has ended, and what handshakes were answered once the client was gone."""
    again, due = set(), told + _NO_ANSWER_IN_S
    while (running := server.process.poll() is None) and time.monotonic() < told + LEFT_S:
        if good.done() or time.monotonic() > due:
            again.add(_again(prober, url))
            due = time.monotonic() + _EVERY_S
        time.sleep(0.02 if time.monotonic() < told + 3 else 0.2)
    exited = None if running else time.monotonic()
    again.add(_again(prober, url))
    return exited, tuple(sorted(again))


def _again(prober: Prober, url: str) -> str:
    answer = prober.ask(url, opening(new_key()))
    if answer.failure is None:
        return str(answer.status)
    return "hangs" if answer.failure.kind == "timeout" else REFUSED
