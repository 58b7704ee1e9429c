"""What changed over several runs: the states of findings after one run and after a later one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lbcheck.history.digest import TOLD, Change, State
from lbcheck.history.memory import Known

_THERE = (State.NEW, State.OPEN, State.WORSE, State.REOPENED)


def between(
    before: Mapping[str, State], after: Mapping[str, State], known: Mapping[str, Known]
) -> list[Change]:
    """Each finding that stands otherwise after the second run, as it was seen last; new first."""
    changes = [
        Change(state, known[fingerprint].finding)
        for fingerprint, state in _turns(before, after)
        if fingerprint in known
    ]
    return sorted(changes, key=_order)


def _turns(before: Mapping[str, State], after: Mapping[str, State]) -> Iterator[tuple[str, State]]:
    for fingerprint, now in sorted(after.items()):
        was = before.get(fingerprint)
        if now in _THERE:
            if was not in _THERE:
                yield fingerprint, State.NEW if was in (None, State.UNKNOWN) else State.REOPENED
        elif now is not was and (was, now) != (None, State.FIXED):
            yield fingerprint, now


def _order(change: Change) -> tuple[int, int, str, int, str]:
    finding = change.finding
    told = TOLD.index(change.state) if change.state in TOLD else len(TOLD)
    return told, -finding.severity.rank, finding.path, finding.line or 0, finding.fingerprint
