"""The idle ladder: sockets with different ping intervals side by side, in one window of time.

The silent one tells the idle timeout, the others the longest interval that keeps a connection. No
search is needed: a cut depends on nothing but the silence before it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from threading import Event
from typing import Protocol

from msgspec import Struct

from lbcheck.probe.frames import End, Talk
from lbcheck.probe.handshake import Answer, Request, new_key, opening
from lbcheck.probe.result import Rung

_SLICE_S = 0.5
_AT_MOST = 9
_SHORT_S = 20.0
LONGEST_S = 900.0
"""an idle timeout that is waited for where nobody said how long"""
_USUAL_S = (5, 10, 15, 20, 25, 30, 45, 50, 55, 59, 65, 90, 110, 170, 290, 340, 590, 890, 1790, 3590)


class Line(Protocol):
    """A connection after its 101."""

    def receive(self, within_s: float) -> bytes | End | None: ...

    def send(self, data: bytes) -> End | None: ...


class Holder(Protocol):
    """Whoever opens connections."""

    def hold(
        self, url: str, request: Request
    ) -> AbstractContextManager[tuple[Answer, Line | None]]: ...


def window(timeouts_s: Sequence[float]) -> float | None:
    """How long to hold so that each of these timeouts is seen; None: none can be waited for."""
    waited = [each for each in timeouts_s if each <= LONGEST_S]
    return float(math.ceil(max(waited) * 11 / 10 + 5)) if waited else None


def intervals(window_s: float) -> tuple[float, ...]:
    """Ping intervals worth trying in a window: those in use, and fractions of a short one."""
    if window_s < _SHORT_S:
        return tuple(round(window_s * part, 2) for part in (0.2, 0.4, 0.6, 0.8))
    return tuple(float(each) for each in _USUAL_S if each < window_s)[-_AT_MOST:]


class Foot(Struct, frozen=True):
    """Where one socket is held: at a URL, asked for by a name, with a ping now and then or none.

    deaf: pings of the service get no pong.
    """

    url: str
    ping_s: float | None = None
    host: str | None = None
    deaf: bool = False


def climb(
    holder: Holder,
    feet: Sequence[Foot],
    window_s: float,
    subprotocols: tuple[str, ...] = (),
    shown: Callable[[float], None] = lambda elapsed_s: None,
) -> tuple[Rung, ...]:
    """Hold a socket for each until the window ends.

    Args: shown: is called with the seconds that have passed, again and again.
    """
    stop = Event()
    started = time.monotonic()
    with ThreadPoolExecutor(len(feet)) as side_by_side:
        try:
            rungs: list[Future[Rung]] = [
                side_by_side.submit(_rung, holder, foot, window_s, subprotocols, stop)
                for foot in feet
            ]
            while wait(rungs, _SLICE_S).not_done:
                shown(time.monotonic() - started)
        finally:
            stop.set()
    return tuple(rung.result() for rung in rungs)


def _rung(
    holder: Holder, foot: Foot, window_s: float, subprotocols: tuple[str, ...], stop: Event
) -> Rung:
    request = opening(new_key(), subprotocols=subprotocols, host=foot.host)
    with holder.hold(foot.url, request) as (answer, line):
        if line is None:
            return Rung(foot.ping_s, refused=answer)
        return _held(line, foot, window_s, stop)


def _held(line: Line, foot: Foot, window_s: float, stop: Event) -> Rung:
    talk, ping_s, end, beats = Talk(deaf=foot.deaf), foot.ping_s, None, []
    started = last = time.monotonic()
    finish, due = started + window_s, started + (ping_s or math.inf)
    silent_s, sent = 0.0, 0
    while end is None and (now := time.monotonic()) < finish and not stop.is_set():
        if now >= due:
            end, due, sent = line.send(talk.ping()), due + (ping_s or 0), sent + 1
            continue
        heard = line.receive(min(due, finish, now + _SLICE_S) - now)
        silent_s = time.monotonic() - last
        if isinstance(heard, bytes):
            known, last = talk.pings, time.monotonic()
            gone = line.send(talk.take(heard))
            end = talk.end or gone
            beats += [last] * (talk.pings > known)
        else:
            end = heard
    lasted_s = time.monotonic() - started
    line.send(talk.goodbye() if end is None else b"")
    beat_s = (beats[-1] - beats[0]) / (len(beats) - 1) if len(beats) > 1 else None
    return Rung(
        ping_s,
        end=end,
        lasted_s=lasted_s,
        silent_s=silent_s,
        sent=sent,
        pongs=talk.pongs,
        beats=len(beats),
        beat_s=beat_s,
    )
