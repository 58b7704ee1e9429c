"""Digests to tell: what every test of a channel starts from."""

from lbcheck.compare import Moved
from lbcheck.finding import Severity
from lbcheck.history.digest import Change, Digest, Reason, Remembered, State, Unread

HOSTILE = "<!channel> @everyone **b** [x](http://e) \x1b[31m\u202e `c` & <b>"


def remembered(message: str, severity: Severity = Severity.ERROR) -> Remembered:
    return Remembered(
        "f1", "LB301", "idle", severity, "certain", message, "edge/a.conf", line=3, column=5,
        seen="2026-11-20T07:00:00Z",
    )  # fmt: skip


def digest(*messages: str) -> Digest:
    """Run 7 with a new error for each message."""
    return Digest(
        version="0.1.0",
        run=7,
        time="2026-11-23T07:00:00Z",
        exit_code=1,
        reasons=(Reason.CHANGE,),
        headline=f"{len(messages)} new ({len(messages)} error)",
        changes=tuple(Change(State.NEW, remembered(message)) for message in messages),
    )


FULL = Digest(
    version="0.1.0",
    run=8,
    time="2026-11-23T07:15:00Z",
    exit_code=3,
    headline="1 worse (1 error), 1 fixed; 1 source cannot be read",
    changes=(
        Change(State.WORSE, remembered("cuts"), Severity.INFO),
        Change(State.FIXED, remembered("was cut", Severity.WARNING)),
    ),
    open=(remembered("stays", Severity.INFO),),
    unread=(Unread("aws:eu-west-1", "aws", "unread", "denied\nexpired", "", True),),
    recovered=("edge/b.conf",),
    moved=(Moved("chat", "i-1", "healthy", "draining"), Moved("chat", "i-2", None, "healthy")),
)
