"""What the runs before have left behind, as values.

Times are seconds since 1970. Order is always that of the runs' numbers: clocks step.
"""

from __future__ import annotations

from msgspec import Struct

from lbcheck.compare import Spot
from lbcheck.history.digest import Remembered, State

READ = "read"
GAP_S = 3600


class Known(Struct, frozen=True):
    """A finding, and how it stood after the last run.

    `last_run` saw it last, and was asked `question`. `kind` is that of its source, `circle` names
    the sources that decide together with its own what is true of it; empty: not known.
    """

    finding: Remembered
    state: State
    first_run: int
    last_run: int
    last_time: int
    question: str
    kind: str
    circle: tuple[str, ...] = ()


class KnownSource(Struct, frozen=True):
    """A source, and the run from which on it is as it is. `detail`: a line for each trouble."""

    name: str
    kind: str
    status: str
    detail: str
    since_run: int
    since_time: int
    circle: tuple[str, ...] = ()


class KnownTarget(Struct, frozen=True):
    """The state of a target, and the run from which on it is seen in that state without a gap."""

    state: str
    reason: str
    since_run: int
    since_time: int
    last_time: int

    def goes_on(self, now: int) -> bool:
        """Is what is seen now what was seen then? A target that drains a day later may well have
        been back in between, and a clock that was set back tells nothing."""
        return 0 <= now - self.last_time <= GAP_S


class Memory(Struct, frozen=True):
    """Everything a run must know of those before it. Without a run before, `run` is 0.

    `time` and `error` are of the last run; `reminded`: when all that is open was told last;
    `judged`: when a run succeeded last, None: never.
    """

    run: int = 0
    time: int = 0
    error: str = ""
    reminded: int = 0
    judged: int | None = None
    findings: dict[str, Known] = {}
    sources: dict[str, KnownSource] = {}
    targets: dict[Spot, KnownTarget] = {}


class Seen(Struct, frozen=True):
    """What one run saw. `question` stands for what it was asked: other paths, another question.

    `kinds` and `circles` of sources by their name; `unfinished`: pools whose targets are not all
    known, as source and name.
    """

    run: int
    time: int
    question: str
    findings: tuple[Remembered, ...] = ()
    suppressed: tuple[Remembered, ...] = ()
    sources: tuple[KnownSource, ...] = ()
    targets: dict[Spot, tuple[str, str]] = {}
    unfinished: frozenset[tuple[str, str]] = frozenset()
