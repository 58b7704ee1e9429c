"""The targets of each pool by their state, for the HTML report."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from lbcheck.model import Level, Pool, Source, State, Target
from lbcheck.secret import told

_MOST_POOLS = 200
_MOST_TARGETS = 12
_GOOD = (State.HEALTHY,)
_BAD = (State.UNHEALTHY, State.DRAINING, State.DOWN)


class Share(Struct, frozen=True):
    """So many targets are in a state; `tone` is good, bad or unsure."""

    number: int
    word: str
    tone: str


class PoolHealth(Struct, frozen=True):
    """A pool and its targets; `out` are the first that take no new connections, and why."""

    name: str
    where: str
    shares: tuple[Share, ...]
    out: tuple[str, ...]
    more: int
    complete: bool
    alike: int
    """how many other pools say the same, and are not shown"""

    @property
    def bad(self) -> bool:
        return any(share.tone == "bad" for share in self.shares)


class Health(Struct, frozen=True):
    """The pools to show, those with trouble first; how many others there are, and how many
    were left out because nothing says that they carry WebSockets."""

    pools: tuple[PoolHealth, ...] = ()
    more: int = 0
    unjudged: int = 0


def health(pools: Iterable[Pool]) -> Health:
    """Of all pools that are believed to carry WebSockets."""
    every = list(pools)
    believed = [pool for pool in every if pool.belief.level >= Level.LIKELY]
    shown = sorted(map(_of, believed), key=lambda pool: not pool.bad)
    return Health(
        tuple(shown[:_MOST_POOLS]), max(0, len(shown) - _MOST_POOLS), len(every) - len(believed)
    )


def _of(pool: Pool) -> PoolHealth:
    source = pool.place.source
    out = [target for target in pool.targets if target.state not in _GOOD]
    return PoolHealth(
        name=told(pool.name),
        where=source.name,
        shares=tuple(_shares(pool.targets, source)),
        out=tuple(_line(target) for target in out[:_MOST_TARGETS]),
        more=max(0, len(out) - _MOST_TARGETS),
        complete=pool.complete,
        alike=pool.alike - 1,
    )


def _shares(targets: Iterable[Target], source: Source) -> Iterable[Share]:
    counts: dict[State, int] = {}
    for target in targets:
        counts[target.state] = counts.get(target.state, 0) + 1
    for state in State:
        if state in counts:
            tone = "good" if state in _GOOD else "bad" if state in _BAD else "unsure"
            yield Share(counts[state], state.of(source), tone)


def _line(target: Target) -> str:
    state = target.state.value
    reason = f" ({target.reason})" if target.reason not in ("", state) else ""
    return told(f"{target.name}: {state}{reason}")
