"""`lbcheck audit` inside this process: what options become, and where reports go."""

import io
import os
import pathlib
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

import lbcheck.run
from lbcheck.audit import Report
from lbcheck.cli import execute
from lbcheck.cli.output import coloured
from lbcheck.errors import SourceError
from lbcheck.finding import Confidence, Severity
from lbcheck.run import Options
from tests.history.conftest import BAD
from tests.reporters import reports


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder and an environment without lbcheck's or a CI's variables."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("LBCHECK_", "GITHUB_")) or name in ("PRE_COMMIT", "NO_COLOR"):
            monkeypatch.delenv(name)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[list[str], Options]]:
    """Runs a command line and tells what the engine was asked to do."""

    def ask(*arguments: str) -> tuple[list[str], Options]:
        calls: list[tuple[list[str], Options]] = []

        def run(paths: list[str], options: Options, kept: object) -> Report:
            calls.append((paths, options))
            return reports.report(sources=(reports.source(),))

        monkeypatch.setattr(lbcheck.run, "run", run)
        assert execute(["audit", *arguments]) == 0
        [call] = calls
        return call

    return ask


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> Callable[[Report], None]:
    """Makes the engine answer with a report."""

    def answer(report: Report) -> None:
        monkeypatch.setattr(lbcheck.run, "run", lambda paths, options, kept: report)

    return answer


def test_without_a_path_the_current_folder_is_audited(asked: Any) -> None:
    assert asked() == (["."], Options())


def test_a_snapshot_alone_audits_no_folder(asked: Any) -> None:
    paths, options = asked("--snapshot", "a.json", "--snapshot", "b.json")
    assert (paths, options.snapshots) == ([], ("a.json", "b.json"))


def test_every_option_reaches_the_engine(asked: Any) -> None:
    line = (
        "x y x --profile a --profile b.yaml --param heartbeat.interval_s=20 --select LB3,LB101 "
        "--ignore LB302 --min-severity warning --min-confidence possible --fail-on warning "
        "--exclude old/* --type nginx --max-file-size 2k"
    )
    paths, options = asked(*line.split())
    assert paths == ["x", "y"]
    assert options == Options(
        profiles=("a", "b.yaml"),
        params={"heartbeat.interval_s": "20"},
        select=("LB3", "LB101"),
        ignore=("LB302",),
        min_severity=Severity.WARNING,
        min_confidence=Confidence.POSSIBLE,
        fail_on=Severity.WARNING,
        exclude=("old/*",),
        kind="nginx",
        max_file_bytes=2000,
    )


def test_fail_on_never(asked: Any) -> None:
    assert asked("--fail-on", "never")[1].fail_on is None


def test_every_option_is_an_environment_variable(
    asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LBCHECK_PROFILE", "a b")
    monkeypatch.setenv("LBCHECK_MIN_SEVERITY", "error")
    monkeypatch.setenv("LBCHECK_TYPE", "haproxy")
    _, options = asked()
    assert (options.profiles, options.min_severity, options.kind) == (
        ("a", "b"),
        Severity.ERROR,
        "haproxy",
    )


def test_the_command_line_overrides_the_environment(
    asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LBCHECK_FAIL_ON", "never")
    assert asked("--fail-on", "info")[1].fail_on is Severity.INFO


def test_standard_input_is_read_with_its_name_and_bytes_that_are_no_utf_8(
    asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x \xe9\r\n")))
    paths, options = asked("-", "--stdin-filename", "a.conf")
    assert (paths, options.stdin) == ([], ("a.conf", "x \udce9\r\n"))


def test_standard_input_has_a_limit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x" * 11)))
    assert execute(["audit", "-", "--max-file-size", "10"]) == 2
    assert capsys.readouterr().err == (
        "lbcheck: standard input is larger than 10 bytes: raise --max-file-size\n"
    )


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif", "github"])
def test_the_exit_code_is_the_report_s_in_every_format(form: str, answered: Any) -> None:
    answered(reports.report(reports.chat()))
    assert execute(["audit", "--format", form]) == 1
    answered(reports.report(reports.chat(), exit_code=4))
    assert execute(["audit", "--format", form]) == 4


def test_reports_are_written_to_files_beside_standard_output(
    answered: Any, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answered(reports.report(reports.chat()))
    (tmp_path / "b.sarif").write_text("old")
    line = ["audit", "--format", "concise", "-o", "json=a.json", "--output", "sarif=b.sarif"]
    assert execute(line) == 1
    assert capsys.readouterr().out.startswith("edge/chat.conf:6:7: error LB301")
    assert (tmp_path / "a.json").read_text().startswith('{\n  "schema": "lbcheck/1"')
    assert (tmp_path / "b.sarif").read_text().startswith('{\n  "$schema"')
    assert sorted(os.listdir(tmp_path)) == ["a.json", "b.sarif"]


def test_a_file_keeps_its_permissions_and_its_link(answered: Any, tmp_path: pathlib.Path) -> None:
    answered(reports.report(reports.chat()))
    (tmp_path / "real").write_text("old")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    assert execute(["audit", "-o", "concise=link"]) == 1
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text().startswith("edge/chat.conf:6:7")
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o640


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    answered: Any,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answered(reports.report(reports.chat()))
    (tmp_path / "a.json").write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert execute(["audit", "-o", "json=a.json"]) == 2
    assert capsys.readouterr().err == (
        "lbcheck: a.json: cannot be written: No space left on device\n"
    )
    assert (tmp_path / "a.json").read_text() == "old"
    assert os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "json"], "'json' is not FORMAT=PATH, such as sarif=lbcheck.sarif"),
        (["-o", "xml=a"], "'xml' is none of the formats text, concise, json, sarif, github"),
        (["-o", "json=a", "-o", "text=./a"], "a is written by two of them"),
        (["-o", "json=."], ". is a folder: name a file"),
        (["--max-file-size", "big"], "'big' is no size, such as 50M"),
    ],
)
def test_a_wrong_value_is_told_before_anything_is_read(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["audit", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error


def test_a_parameter_needs_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["audit", "--param", "nginx.version"]) == 2
    assert capsys.readouterr().err == "lbcheck: --param nginx.version: write KEY=VALUE\n"


def test_nothing_to_audit_is_said(answered: Any, capsys: pytest.CaptureFixture[str]) -> None:
    answered(reports.report(exit_code=3))
    assert execute(["audit", "conf"]) == 3
    assert capsys.readouterr().err == (
        "lbcheck: nothing to audit: no configuration of a load balancer in conf\n"
    )


def test_a_hook_without_files_has_nothing_to_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRE_COMMIT", "1")
    assert execute(["audit"]) == 0
    assert capsys.readouterr() == ("", "")


def test_what_cannot_be_read_at_all_is_exit_code_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(paths: list[str], options: Options, kept: object) -> Report:
        raise SourceError("AWS: no credentials\x1b[31m: run `aws configure`")

    monkeypatch.setattr(lbcheck.run, "run", run)
    assert execute(["audit"]) == 3
    assert capsys.readouterr().err == (
        "lbcheck: AWS: no credentials\\x1b[31m: run `aws configure`\n"
    )


@pytest.mark.parametrize(
    ("asked_for", "environment", "terminal", "expected"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour_heeds_the_option_then_the_environment_then_the_terminal(
    asked_for: str, environment: dict[str, str], terminal: bool, expected: bool
) -> None:
    assert coloured(asked_for, environment, terminal) is expected


def test_files_are_never_coloured(answered: Any, tmp_path: pathlib.Path) -> None:
    answered(reports.report(reports.chat()))
    assert execute(["audit", "--color", "always", "-o", "text=a.txt"]) == 1
    assert "\x1b" not in (tmp_path / "a.txt").read_text()


@pytest.mark.parametrize("option", ["--region", "--aws-profile", "--endpoint-url", "--lb"])
def test_an_option_of_aws_without_aws_is_refused(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["audit", option, "x"]) == 2
    assert capsys.readouterr().err == f"lbcheck: {option} says how to ask AWS: add --aws\n"


@pytest.mark.parametrize(("form", "told"), [("html", "2031-02-03"), ("text", "until=2031-04-30")])
def test_a_report_can_be_made_again_later(
    form: str, told: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1927843200")  # 2031-02-03
    (tmp_path / "site.conf").write_text(BAD)
    assert execute(["audit", "site.conf", "-o", f"{form}=made"]) == 0
    made = (tmp_path / "made").read_text()
    assert told in made
    assert time.strftime("%Y") not in made


def test_the_same_moment_ends_a_suppression(
    asked: Callable[..., tuple[list[str], Options]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1927843200")
    assert asked()[1].today == "2031-02-03"


def test_a_moment_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert execute(["audit", "."]) == 2
    assert capsys.readouterr().err == (
        "lbcheck: SOURCE_DATE_EPOCH: 'yesterday' is no number of seconds since 1970\n"
    )


def test_a_name_for_standard_input_without_it_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert execute(["audit", "--stdin-filename", "a.conf"]) == 2
    assert capsys.readouterr().err == (
        "lbcheck: --stdin-filename names what comes from `-`: add `-` to the paths\n"
    )
