"""What a run has to tell: it survives being stored, and its headline says it in one line."""

import json
import pathlib
import re

import msgspec
import pytest

from lbcheck.compare import Moved
from lbcheck.finding import Severity
from lbcheck.history.digest import (
    Change,
    Count,
    Digest,
    Reason,
    Remembered,
    State,
    Unread,
    decoded,
    headline,
)


def remembered(severity: Severity = Severity.ERROR, **more: object) -> Remembered:
    return Remembered("f1", "LB301", "idle", severity, "certain", "cuts", "a.conf", **more)


FULL = Digest(
    version="0.1.0",
    run=7,
    time="2026-11-23T07:00:00Z",
    exit_code=1,
    reasons=(Reason.CHANGE, Reason.FAILURE),
    headline="1 new (1 error)",
    changes=(Change(State.NEW, remembered(line=3, column=5)),),
    open=(remembered(Severity.INFO),),
    counts=(Count(State.NEW, Severity.ERROR, 1), Count(State.OPEN, Severity.INFO, 2)),
    unread=(Unread("b.conf", "nginx", "unread", "no access", "2026-11-23T07:00:00Z", True),),
    recovered=("c.conf",),
    moved=(Moved("pool", "i-1", "healthy", None, "gone"),),
)


def test_a_digest_that_was_stored_is_the_same_digest() -> None:
    assert decoded(FULL.encoded()) == FULL
    assert FULL.encoded() == decoded(FULL.encoded()).encoded()


def test_what_is_no_digest_is_refused() -> None:
    with pytest.raises(msgspec.MsgspecError):
        decoded(b'{"run": "seven"}')


def test_findings_are_counted_by_state_and_severity() -> None:
    assert FULL.number(State.NEW, State.OPEN) == 3
    assert FULL.number(State.NEW, State.OPEN, severity=Severity.INFO) == 2
    assert FULL.number(State.FIXED) == 0


@pytest.mark.parametrize(
    ("found", "place"),
    [
        (remembered(line=3, column=5), "a.conf:3:5"),
        (remembered(resource="arn:x"), "a.conf arn:x"),
        (remembered(), "a.conf"),
    ],
)
def test_a_remembered_finding_says_where_it_was(found: Remembered, place: str) -> None:
    assert found.where == place


def test_the_headline_is_the_run_in_one_line() -> None:
    changes = [
        Change(State.FIXED, remembered()),
        Change(State.NEW, remembered()),
        Change(State.NEW, remembered(Severity.INFO)),
    ]
    assert headline(changes, FULL.unread, ("a", "b"), 4) == (
        "2 new (1 error), 1 fixed (1 error); 1 source cannot be read; "
        "2 sources can be read again; 4 open before"
    )
    assert headline([], [], [], 0) == "nothing is open"
    assert headline([], [], [], 0, unknown=2) == "2 unknown"
    assert headline(changes, [], [], 3, "the deadline passed") == (
        "the run failed: the deadline passed"
    )


def test_the_documented_digest_is_one() -> None:
    text = (pathlib.Path(__file__).parent.parent.parent / "docs/report.md").read_text()
    (block,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    digest = decoded(block)
    assert digest.number(State.NEW) == len(list(digest.of(State.NEW))) == 1
    assert set(json.loads(block)) == set(Digest.__struct_fields__)
    fields = set(json.loads(block)["changes"][0]["finding"])
    assert fields == set(Remembered.__struct_fields__)
