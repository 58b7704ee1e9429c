"""`lbcheck report` as cron calls it: a process, its output, its exit code."""

import fcntl
import json
import os
import pathlib
import sqlite3
import stat
import subprocess
import sys

import pytest

from tests.history.conftest import BAD, BROKEN, GOOD, JUDGED, QUARTER, START, Report

DAY = 86400


def test_what_is_found_first_is_new_and_is_told_once(home: pathlib.Path, report: Report) -> None:
    (home / "conf/a.conf").write_text(BAD)
    first = report()
    assert (first.code, first.err) == (1, "")
    assert first.out.splitlines()[0] == "lbcheck report: 1 new (1 error)"
    assert first.lines == ["new error[LB301]"]
    for quarter in range(1, 4):
        again = report(at=quarter * QUARTER)
        assert (again.code, again.out, again.err) == (0, "", "")


def test_a_configuration_without_findings_is_silent_from_the_start(
    home: pathlib.Path, report: Report
) -> None:
    (home / "conf/a.conf").write_text(GOOD)
    first = report()
    assert (first.code, first.out, first.err) == (0, "", "")


def test_a_finding_goes_through_all_its_states(home: pathlib.Path, report: Report) -> None:
    config, profile = home / "conf/a.conf", home / "own.yaml"
    told = []
    well, bad = (90, 25), (60, 70)
    steps = [well, (60, 50), bad, bad, well, well, bad, (60, 50), bad]
    for at, (timeout, heartbeat) in enumerate(steps):
        config.write_text(GOOD.replace("90s", f"{timeout}s"))
        profile.write_text(
            f"id: own\nheartbeat: {{sender: server, interval_s: {heartbeat}, timeout_s: 20}}\n"
        )
        done = report("--profile", "own.yaml", at=at * QUARTER)
        told.append((done.code, done.lines))
    assert told == [
        (0, []),
        (0, ["new warning[LB301]"]),
        (1, ["worse error[LB301]"]),
        (0, []),
        (0, ["fixed error[LB301]"]),
        (0, []),
        (1, ["reopened error[LB301]"]),
        (0, []),
        (1, ["worse error[LB301]"]),
    ]


def test_what_cannot_be_read_is_never_fixed_and_is_told_once(
    home: pathlib.Path, report: Report
) -> None:
    a, b = home / "conf/a.conf", home / "conf/b.conf"
    a.write_text(BAD)
    b.write_text(BAD.replace("/ws/", "/socket/"))
    report()
    a.write_text(BROKEN.replace("5s", "90s"))
    b.write_text(GOOD)
    broken = report(at=QUARTER)
    assert broken.code == 3
    assert broken.lines == ["fixed error[LB301]"]
    assert "b.conf:11:9" in broken.out
    assert "1 fixed (1 error); 1 source cannot be read; 1 unknown\n" in broken.out
    still = report(at=2 * QUARTER)
    assert (still.code, still.out, still.err) == (3, "", "")
    a.write_text(BAD)
    back = report(at=3 * QUARTER)
    assert (back.code, back.lines) == (0, [])
    assert f"read again  {a}" in back.out


def test_what_stands_for_several_blocks_is_no_other_finding_when_one_is_mended(
    home: pathlib.Path, report: Report
) -> None:
    """A default that several locations have alike is one finding."""
    names = ("ws", "socket", "live", "chat")
    start, end = BAD.index("    location"), BAD.rindex("}")
    location = BAD[start:end].replace("        proxy_read_timeout 5s;\n", "")
    mended = location.replace("1.1;", "1.1; proxy_read_timeout 900s;")
    assert mended != location

    def write(bad: tuple[str, ...]) -> None:
        locations = [(location if n in bad else mended).replace("/ws/", f"/{n}/") for n in names]
        server = BAD[:start] + "".join(locations) + BAD[end:]
        (home / "conf/nginx.conf").write_text(f"events {{ }}\nhttp {{\n{server}}}\n")

    steps = [names, names[1:], names[3:], names, names[:3], names[:1], ()]
    told = []
    for at, bad in enumerate(steps):
        write(bad)
        told.append(report("--profile", "default", "--select", "LB302", at=at * QUARTER).lines)
    assert told == [["new warning[LB302]"], [], [], [], [], [], ["fixed warning[LB302]"]]


def test_a_file_that_is_gone_takes_its_findings_with_it(home: pathlib.Path, report: Report) -> None:
    (home / "conf/a.conf").write_text(BAD)
    (home / "conf/b.conf").write_text(GOOD)
    report()
    (home / "conf/a.conf").unlink()
    gone = report(at=QUARTER)
    assert "fixed error[LB301]" in gone.lines


def test_a_folder_that_is_suddenly_empty_is_a_failure_and_fixes_nothing(
    home: pathlib.Path, report: Report
) -> None:
    for name in ("one", "two"):
        (home / name).mkdir()
        (home / name / "a.conf").write_text(BAD)
    report("one", "two")
    (home / "two/a.conf").rename(home / "elsewhere.conf")
    empty = report("one", "two", at=QUARTER)
    assert (empty.code, empty.lines) == (3, [])
    assert f"{home}/two: nothing of a load balancer is in this folder any more" in empty.out
    assert report("one", "two", at=2 * QUARTER).out == ""
    (home / "elsewhere.conf").rename(home / "two/a.conf")
    back = report("one", "two", at=3 * QUARTER)
    assert (back.code, back.lines) == (0, [])
    assert f"read again  {home}/two" in back.out


def test_nothing_to_audit_is_a_failure_that_is_told_once_and_recovers(
    home: pathlib.Path, report: Report
) -> None:
    config = home / "conf/a.conf"
    config.write_text(BAD)
    report()
    config.unlink()
    empty = report(at=QUARTER)
    assert (empty.code, empty.out) == (3, "")
    assert "nothing to audit" in empty.err
    assert (again := report(at=2 * QUARTER)).code == 3
    assert (again.out, again.err) == ("", "")
    config.write_text(BAD)
    back = report(at=3 * QUARTER)
    assert (back.code, back.err) == (0, "")
    assert back.out.splitlines()[0] == "lbcheck report: 1 open before"


def test_another_question_fixes_nothing(home: pathlib.Path, report: Report) -> None:
    (home / "conf/a.conf").write_text(BAD)
    report()
    other = report("--ignore", "LB301", at=QUARTER)
    assert (other.code, other.out) == (0, "")
    back = report(at=2 * QUARTER)
    assert (back.code, back.out) == (0, "")


def test_the_folder_a_run_is_started_in_makes_no_difference(
    home: pathlib.Path, report: Report
) -> None:
    (home / "conf/a.conf").write_text(BAD)
    report(str(home / "conf"))
    command = [
        sys.executable,
        "-m",
        "lbcheck",
        "report",
        "a.conf",
        "--ignore",
        "LB413",
        *JUDGED,
        "--state",
        "../state",
    ]
    done = subprocess.run(command, cwd=home / "conf", capture_output=True, text=True)
    assert "new" not in done.stdout
    done = subprocess.run(
        [
            *command[:4],
            str(home / "conf"),
            "--ignore",
            "LB413",
            *JUDGED,
            "--state",
            str(home / "state"),
        ],
        cwd="/",
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_suppression_is_silent_and_its_end_is_told(home: pathlib.Path, report: Report) -> None:
    config = home / "conf/a.conf"
    config.write_text(BAD)
    report()
    ignore = '  # lbcheck: ignore[LB301] until=2026-11-19 reason="clients ping every second"'
    config.write_text(BAD.replace("5s;", f"5s;{ignore}"))
    assert report(at=QUARTER).out == ""
    ended = report(at=3 * DAY)
    assert ended.code == 1
    assert ended.lines == ["new warning[LB904]", "reopened error[LB301]"]


def test_what_a_baseline_knows_is_neither_told_nor_fixed(
    home: pathlib.Path, report: Report
) -> None:
    (home / "conf/a.conf").write_text(BAD)
    make = [sys.executable, "-m", "lbcheck", "baseline", "create", "conf", *JUDGED]
    subprocess.run(make, cwd=home, check=True, capture_output=True)
    (baseline,) = home.glob("*baseline*")
    assert report("--baseline", str(baseline)).out == ""
    assert report("--baseline", str(baseline), at=QUARTER).out == ""
    assert report(at=2 * QUARTER).lines == ["reopened error[LB301]"]
    assert report("--baseline", str(baseline), at=3 * QUARTER).out == ""
    (home / "conf/b.conf").write_text(BAD)
    new = report("--baseline", str(baseline), at=4 * QUARTER)
    assert new.lines == ["new error[LB301]"]
    assert "b.conf" in new.out


def test_files_that_cannot_be_written_leave_the_rest_as_it_is(
    home: pathlib.Path, report: Report
) -> None:
    (home / "conf/a.conf").write_text(BAD)
    first = report("-o", "json=/dev/full", "-o", "concise=a.txt", "--metrics", "a.prom")
    assert (first.code, first.lines) == (1, ["new error[LB301]"])
    assert first.err == "lbcheck: /dev/full: cannot be written: No space left on device\n"
    assert "LB301" in (home / "a.txt").read_text()
    assert (home / "a.prom").exists()
    again = report("-o", "json=/dev/full", at=QUARTER)
    assert (again.code, again.out) == (2, "")


def test_metrics_of_a_run_that_failed_keep_what_was_known(
    home: pathlib.Path, report: Report
) -> None:
    (home / "conf/a.conf").write_text(BAD)
    report("--metrics", "a.prom")
    (home / "conf/a.conf").unlink()
    assert report("--metrics", "a.prom", at=QUARTER).code == 3
    lines = (home / "a.prom").read_text().splitlines()
    assert f"lbcheck_last_success_timestamp_seconds {START / 1e9:.9g}e+09" in lines
    assert f"lbcheck_last_run_timestamp_seconds {(START + QUARTER) / 1e9:.10g}e+09" in lines
    assert "lbcheck_run_exit_code 3.0" in lines
    known = 'lbcheck_findings{rule="LB301",severity="error",source="nginx",state="new"} 1.0'
    assert known in lines


def test_what_is_still_open_is_told_again_once_a_day(home: pathlib.Path, report: Report) -> None:
    (home / "conf/a.conf").write_text(BAD)
    report()
    spoken = [hour for hour in range(1, 73, 1) if report(at=hour * 3600 + 5).out]
    assert spoken == [24, 48, 72]
    reminder = report(at=97 * 3600)
    assert reminder.code == 0
    assert reminder.lines == ["open error[LB301]"]
    assert report("--remind", "never", at=200 * 3600).out == ""


def test_a_clock_that_is_set_back_neither_repeats_nor_silences(
    home: pathlib.Path, report: Report
) -> None:
    (home / "conf/a.conf").write_text(BAD)
    report(at=4 * 365 * DAY)
    assert report(at=0).lines == ["open error[LB301]"]
    assert report(at=QUARTER).out == ""
    (home / "conf/a.conf").write_text(GOOD)
    assert report(at=-DAY / 2).lines == ["fixed error[LB301]"]


def test_a_clock_that_jumps_ahead_once_forgets_nothing(home: pathlib.Path, report: Report) -> None:
    (home / "conf/a.conf").write_text(BAD)
    report()
    (home / "conf/a.conf").write_text(GOOD)
    report(at=QUARTER)
    report(at=10 * 365 * DAY)
    (home / "conf/a.conf").write_text(BAD)
    assert "reopened error[LB301]" in report(at=2 * QUARTER).lines


def test_a_second_run_leaves_with_one_line(home: pathlib.Path, report: Report) -> None:
    (home / "conf/a.conf").write_text(BAD)
    (home / "state").mkdir()
    with open(home / "state/lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = report()
    assert (second.code, second.out) == (0, "")
    assert second.err == "lbcheck: another report is running on state: this one leaves\n"
    assert report().code == 1


def test_the_history_is_for_its_owner_and_the_metrics_are_for_everybody(
    home: pathlib.Path, report: Report
) -> None:
    (home / "conf/a.conf").write_text(BAD)
    previous = os.umask(0o077)
    try:
        report("--metrics", "lbcheck.prom")
    finally:
        os.umask(previous)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in (home / "state", *(home / "state").iterdir(), home / "lbcheck.prom")
    }
    assert modes == {"state": 0o700, "history.db": 0o600, "lock": 0o600, "lbcheck.prom": 0o644}


def test_no_secret_reaches_the_history(home: pathlib.Path, report: Report) -> None:
    config = BAD.replace("$host;", '$host; proxy_set_header Authorization "Bearer hunter2hunter2";')
    (home / "conf/a.conf").write_text(config.replace("listen 8080", "listen 8080; include no/such"))
    report("--metrics", "a.prom", "-o", "json=a.json")
    for path in (home / "state/history.db", home / "a.prom", home / "a.json"):
        assert b"hunter2" not in path.read_bytes()


def test_hostile_names_are_shown_and_remembered(home: pathlib.Path, report: Report) -> None:
    name = os.fsdecode(b"caf\xe9 \x1b[31m\xc2\x9b\xe2\x80\xae.conf")
    (home / "conf" / name).write_text(BAD)
    shown = "caf\\xe9 \\x1b[31m\\x9b\\u202e.conf:11:9"
    first = report()
    assert (first.code, first.err) == (1, "")
    assert shown in first.out
    assert report(at=QUARTER).out == ""
    as_json = report("--format", "json", "--remind", "1s", at=2 * QUARTER).out
    assert as_json.isascii()
    assert not any(ord(character) < 32 for character in as_json.rstrip("\n"))
    (home / "conf" / name).unlink()
    gone = report("conf", os.fsdecode(b"conf/\xe9\x1b[0m"), at=3 * QUARTER)
    assert (gone.code, gone.out) == (2, "")
    assert gone.err == "lbcheck: conf/\\xe9\\x1b[0m: no such file or folder\n"
    assert report("conf", os.fsdecode(b"conf/\xe9\x1b[0m"), at=4 * QUARTER).err == ""


def test_json_is_a_digest_in_a_line(home: pathlib.Path, report: Report) -> None:
    (home / "conf/a.conf").write_text(BAD)
    told = json.loads(report("--format", "json").out)
    assert (told["schema"], told["run"], told["exit_code"]) == ("lbcheck-report/1", 1, 1)
    assert [change["state"] for change in told["changes"]] == ["new"]


def test_reports_are_written_on_every_run(home: pathlib.Path, report: Report) -> None:
    (home / "conf/a.conf").write_text(BAD)
    report()
    silent = report("-o", "json=a.json", "-o", "concise=a.txt", at=QUARTER)
    assert silent.out == ""
    assert len(json.loads((home / "a.json").read_text())["findings"]) == 1
    assert "error LB301" in (home / "a.txt").read_text()


def test_the_same_moment_gives_the_same_bytes(home: pathlib.Path, report: Report) -> None:
    (home / "conf/a.conf").write_text(BAD)
    said = []
    for _ in range(2):
        done = report("--metrics", "a.prom", env={"SOURCE_DATE_EPOCH": str(START)})
        said.append((done.out, (home / "a.prom").read_bytes()))
        (home / "state/history.db").unlink()
    assert said[0] == said[1]
    assert "2026-11-18T11:06:40Z" in said[0][0]


@pytest.mark.parametrize("text", ["soon", "-5", "99999999999999", "0000-00-00"])
def test_a_moment_that_is_none_is_refused(home: pathlib.Path, report: Report, text: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lbcheck", "report", "--state", "s", "--now", text],
        cwd=home,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert f"--now: {text!r} is no number of seconds since 1970" in done.stderr


def test_a_deadline_ends_a_run_and_is_told_once(home: pathlib.Path, report: Report) -> None:
    os.mkfifo(home / "conf/slow.conf")
    (home / "conf/a.conf").write_text(BAD)
    wrapper = home / "slow.py"
    wrapper.write_text(
        "import sys, time\n"
        "from lbcheck import __main__, run\n"
        "read = run.read\n"
        "run.read = lambda *a: time.sleep(30) or read(*a)\n"
        "__main__.main()\n"
    )
    late = report("--timeout", "1", wrapper=str(wrapper))
    assert (late.code, late.out) == (3, "")
    assert late.err == "lbcheck: it was not done after 1s (--timeout): nothing was judged\n"
    assert report("--timeout", "1", at=QUARTER, wrapper=str(wrapper)).err == ""
    assert report(at=2 * QUARTER).lines == ["new error[LB301]"]


def test_a_bug_is_told_with_its_own_exit_code_and_changes_nothing(
    home: pathlib.Path, report: Report
) -> None:
    (home / "conf/a.conf").write_text(BAD)
    report()
    wrapper = home / "bug.py"
    wrapper.write_text(
        "from lbcheck import __main__, run\n"
        "def read(*a): raise RuntimeError('no such thing')\n"
        "run.read = read\n"
        "__main__.main()\n"
    )
    bug = report(at=QUARTER, wrapper=str(wrapper))
    assert (bug.code, bug.out) == (4, "")
    assert bug.err == "lbcheck: RuntimeError: no such thing (a bug in lbcheck)\n"
    assert (back := report(at=2 * QUARTER)).lines == []
    assert back.out.splitlines()[0] == "lbcheck report: 1 open before"


def test_the_history_can_be_looked_at(home: pathlib.Path, report: Report) -> None:
    (home / "conf/a.conf").write_text(BAD)
    report()
    (home / "conf/a.conf").write_text(GOOD)
    report(at=QUARTER)

    def ask(*arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "lbcheck", "report", *arguments, "--state", "state"],
            cwd=home,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout, done.stderr

    code, out, _ = ask("history")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["2", "1"]
    assert "exit 1  1 new (1 error)" in out
    assert ask("show", "1")[1].startswith("lbcheck report: 1 new (1 error)\n")
    assert ask("diff", "1", "2")[1].startswith("fixed     error[LB301] ")
    assert ask("diff", "1", "1")[1] == "nothing changed\n"
    assert ask("show", "9") == (
        2, "", "lbcheck: no run 9 is remembered: see `lbcheck report history`\n",
    )  # fmt: skip


def test_there_is_no_history_before_the_first_run(home: pathlib.Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lbcheck", "report", "history", "--state", "state"],
        cwd=home,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "there is no history here yet" in done.stderr
    assert not (home / "state").exists()


def test_what_nobody_could_read_is_told_by_the_next_run(home: pathlib.Path, report: Report) -> None:
    """Standard output is full: the change waits in the queue."""
    (home / "conf/a.conf").write_text(BAD)
    command = [
        sys.executable,
        "-m",
        "lbcheck",
        "report",
        "conf",
        "--ignore",
        "LB413",
        *JUDGED,
        "--state",
        "state",
    ]
    with open("/dev/full", "w") as full:
        lost = subprocess.run(
            [*command, "--now", str(START)], cwd=home, stdout=full, stderr=subprocess.PIPE
        )
    assert lost.returncode == 1
    assert b"standard output cannot be written: No space left on device" in lost.stderr
    late = report(at=QUARTER)
    assert late.code == 1
    assert "told late" in late.out
    assert late.lines == ["new error[LB301]"]
    assert report(at=2 * QUARTER).out == ""


def test_what_is_over_is_forgotten_and_what_is_open_is_not(
    home: pathlib.Path, report: Report
) -> None:
    config = home / "conf/a.conf"
    config.write_text(BAD)
    (home / "conf/b.conf").write_text(BAD)
    report()
    for day in range(1, 12):
        config.write_text(BAD if day == 1 else GOOD)
        report("--keep", "5d", "--remind", "never", at=day * DAY)
    database = sqlite3.connect(home / "state/history.db")
    assert database.execute("SELECT path, state FROM findings").fetchall() == [
        (f"{home}/conf/b.conf", "open")
    ]
    assert database.execute("SELECT min(id), max(id) FROM runs").fetchone() == (6, 12)
    assert database.execute("SELECT run, state FROM changes").fetchall() == [(1, "new")]
    config.write_text(BAD)
    assert report("--keep", "5d", at=12 * DAY).lines[0] == "new error[LB301]"
    assert report("--keep", "5d", "--remind", "never", at=13 * DAY).out == ""


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_name_commands_a_ci_runner(home: pathlib.Path, report: Report, form: str) -> None:
    (home / "conf/a##[error]b.conf").write_text(BAD)
    (home / "conf/c##[error]d.conf").write_text(BROKEN)
    done = report("--format", form, env={"GITHUB_ACTIONS": "true"})
    assert (done.code, "##[" in done.out) == (1, False)
    if form == "json":
        paths = {change["finding"]["path"] for change in json.loads(done.out)["changes"]}
        assert str(home / "conf/a##[error]b.conf") in paths
    refused = report("no##[error]thing", env={"GITHUB_ACTIONS": "true"})
    assert refused.err == "lbcheck: no# #[error]thing: no such file or folder\n"
