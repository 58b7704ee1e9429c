"""What a probe saw of one service. Values only: reporters show them, `problems` judges them."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from lbcheck.probe.diagnosis import Diagnosis
from lbcheck.probe.frames import End, How
from lbcheck.probe.handshake import Answer, Failure
from lbcheck.probe.landings import Spread
from lbcheck.probe.rehearsal import Rehearsal


class Kind(Enum):
    """Requests that are no proper handshake, and what a person calls them."""

    PLAIN = "without Upgrade"
    VERSION_12 = "version 12"
    NO_KEY = "without a key"
    FOREIGN_ORIGIN = "foreign Origin"
    RANDOM_PATH = "random path"


class Control(Struct, frozen=True):
    """The answer to a request that is no proper handshake."""

    kind: Kind
    answer: Answer


class Handshake(Struct, frozen=True):
    """The proper handshake: why a client could not use it, and the controls where it could.

    `diagnosis` is there for every answer but 101.
    """

    answer: Answer
    faults: tuple[str, ...] = ()
    diagnosis: Diagnosis | None = None
    controls: tuple[Control, ...] = ()

    @property
    def good(self) -> bool:
        return self.answer.status == 101 and not self.faults


CONNECT = "connect"
"""what a health check that only connects is called"""


class Target(Struct, frozen=True):
    """A target's health check beside a handshake with it.

    `asked`: the check's method and path; `cannot_fail`: a path that nobody has passes as well.
    """

    name: str
    asked: str
    check: Answer
    passes: bool
    cannot_fail: bool
    handshake: Handshake

    @property
    def unreached(self) -> Failure | None:
        """Why neither could be asked from here, which says nothing of the target; None: somebody
        was reached, or nobody listens."""
        check, failure = self.check.failure, self.handshake.answer.failure
        if check is None or failure is None or not (check.unreached and failure.unreached):
            return None
        return None if failure.refused else failure

    @property
    def agree(self) -> bool:
        """Do the check and the WebSocket say the same?"""
        return self.passes == self.handshake.good


class Rung(Struct, frozen=True):
    """One socket of the idle ladder, which was sent a ping every `ping_s` (None: never).

    refused: the answer, where it was no 101; end: how it was cut, None where it was open to the
    end; silent_s: how long nothing had come before that; sent, pongs: of our own pings; beats:
    pings of the service that came, `beat_s` apart.
    """

    ping_s: float | None
    refused: Answer | None = None
    end: End | None = None
    lasted_s: float = 0.0
    silent_s: float = 0.0
    sent: int = 0
    pongs: int = 0
    beats: int = 0
    beat_s: float | None = None

    @property
    def survived(self) -> bool:
        return self.refused is None and self.end is None


class Ladder(Struct, frozen=True):
    """What one window of silence and pings showed. The first rung is the silent one.

    `direct`: a silent socket at each target, without the balancer, under the target's name;
    `deaf`: a silent one that gives no pong to the service's pings.
    """

    window_s: float
    rungs: tuple[Rung, ...]
    direct: tuple[tuple[str, Rung], ...] = ()
    deaf: Rung | None = None

    @property
    def silent(self) -> Rung:
        return self.rungs[0]

    @property
    def idle_timeout_s(self) -> float | None:
        """The silence that ends a connection; None where nothing was cut, or for other reasons."""
        if self.silent.end is None or self.cut_anyway:
            return None
        return self.silent.silent_s

    @property
    def longest_safe_ping_s(self) -> float | None:
        """The longest ping interval that kept a connection open; None where none needed to."""
        if self.idle_timeout_s is None:
            return None
        kept = (rung.ping_s for rung in self.rungs if rung.survived and rung.ping_s)
        return max(kept, default=None)

    @property
    def cut_anyway(self) -> bool:
        """Was every socket cut, and not for its silence: although some were pinged before the
        silent one's time was up, or by what is no WebSocket at all?"""
        if any(rung.end is None for rung in self.rungs):
            return False
        if any(rung.end is not None and rung.end.how is How.GARBAGE for rung in self.rungs):
            return True
        return any(rung.ping_s and rung.ping_s < self.silent.silent_s for rung in self.rungs)


class Seen(Struct, frozen=True):
    """All that was seen of one URL, whose `name` has no secrets in it."""

    name: str
    handshake: Handshake
    targets: tuple[Target, ...] = ()
    ladder: Ladder | None = None
    spread: Spread | None = None
    rehearsal: Rehearsal | None = None
