"""What a drain rehearsal saw, and what follows from it. Values only, no socket and no clock."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from lbcheck.probe.comeback import Manner
from lbcheck.probe.frames import End, How

_BURST_S = 0.1


class Attempt(Struct):
    """One handshake of one client and, after a 101, how long its WebSocket lasted.

    at_s, opened_s, ended_s: since the rehearsal began; said: the status, or why there is none
    ("health": the endpoint that was asked before said no, in `healthy`); node: the instance that
    answered, where it told; end: None while the WebSocket is open; final: after this one the
    client stays away.
    """

    client: int
    at_s: float
    said: int | str
    healthy: bool | None = None
    node: str | None = None
    opened_s: float = 0.0
    end: End | None = None
    ended_s: float = math.inf
    final: bool = False

    @property
    def opened(self) -> bool:
        return self.said == 101


class Away(Struct, frozen=True):
    """A client without a WebSocket at the end: its last attempt, and since when."""

    last: Attempt
    for_s: float


class Ran(Struct, frozen=True):
    """The command that drained. `code`: None where it was still running at the end."""

    shown: str
    code: int | None
    output: str = ""


class Rehearsal(Struct, frozen=True, dict=True):
    """So many clients held WebSockets for so long, and came back in their manner.

    automatic: do the usual clients come back by themselves? named: were instances to be told
    apart? began_s: when all were held and something could be
    drained; ran: the command that drained, if there was one.
    """

    window_s: float
    clients: int
    manner: Manner
    attempts: tuple[Attempt, ...]
    automatic: bool = True
    named: bool = False
    began_s: float = 0.0
    ran: Ran | None = None

    @cached_property
    def ways(self) -> tuple[tuple[Attempt, ...], ...]:
        """The attempts of each client, in order."""
        found: dict[int, list[Attempt]] = {}
        for attempt in self.attempts:
            found.setdefault(attempt.client, []).append(attempt)
        return tuple(tuple(way) for way in found.values())

    @property
    def firsts(self) -> list[Attempt]:
        """The handshakes before anything was drained."""
        return [way[0] for way in self.ways]

    @property
    def returns(self) -> list[Attempt]:
        """The handshakes of clients that had lost a WebSocket."""
        return [attempt for way in self.ways for attempt in way[1:]]

    @property
    def held(self) -> Counter[str]:
        """How many WebSockets each instance held at first."""
        return Counter(each.node or "" for each in self.firsts if each.opened)

    @property
    def ended(self) -> list[Attempt]:
        """The WebSockets that the other side ended, in the order of time."""
        ended = [each for each in self.attempts if each.end is not None]
        return sorted(ended, key=lambda each: each.ended_s)

    @property
    def ends(self) -> Counter[End]:
        """How they ended, whatever reasons were given."""
        return Counter(End(each.end.how, each.end.code) for each in self.ended if each.end)

    @property
    def frameless(self) -> list[Attempt]:
        """Those that ended without a close frame."""
        return [each for each in self.ended if each.end and each.end.how is not How.CLOSE_FRAME]

    @cached_property
    def left(self) -> dict[str, float]:
        """The instances that have sent clients away, and since when."""
        left: dict[str, float] = {}
        for each in self.ended:
            if each.node is not None:
                left.setdefault(each.node, each.ended_s)
        return left

    @cached_property
    def landings(self) -> list[Attempt]:
        """The returns to an instance that had sent clients away, and sent this one away, too."""
        return [each for each in self._back_there() if each.end is not None]

    @property
    def stayed(self) -> list[Attempt]:
        """Those that are still open there: it may have come back meanwhile."""
        return [each for each in self._back_there() if each.end is None]

    def _back_there(self) -> Iterator[Attempt]:
        for each in self.returns:
            if each.opened and self.left.get(each.node or "", math.inf) <= each.opened_s:
                yield each

    @cached_property
    def gaps(self) -> list[float]:
        """The seconds that clients were without a WebSocket that is of use, in growing order."""
        spans = (span for spans in self._lost for span in spans)
        return sorted(back_s - lost_s for lost_s, back_s in spans if back_s is not None)

    @cached_property
    def _lost(self) -> list[list[tuple[float, float | None]]]:
        useless = {id(each) for each in self.landings}
        return [list(_spans(way, useless)) for way in self.ways]

    def gap(self, part: float) -> float | None:
        """The gap that so large a part of them does not exceed; None where there is none."""
        if not self.gaps:
            return None
        return self.gaps[max(0, math.ceil(part * len(self.gaps)) - 1)]

    @property
    def away(self) -> list[Away]:
        """The clients that lost their WebSocket and have none now."""
        end_s = self.began_s + self.window_s
        return [
            Away(way[-1], end_s - spans[-1][0])
            for way, spans in zip(self.ways, self._lost, strict=True)
            if spans and spans[-1][1] is None
        ]

    @property
    def refusals(self) -> Counter[int | str]:
        """What returning clients were answered instead of 101."""
        asked = (each for each in self.returns if each.healthy is not False)
        return Counter(each.said for each in asked if not each.opened)

    @property
    def health(self) -> tuple[int, int]:
        """How often the health endpoint was asked before a return, and how often it said no."""
        answers = [each.healthy for each in self.returns if each.healthy is not None]
        return len(answers), answers.count(False)

    @property
    def peak(self) -> int:
        """The most returns within 100 ms: the herd."""
        times = sorted(each.at_s for each in self.returns)
        first = most = 0
        for last, at_s in enumerate(times):
            while at_s - times[first] > _BURST_S:
                first += 1
            most = max(most, last - first + 1)
        return most


def _spans(way: tuple[Attempt, ...], useless: set[int]) -> Iterator[tuple[float, float | None]]:
    """When a client lost its WebSocket, and when it had one again (None: never)."""
    lost_s: float | None = None
    for each in way:
        if lost_s is not None and each.opened and id(each) not in useless:
            yield lost_s, each.opened_s
            lost_s = None
        if lost_s is None and each.end is not None:
            lost_s = each.ended_s
    if lost_s is not None:
        yield lost_s, None
