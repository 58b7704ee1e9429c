"""What changed between two audits of the same thing: findings by fingerprint, targets by state."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from enum import Enum

from msgspec import Struct

from lbcheck.finding import Finding
from lbcheck.model import Pool


class Change(Enum):
    NEW = "new"
    WORSE = "worse"
    """told before with a lower severity"""
    BETTER = "better"
    FIXED = "fixed"
    UNKNOWN = "unknown"
    """not told any more, but not everything could be read: it may still be there"""


class Changed(Struct, frozen=True):
    """A finding that is not as it was: the newer one, or the old one where it is fixed."""

    change: Change
    finding: Finding


class Moved(Struct, frozen=True):
    """A target whose state is another one. None: it was not there."""

    pool: str
    target: str
    before: str | None
    after: str | None
    reason: str = ""


def findings(
    before: Iterable[Finding], after: Iterable[Finding], *, complete: bool
) -> list[Changed]:
    """What is new, worse or better, in the order of `after`; then what is fixed.

    Args: complete: everything was read for `after`. If not, nothing counts as fixed.
    """
    old = {finding.fingerprint: finding for finding in before}
    changed = []
    for finding in after:
        known = old.pop(finding.fingerprint, None)
        if known is None:
            changed.append(Changed(Change.NEW, finding))
        elif known.severity.rank != finding.severity.rank:
            worse = finding.severity.rank > known.severity.rank
            changed.append(Changed(Change.WORSE if worse else Change.BETTER, finding))
    gone = Change.FIXED if complete else Change.UNKNOWN
    return changed + [Changed(gone, finding) for finding in old.values()]


def targets(before: Iterable[Pool], after: Iterable[Pool]) -> list[Moved]:
    """Targets that came, went or changed their state, by pool and name.

    Of pools whose targets are known on both sides; what was not read has not gone.
    """
    old_pools, new_pools = list(before), list(after)
    unread = {pool.name for pool in (*old_pools, *new_pools) if not pool.complete}
    old, new = _states(old_pools, unread), _states(new_pools, unread)
    moved = []
    for key in sorted({*old, *new}):
        was, now = old.get(key), new.get(key)
        state, reason = now or (None, "")
        if (was and was[0]) != state:
            moved.append(Moved(*key, was and was[0], state, reason))
    return moved


def _states(
    pools: Iterable[Pool], unread: Container[str]
) -> Mapping[tuple[str, str], tuple[str, str]]:
    return {
        (pool.name, target.name): (target.state.value, target.reason)
        for pool in pools
        if pool.name not in unread
        for target in pool.targets
    }
