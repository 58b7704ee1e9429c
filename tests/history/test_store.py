"""The file of the history: older, newer, foreign, damaged, full, shared."""

import contextlib
import os
import pathlib
import resource
import shutil
import sqlite3
import subprocess
import sys

import pytest

from lbcheck.errors import StateError
from lbcheck.history import schema
from lbcheck.history.digest import State
from lbcheck.history.state_folder import HISTORY, chosen
from lbcheck.history.store import Store
from tests.history.conftest import BAD, GOOD, JUDGED, QUARTER, START, Report

OLD = pathlib.Path(__file__).parent / "schema-1.db"
"""written by the first lbcheck that had a history: a finding that was new, fixed and reopened, the
last of it not told"""


def shape(path: pathlib.Path) -> list[tuple[str, ...]]:
    database = sqlite3.connect(path)
    rows = database.execute("SELECT type, name, tbl_name FROM sqlite_master ORDER BY 1, 2")
    return rows.fetchall()


def test_an_older_history_is_migrated_and_goes_on(tmp_path: pathlib.Path) -> None:
    path = tmp_path / HISTORY
    shutil.copy(OLD, path)
    store = Store(str(tmp_path))
    memory = store.memory()
    assert (memory.run, memory.time) == (3, 1_794_991_800)
    assert [known.state for known in memory.findings.values()] == [State.REOPENED]
    assert [event.run for event in store.pending(START)] == [3]
    assert len(store.digests(10)) == 3
    store.close()
    (tmp_path / "new").mkdir()
    Store(str(tmp_path / "new")).close()
    assert shape(path) == shape(tmp_path / "new" / HISTORY)
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)


def test_a_migration_that_is_cut_short_leaves_the_older_history(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / HISTORY
    shutil.copy(OLD, path)
    before = shape(path)
    monkeypatch.setattr(schema, "_STEPS", {1: f"{schema._STEPS[1]}CREATE TABLE runs (id);\n"})
    with pytest.raises(StateError, match="table runs already exists"):
        Store(str(tmp_path))
    assert shape(path) == before


def said(tmp_path: pathlib.Path) -> str:
    with pytest.raises(StateError) as caught:
        Store(str(tmp_path)).memory()
    return str(caught.value)


def test_a_newer_history_is_refused(tmp_path: pathlib.Path) -> None:
    path = tmp_path / HISTORY
    Store(str(tmp_path)).close()
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    database.close()
    before = path.read_bytes()
    assert said(tmp_path) == (
        f"{path}: was written by a newer lbcheck (schema {schema.VERSION + 1}, this one knows "
        f"{schema.VERSION}): use that one, or another --state"
    )
    assert path.read_bytes() == before


def test_a_foreign_file_is_refused(tmp_path: pathlib.Path) -> None:
    path = tmp_path / HISTORY
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE runs (id)")
    database.close()
    assert said(tmp_path) == f"{path}: is no history of lbcheck: choose another --state"


@pytest.mark.parametrize("what", ["text", "header", "middle", "short", "content"])
def test_a_damaged_history_is_named_and_left_alone(tmp_path: pathlib.Path, what: str) -> None:
    path = tmp_path / HISTORY
    shutil.copy(OLD, path)
    Store(str(tmp_path)).close()
    data = bytearray(path.read_bytes())
    match what:
        case "text":
            data = bytearray(b"this is no database, it was overwritten by somebody\n" * 20)
        case "header":
            data[0:16] = b"\0" * 16
        case "middle":
            data[4096:16384] = os.urandom(12288)
        case "short":
            data = data[: len(data) // 2]
        case "content":
            at = data.index(b'{"finding":{')
            data[at : at + 5] = b'["fin'
    path.write_bytes(data)
    told = said(tmp_path)
    assert told.startswith(f"{path}: is damaged (")
    assert told.endswith(
        "restore a copy, or move it away to begin a new history; it was not changed"
    )
    assert path.read_bytes() == data


def test_a_file_that_was_made_and_not_filled_is_a_new_history(tmp_path: pathlib.Path) -> None:
    (tmp_path / HISTORY).touch()
    store = Store(str(tmp_path))
    assert store.memory().run == 0


@pytest.mark.parametrize("limit", range(4096, 57344, 4096))
def test_a_full_disk_stores_nothing_and_says_so(
    home: pathlib.Path, report: Report, limit: int
) -> None:
    (home / "conf/a.conf").write_text(GOOD)
    (home / "conf/b.conf").write_text(BAD)
    report()
    (home / "conf/a.conf").write_text(BAD)
    history = home / "state/history.db"
    before = dump(history)
    command = [sys.executable, "-m", "lbcheck", "report", "conf", *JUDGED, "--state", "state"]
    done = subprocess.run(
        [*command, "--now", str(START + QUARTER)],
        cwd=home,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    if limit <= 8192 or done.returncode != 1:
        assert done.returncode == 2
        assert done.stdout == ""
        assert "state/history.db: cannot be written (" in done.stderr
        assert done.stderr.endswith("nothing was stored; is the disk full?\n")
        assert dump(history) == before
        assert report(at=2 * QUARTER).lines == ["new error[LB301]"]
    else:
        assert (done.returncode, "new" in done.stdout, done.stderr) == (1, True, "")


def dump(path: pathlib.Path) -> list[str]:
    database = sqlite3.connect(path)
    return list(database.iterdump())


def test_a_state_folder_that_cannot_be_written_is_named(home: pathlib.Path, report: Report) -> None:
    (home / "conf/a.conf").write_text(BAD)
    (home / "state").write_text("a file")
    done = report()
    assert (done.code, done.out) == (2, "")
    assert done.err == "lbcheck: state: the state folder cannot be made: File exists\n"


@pytest.mark.parametrize(
    ("given", "environment", "folder"),
    [
        ("here", {"STATE_DIRECTORY": "/var/lib/lbcheck"}, "here"),
        (None, {"STATE_DIRECTORY": "/var/lib/lbcheck:/var/lib/other"}, "/var/lib/lbcheck"),
        (None, {"XDG_STATE_HOME": "/home/me/state"}, "/home/me/state/lbcheck"),
        (None, {"XDG_STATE_HOME": "relative"}, os.path.expanduser("~/.local/state/lbcheck")),
        (None, {}, os.path.expanduser("~/.local/state/lbcheck")),
    ],
)
def test_where_the_history_is(given: str | None, environment: dict[str, str], folder: str) -> None:
    assert chosen(given, environment) == folder


@pytest.mark.parametrize(
    ("spoil", "asked"),
    [
        ("UPDATE changes SET state = 'odd'", ("diff", "1", "2")),
        ("UPDATE runs SET digest = '['", ("show", "1")),
        ("UPDATE runs SET digest = '{}'", ("history",)),
        ("UPDATE outbox SET payload = '{'", ()),
        ("UPDATE findings SET known = '{}'", ()),
        ("UPDATE sources SET circle = '1'", ()),
    ],
)
def test_whatever_stands_in_a_row_is_no_crash(
    home: pathlib.Path, spoil: str, asked: tuple[str, ...]
) -> None:
    (home / "conf/site.conf").write_text(BAD)
    (home / "state").mkdir()
    shutil.copy(OLD, home / "state/history.db")
    with contextlib.closing(sqlite3.connect(home / "state/history.db")) as database, database:
        database.execute(spoil)
    command = [sys.executable, "-m", "lbcheck", "report", *asked, "--state", "state"]
    done = subprocess.run([*command, *([] if asked else ["conf"])],
                          cwd=home, capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("lbcheck: state/history.db: is damaged (")


def test_a_folder_may_be_a_link_and_what_is_in_it_may_not(
    home: pathlib.Path, report: Report
) -> None:
    """systemd's DynamicUser= makes /var/lib/NAME a link."""
    (home / "conf/site.conf").write_text(BAD)
    (home / "private").mkdir()
    (home / "state").symlink_to("private")
    assert report().code == 1
    assert sorted(os.listdir(home / "private")) == ["history.db", "lock"]
    for name in ("history.db", "lock"):
        (home / "private" / name).rename(home / name)
        (home / "private" / name).symlink_to(home / name)
        done = report(at=QUARTER)
        assert (done.code, done.out) == (2, "")
        assert done.err.endswith("Too many levels of symbolic links\n")
