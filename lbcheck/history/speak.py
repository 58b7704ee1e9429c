"""Decide whether a run speaks, of what, and with which exit code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from msgspec import Struct

from lbcheck import __version__
from lbcheck.finding import Severity
from lbcheck.history.compare import Outcome, lasting
from lbcheck.history.digest import (
    ALARMING,
    Count,
    Digest,
    Reason,
    Remembered,
    State,
    headline,
)
from lbcheck.history.memory import Known, Memory, Seen
from lbcheck.history.moment import rfc3339

FOUND, INCOMPLETE, BUG = 1, 3, 4


class Manner(Struct, frozen=True):
    """How a person wants to hear of it. `remind_s` None: never; `fail_on` None: nothing fails."""

    fail_on: Severity | None = Severity.ERROR
    remind_s: float | None = 86400.0


def judged(
    memory: Memory, seen: Seen, outcome: Outcome, manner: Manner, *, crashed: bool = False
) -> Digest:
    """The digest of a run that could judge."""
    open_ = _of(outcome.findings, State.OPEN)
    pressing = any(_fails(finding, manner) for finding in open_) or bool(outcome.unread)
    reminds = pressing and _due(memory, seen.time, manner)
    reasons = (
        (Reason.CHANGE, bool(outcome.changes)),
        (Reason.FAILURE, any(source.new for source in outcome.unread)),
        (Reason.RECOVERY, bool(outcome.recovered or memory.error)),
        (Reason.REMINDER, reminds),
    )
    return Digest(
        version=__version__,
        run=seen.run,
        time=rfc3339(seen.time),
        exit_code=_exit_code(outcome, manner, crashed),
        reasons=tuple(reason for reason, so in reasons if so),
        headline=headline(
            outcome.changes,
            outcome.unread,
            outcome.recovered,
            len(open_),
            unknown=len(_of(outcome.findings, State.UNKNOWN)),
        ),
        changes=outcome.changes,
        open=tuple(sorted(open_, key=_order)) if reminds else (),
        counts=tuple(_counts(outcome)),
        unread=outcome.unread,
        recovered=outcome.recovered,
        moved=outcome.moved,
    )


def failed(memory: Memory, time: int, error: str, exit_code: int, manner: Manner) -> Digest:
    """The digest of a run that could not judge. It speaks once, and then at each reminder."""
    news = lasting(error) != lasting(memory.error)
    reminds = not news and _due(memory, time, manner)
    reasons = [Reason.FAILURE] * news + [Reason.REMINDER] * reminds
    return Digest(
        version=__version__,
        run=memory.run + 1,
        time=rfc3339(time),
        exit_code=exit_code,
        reasons=tuple(reasons),
        headline=headline((), (), (), 0, error),
        error=error,
    )


def _order(finding: Remembered) -> tuple[int, str, int, str]:
    return -finding.severity.rank, finding.path, finding.line or 0, finding.fingerprint


def _of(findings: Mapping[str, Known], *states: State) -> list[Remembered]:
    return [known.finding for known in findings.values() if known.state in states]


def _due(memory: Memory, time: int, manner: Manner) -> bool:
    """Is it time for a reminder? A clock that was set far back or forth makes it so, too, rather
    than silence it for years."""
    if manner.remind_s is None or not memory.run:
        return False
    return abs(time - memory.reminded) >= manner.remind_s


def _fails(finding: Remembered, manner: Manner) -> bool:
    return manner.fail_on is not None and finding.severity.rank >= manner.fail_on.rank


def _exit_code(outcome: Outcome, manner: Manner, crashed: bool) -> int:
    if crashed:
        return BUG
    alarming = (change for change in outcome.changes if change.state in ALARMING)
    if any(_fails(change.finding, manner) for change in alarming):
        return FOUND
    return INCOMPLETE if outcome.unread else 0


def _counts(outcome: Outcome) -> Iterator[Count]:
    """Every state of what is there or may be, and what was fixed in this run."""
    lasting = (state for state in State if state is not State.FIXED)
    fixed = [c.finding for c in outcome.changes if c.state is State.FIXED]
    groups = chain(
        ((state, _of(outcome.findings, state)) for state in lasting), [(State.FIXED, fixed)]
    )
    for state, group in groups:
        for severity in Severity:
            number = sum(finding.severity is severity for finding in group)
            if number:
                yield Count(state, severity, number)
