"""What changed between two audits of the same thing: findings by fingerprint, targets by state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from lbcheck.finding import Severity
from lbcheck.model import Pool


class Change(Enum):
    NEW = "new"
    WORSE = "worse"
    """told before with a lower severity"""
    BETTER = "better"
    FIXED = "fixed"
    UNKNOWN = "unknown"
    """not told any more, but not everything could be read: it may still be there"""


class Judged(Protocol):
    """A finding as far as a comparison looks at it."""

    @property
    def fingerprint(self) -> str: ...

    @property
    def severity(self) -> Severity: ...


F = TypeVar("F", bound=Judged)


class Changed(Struct, Generic[F], frozen=True):
    """A finding that is not as it was: the newer one, or the old one where it is fixed.

    `before`: the severity it had, where it is told with another one.
    """

    change: Change
    finding: F
    before: Severity | None = None


class Moved(Struct, frozen=True):
    """A target whose state is another one. None: it was not there."""

    pool: str
    target: str
    before: str | None
    after: str | None
    reason: str = ""

    def __str__(self) -> str:
        """`chat i-1: healthy -> draining`."""
        was, now = self.before or "not there", self.after or "gone"
        return f"{self.pool} {self.target}: {was} -> {now}"


def findings(
    before: Iterable[F], after: Iterable[F], *, unsure: Callable[[F], bool]
) -> list[Changed[F]]:
    """What is new, worse or better, in the order of `after`; then what is fixed.

    Args: unsure: may a finding be there still, though it was not told, because what it is about
    was not read? Then it does not count as fixed.
    """
    old = {finding.fingerprint: finding for finding in before}
    changed = []
    for finding in after:
        known = old.pop(finding.fingerprint, None)
        if known is None:
            changed.append(Changed(Change.NEW, finding))
        elif known.severity.rank != finding.severity.rank:
            worse = finding.severity.rank > known.severity.rank
            change = Change.WORSE if worse else Change.BETTER
            changed.append(Changed(change, finding, known.severity))
    return changed + [
        Changed(Change.UNKNOWN if unsure(finding) else Change.FIXED, finding)
        for finding in old.values()
    ]


Spot = tuple[str, str, str]
"""Source, pool and name of a target"""


def targets(before: Iterable[Pool], after: Iterable[Pool]) -> list[Moved]:
    """Targets that came, went or changed their state, by pool and name.

    Of pools whose targets are known on both sides; what was not read has not gone.
    """
    old_pools, new_pools = list(before), list(after)
    unread = {pool.name for pool in (*old_pools, *new_pools) if not pool.complete}
    return moved(
        states(pool for pool in old_pools if pool.name not in unread),
        states(pool for pool in new_pools if pool.name not in unread),
    )


def states(pools: Iterable[Pool]) -> dict[Spot, tuple[str, str]]:
    """The state of each target, and its reason."""
    return {
        (pool.place.source.name, pool.name, target.name): (
            target.state.of(pool.place.source),
            target.reason,
        )
        for pool in pools
        for target in pool.targets
    }


def moved(old: Mapping[Spot, tuple[str, str]], new: Mapping[Spot, tuple[str, str]]) -> list[Moved]:
    """What is not as it was, in the order of sources, pools and names."""
    found = []
    for spot in sorted({*old, *new}):
        was, now = old.get(spot), new.get(spot)
        state, reason = now or (None, "")
        if (was and was[0]) != state:
            found.append(Moved(spot[1], spot[2], was and was[0], state, reason))
    return found
