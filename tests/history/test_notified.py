"""A webhook beside the runs of cron: told once, and what it missed when it is back."""

import pathlib

import pytest

from lbcheck.history.digest import State
from tests.history.conftest import BAD, GOOD, QUARTER, Report
from tests.history.hook import Hook


@pytest.fixture
def told(hook: Hook, report: Report) -> Report:
    """`lbcheck report conf` that tells the hook."""
    held = {"HOOK": f"http://127.0.0.1:{hook.server_port}/S3CRET"}
    return lambda *line, **how: report("--notify", "webhook=env:HOOK", *line, env=held, **how)


def test_what_changed_is_posted_once(home: pathlib.Path, hook: Hook, told: Report) -> None:
    (home / "conf/site.conf").write_text(BAD)
    assert told().code == 1
    assert told(at=QUARTER).out == ""
    (home / "conf/site.conf").write_text(GOOD)
    assert told(at=2 * QUARTER).code == 0
    assert hook.told == [(1, [State.NEW]), (3, [State.FIXED])]


def test_what_was_missed_is_posted_when_it_is_back_in_order_and_once(
    home: pathlib.Path, hook: Hook, told: Report
) -> None:
    hook.status = 404
    (home / "conf/site.conf").write_text(BAD)
    first = told()
    assert first.lines == ["new error[LB301]"]
    assert first.err == "lbcheck: webhook=env:HOOK: 127.0.0.1 answered 404\n"
    (home / "conf/site.conf").write_text(GOOD)
    second = told(at=QUARTER)
    assert second.lines == ["fixed error[LB301]"]
    hook.status = 204
    third = told(at=2 * QUARTER)
    assert (third.code, third.out, third.err) == (0, "", "")
    told(at=3 * QUARTER)
    assert hook.told == [(1, [State.NEW]), (2, [State.FIXED])]
    assert len({key for key, _ in hook.posted}) == 2


def test_the_address_is_neither_stored_nor_printed(
    home: pathlib.Path, hook: Hook, told: Report
) -> None:
    hook.status = 403
    (home / "conf/site.conf").write_text(BAD)
    done = told()
    assert "S3CRET" not in done.out + done.err
    stored = [path.read_bytes() for path in (home / "state").iterdir()]
    assert stored
    assert not any(b"S3CRET" in data for data in stored)


def test_a_channel_that_cannot_be_is_told_before_the_run(
    home: pathlib.Path, report: Report
) -> None:
    (home / "conf/site.conf").write_text(BAD)
    done = report("--notify", "slack=https://hooks.example.com/S3CRET")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "lbcheck: --notify slack: a secret is named, not written: `slack=env:NAME` or "
        "`slack=file:PATH`\n"
    )
    assert not (home / "state").exists()


def test_channels_can_be_tried(
    hook: Hook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lbcheck.cli import execute

    monkeypatch.setenv("HOOK", f"http://127.0.0.1:{hook.server_port}/x")
    assert execute(["report", "test-notify", "--notify", "webhook=env:HOOK"]) == 0
    assert capsys.readouterr().out == "webhook=env:HOOK: sent\n"
    ((_, said),) = hook.posted
    assert (said.run, said.headline) == (0, "a test: lbcheck report tells here what changed")
    hook.status = 410
    line = ["report", "test-notify", "--notify", "webhook=env:HOOK", "--notify", "slack=env:HOOK"]
    assert execute(line) == 3
    assert capsys.readouterr().err == (
        "lbcheck: webhook=env:HOOK: 127.0.0.1 answered 410\n"
        "lbcheck: slack=env:HOOK: 127.0.0.1 answered 410\n"
    )
    assert execute(["report", "test-notify"]) == 2
