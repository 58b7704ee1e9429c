"""A digest: what one run of `lbcheck report` has to tell, for people and for senders alike.

It stands by itself (nothing in it leads to a file or a database), so that it can be stored, told
again after a run that was cut short, and sent by any channel. Text in it comes from configurations:
secrets are masked already, control characters are not, so whoever shows it escapes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

import msgspec
from msgspec import Struct

from lbcheck.compare import Moved
from lbcheck.finding import Severity

SCHEMA = "lbcheck-report/1"


class State(Enum):
    """What a finding is in a run, compared with the runs before it."""

    NEW = "new"
    OPEN = "open"
    """told before, and still there"""
    WORSE = "worse"
    """told before with a lower severity"""
    FIXED = "fixed"
    REOPENED = "reopened"
    """it was fixed or suppressed, and is back"""
    UNKNOWN = "unknown"
    """not seen, but what it is about could not be read: it may still be there"""
    SUPPRESSED = "suppressed"


ALARMING = (State.NEW, State.WORSE, State.REOPENED)
TOLD = (*ALARMING, State.FIXED)
"""the changes that a run speaks of"""


class Reason(Enum):
    """Why a run speaks. A run without a reason is silent."""

    CHANGE = "change"
    """a finding is new, worse, reopened or fixed"""
    FAILURE = "failure"
    """something cannot be read, or the run itself failed, and did not in the run before"""
    RECOVERY = "recovery"
    """what could not be read is read again, or a run succeeds again"""
    REMINDER = "reminder"
    """nothing was told for a while, and something is open or unread"""


class Remembered(Struct, frozen=True):
    """A finding as history keeps it. Times are RFC 3339 in UTC; `line` counts from 1.

    `path` is the name of its source, `resource` the ARN or name of what has no file; `seen`
    is when it was seen for the first time; `alike` are the fingerprints of what was merged into it.
    """

    fingerprint: str
    code: str
    name: str
    severity: Severity
    confidence: str
    message: str
    path: str
    line: int | None = None
    column: int | None = None
    resource: str | None = None
    address: str | None = None
    seen: str = ""
    alike: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """`edge/chat.conf:14:7`, or `aws:eu-west-1 arn:aws:...` where there is no text."""
        if self.line is not None:
            return f"{self.path}:{self.line}:{self.column}"
        return f"{self.path} {self.resource}" if self.resource else self.path


class Change(Struct, frozen=True):
    """A finding that is not what it was. `before`: its severity then, where it is worse now."""

    state: State
    finding: Remembered
    before: Severity | None = None


class Unread(Struct, frozen=True):
    """A source that could not be read, or not whole: `partial` or `unread`, and since when.

    `new`: the run before could read it, or failed to for another reason.
    """

    source: str
    kind: str
    status: str
    detail: str
    since: str
    new: bool = False


class Count(Struct, frozen=True):
    """How many findings of a severity are in a state."""

    state: State
    severity: Severity
    number: int


class Digest(Struct, frozen=True, kw_only=True):
    """One run. `reasons` is empty where there is nothing to say.

    `run` numbers grow, whatever the clock does; `time` is RFC 3339 in UTC. `changes` are those of
    TOLD, the most severe first; `open` is what was open before and is still, for a reminder;
    `recovered` names sources that are read again. `error`: why the run itself failed; then it has
    judged nothing and the rest is empty.
    """

    schema: str = SCHEMA
    version: str
    run: int
    time: str
    exit_code: int
    reasons: tuple[Reason, ...] = ()
    headline: str = ""
    changes: tuple[Change, ...] = ()
    open: tuple[Remembered, ...] = ()
    counts: tuple[Count, ...] = ()
    unread: tuple[Unread, ...] = ()
    recovered: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()
    error: str = ""

    def of(self, state: State) -> Iterator[Change]:
        """The changes to one state."""
        return (change for change in self.changes if change.state is state)

    def number(self, *states: State, severity: Severity | None = None) -> int:
        """How many findings are in these states, of one severity or of all."""
        return sum(
            count.number
            for count in self.counts
            if count.state in states and severity in (None, count.severity)
        )

    def encoded(self) -> bytes:
        """The digest as JSON in one line of ASCII; the same bytes for the same digest."""
        from json import dumps

        return dumps(msgspec.to_builtins(self), separators=(",", ":")).encode()


def decoded(data: bytes | str) -> Digest:
    """A digest from its JSON. Raises: msgspec.MsgspecError for anything else."""
    return msgspec.json.decode(data, type=Digest)


def headline(
    changes: Iterable[Change],
    unread: Iterable[Unread],
    recovered: Iterable[str],
    still_open: int,
    error: str = "",
    unknown: int = 0,
) -> str:
    """The run in one line: `2 new (1 error), 1 fixed; 1 source cannot be read; 4 open before`."""
    if error:
        return f"the run failed: {error}"
    parts = [", ".join(_told(list(changes)))]
    failing = len(list(unread))
    parts.append(f"{_sources(failing)} cannot be read" if failing else "")
    back = len(list(recovered))
    parts.append(f"{_sources(back)} can be read again" if back else "")
    parts.append(f"{still_open} open before" if still_open else "")
    parts.append(f"{unknown} unknown" if unknown else "")
    return "; ".join(part for part in parts if part) or "nothing is open"


def _told(changes: list[Change]) -> Iterator[str]:
    for state in TOLD:
        found = [change.finding for change in changes if change.state is state]
        errors = sum(finding.severity is Severity.ERROR for finding in found)
        aside = f" ({errors} error{'s' if errors > 1 else ''})" if errors else ""
        if found:
            yield f"{len(found)} {state.value}{aside}"


def _sources(number: int) -> str:
    return "1 source" if number == 1 else f"{number} sources"
