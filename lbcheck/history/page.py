"""What history adds to the HTML report: trend lines, and what is new in this run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lbcheck.compare import Moved
from lbcheck.finding import Severity
from lbcheck.history.digest import Change, Digest, State
from lbcheck.reporters.html.history import History, Run, Turn

RUNS = 60
_MOST_TURNS = 60
_PRESENT = (State.NEW, State.OPEN, State.WORSE, State.REOPENED)


def past(digests: Sequence[Digest]) -> History:
    """Of the last runs, the newest first: the first one is what the page is about. Runs that failed
    have counted nothing and are no part of a trend."""
    judged = [digest for digest in digests if not digest.error]
    runs = tuple(_run(digest) for digest in reversed(judged))
    if len(judged) < 2:
        return History(runs)
    turns = list(_turns(judged[0]))
    return History(
        runs, tuple(turns[:_MOST_TURNS]), judged[1].time, max(0, len(turns) - _MOST_TURNS)
    )


def _run(digest: Digest) -> Run:
    return Run(
        time=digest.time,
        errors=digest.number(*_PRESENT, severity=Severity.ERROR),
        warnings=digest.number(*_PRESENT, severity=Severity.WARNING),
        infos=digest.number(*_PRESENT, severity=Severity.INFO),
        suppressed=digest.number(State.SUPPRESSED),
        unread=len(digest.unread),
    )


def _turns(digest: Digest) -> Iterator[Turn]:
    yield from map(_changed, digest.changes)
    for source in digest.unread:
        if source.new:
            yield Turn(source.status, source.source, "", source.detail)
    yield from (Turn("read again", name, "", "", bad=False) for name in digest.recovered)
    yield from map(_moved, digest.moved)


def _changed(change: Change) -> Turn:
    finding = change.finding
    before = f" (was {change.before.value})" if change.before else ""
    return Turn(
        change.state.value,
        f"{finding.code} {finding.name}{before}",
        finding.where,
        finding.message,
        bad=change.state is not State.FIXED,
    )


def _moved(target: Moved) -> Turn:
    reason = f" ({target.reason})" if target.reason else ""
    told = f"{target.before or 'not there'} -> {target.after or 'gone'}{reason}"
    return Turn("target", f"{target.pool} {target.target}", "", told, bad=target.after != "healthy")
