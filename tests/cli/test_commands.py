"""The smaller commands: explain, rules, profiles, completion."""

import json
import pathlib

import pytest

from lbcheck import explain
from lbcheck.cli import execute
from lbcheck.rules import ALL, BY_CODE

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize("subject", ["LB301", "lb301", "idle-timeout-below-heartbeat"])
def test_a_rule_is_explained_by_code_or_name(subject: str, capsys: Captured) -> None:
    assert execute(["explain", subject]) == 0
    assert capsys.readouterr().out == explain.page(BY_CODE["LB301"])


def test_a_close_code_is_explained(capsys: Captured) -> None:
    assert execute(["explain", "1006"]) == 0
    assert capsys.readouterr().out.startswith("# Close code 1006 on a WebSocket\n")


@pytest.mark.parametrize(
    ("subject", "message"),
    [
        ("LB31", "no rule is called `LB31`; did you mean `LB3"),
        ("idle-timeout-below-hartbeat", "did you mean `idle-timeout-below-heartbeat`?"),
        ("lb3", "`lb3` is a family of rules; name one of LB301, LB302, LB303,"),
        ("299", "nothing is known about 299; known statuses and codes: 200, 301"),
    ],
)
def test_what_is_unknown_is_told_with_a_guess(subject: str, message: str, capsys: Captured) -> None:
    assert execute(["explain", subject]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert message in error


def test_rules_as_json_are_lbcheck_rules_1_to_the_letter(capsys: Captured) -> None:
    assert execute(["rules", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["schema", "rules"]
    assert told["schema"] == "lbcheck-rules/1"
    assert [rule["code"] for rule in told["rules"]] == [rule.code for rule in ALL]
    for rule in told["rules"]:
        assert list(rule) == [
            "code",
            "name",
            "family",
            "severity",
            "vendors",
            "summary",
            "proven",
            "fixable",
        ]
        assert rule["severity"] in ("error", "warning", "info")
        assert rule["fixable"] in ("safe", "unsafe", "no")
        assert set(rule["vendors"]) <= {"nginx", "haproxy", "aws"}
        assert all(list(proof) == ["proxy", "version"] for proof in rule["proven"])


def test_rules_as_text_are_one_line_each(capsys: Captured) -> None:
    assert execute(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [rule.code for rule in ALL]


def test_profiles_are_listed_and_shown(capsys: Captured) -> None:
    assert execute(["profiles", "list"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert "socketio-v4" in names
    assert execute(["profiles", "show", "socketio-v4", "--param", "health.suggest=/up"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("id: socketio-v4\n")
    assert "\n  suggest: /up\n" in shown


def test_a_wrong_profile_is_told_by_line_and_column(
    tmp_path: pathlib.Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.yaml").write_text("heartbeat:\n  intervall_s: 5\n")
    (tmp_path / "right.yaml").write_text("heartbeat:\n  interval_s: 5\n")
    assert execute(["profiles", "check", "wrong.yaml", "right.yaml"]) == 2
    told = capsys.readouterr()
    assert told.out == "right.yaml: right\n"
    assert told.err.startswith("lbcheck: wrong.yaml:2:3: ")


def test_the_schema_of_profiles_is_json_schema(capsys: Captured) -> None:
    assert execute(["profiles", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_script_of_the_shell(shell: str, capsys: Captured) -> None:
    assert execute(["completion", shell]) == 0
    assert f"_LBCHECK_COMPLETE={shell}_complete" in capsys.readouterr().out


def test_help_lists_every_command(capsys: Captured) -> None:
    assert execute(["--help"]) == 0
    shown = capsys.readouterr().out
    for name in ("audit", "explain", "rules", "profiles", "init", "completion"):
        assert f"\n  {name} " in shown
        assert execute([name, "--help"]) == 0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("audti", "No such command 'audti'; did you mean `audit`? See `lbcheck --help`."),
        ("qqq", "No such command 'qqq'. See `lbcheck --help`."),
        (
            "edge.conf",
            "No such command 'edge.conf'; did you mean `lbcheck audit edge.conf`? "
            "See `lbcheck --help`.",
        ),
        (
            "audit --formt json",
            "No such option '--formt'. Did you mean '--format'? See `lbcheck audit --help`.",
        ),
        (
            "audit -o json=-",
            "Invalid value for '-o' / '--output': `-` is no file: --format json is for standard "
            "output. See `lbcheck audit --help`.",
        ),
        (
            "audit edge.conf --live hapoxy=unix:/x",
            "--live hapoxy=unix:/x: write URL, haproxy=ADDRESS or nginx-plus=URL",
        ),
    ],
)
def test_a_slip_is_answered_with_what_was_meant(
    line: str,
    told: str,
    capsys: Captured,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "edge.conf").write_text("server { listen 80; }")
    assert execute(line.split()) == 2
    assert capsys.readouterr().err == f"lbcheck: {told}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["edge.conf"]


def test_rules_are_listed_by_either_name(capsys: Captured) -> None:
    for form in ("text", "json"):
        assert execute(["rules", "--format", form]) == 0
        listed = capsys.readouterr().out
        assert execute(["rules", "list", "--format", form]) == 0
        assert capsys.readouterr().out == listed


@pytest.mark.parametrize("group", ["baseline", "profiles", "report", "rules", "snapshot"])
def test_no_command_is_described_by_half_a_sentence(group: str, capsys: Captured) -> None:
    assert execute([group, "--help"]) == 0
    commands = capsys.readouterr().out.partition("\nCommands:\n")[2]
    assert not [line for line in commands.splitlines() if line.endswith("...")]
