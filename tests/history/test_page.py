"""The HTML page of a scheduled run: what has changed, and a line through the last runs."""

import pathlib

from lbcheck.compare import Moved
from lbcheck.finding import Severity
from lbcheck.history.digest import Change, Count, Digest, Reason, Remembered, State, Unread
from lbcheck.history.page import past
from lbcheck.reporters.html.history import Run, Turn
from tests.history.conftest import BAD, GOOD, QUARTER, Report
from tests.reporters.page import Element, parse

FOUND = Remembered(
    "0123", "LB301", "idle", Severity.ERROR, "certain", "cuts", "a.conf", line=1, column=2
)


def digest(run: int, **changes: object) -> Digest:
    values: dict[str, object] = {
        "version": "0",
        "run": run,
        "time": f"2026-11-{run:02}T06:00:00Z",
        "exit_code": 0,
    }
    return Digest(**(values | changes))  # type: ignore[arg-type]


def test_a_trend_counts_what_is_there_and_leaves_out_runs_that_failed() -> None:
    present = (
        Count(State.OPEN, Severity.ERROR, 2),
        Count(State.NEW, Severity.ERROR, 1),
        Count(State.FIXED, Severity.ERROR, 5),
        Count(State.WORSE, Severity.WARNING, 1),
        Count(State.SUPPRESSED, Severity.INFO, 4),
    )
    unread = (Unread("b.conf", "nginx", "unread", "why", "then"),)
    told = past([digest(3, counts=present, unread=unread), digest(2, error="no"), digest(1)])
    assert told.runs == (
        Run("2026-11-01T06:00:00Z"),
        Run("2026-11-03T06:00:00Z", errors=3, warnings=1, suppressed=4, unread=1),
    )
    assert told.since == "2026-11-01T06:00:00Z"


def test_everything_that_changed_is_a_turn() -> None:
    this = digest(
        2,
        reasons=(Reason.CHANGE,),
        changes=(
            Change(State.WORSE, FOUND, Severity.WARNING),
            Change(State.FIXED, FOUND),
        ),
        unread=(
            Unread("b.conf", "nginx", "partial", "`{` is never closed", "now", new=True),
            Unread("c.conf", "nginx", "unread", "as before", "then"),
        ),
        recovered=("d.conf",),
        moved=(
            Moved("chat", "a:1", "healthy", "draining", "why"),
            Moved("chat", "b:1", None, "healthy"),
        ),
    )
    assert past([this, digest(1)]).turns == (
        Turn("worse", "LB301 idle (was warning)", "a.conf:1:2", "cuts"),
        Turn("fixed", "LB301 idle", "a.conf:1:2", "cuts", bad=False),
        Turn("partial", "b.conf", "", "`{` is never closed"),
        Turn("read again", "d.conf", "", "", bad=False),
        Turn("target", "chat a:1", "", "healthy -> draining (why)"),
        Turn("target", "chat b:1", "", "not there -> healthy", bad=False),
    )


def test_a_flood_of_changes_is_cut_and_counted() -> None:
    told = past([digest(2, changes=(Change(State.NEW, FOUND),) * 100), digest(1)])
    assert (len(told.turns), told.more) == (60, 40)


def page(home: pathlib.Path) -> Element:
    return parse((home / "page.html").read_text("utf-8"))


def test_a_page_tells_what_changed_since_the_run_before(home: pathlib.Path, report: Report) -> None:
    config = home / "conf/a.conf"
    config.write_text(GOOD)
    report("-o", "html=page.html")
    changes = page(home).by_id("changes")
    assert "No earlier run is remembered" in changes.text
    config.write_text(BAD)
    assert report("-o", "html=page.html", at=QUARTER).lines == ["new error[LB301]"]
    root = page(home)
    [item] = root.by_id("changes").every("li")
    assert item.text.startswith("new LB301 idle-timeout-below-heartbeat ")
    assert "cuts after 5s of silence" in item.text
    labels = [svg["aria-label"] for svg in root.every("svg")]
    assert labels[0] == "errors in the last 2 runs: 0, 1"
    assert report("-o", "html=page.html", at=2 * QUARTER).out == ""
    assert "Nothing has changed." in page(home).by_id("changes").text
