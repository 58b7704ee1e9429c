"""What is no file, may not be read, or has a name that is meant to do harm."""

import builtins
import os
import pathlib

import pytest

from lbcheck.reporters import FORMATS
from lbcheck.run import Options, run
from tests.fuzz.anything import harmless
from tests.hostile.test_files import HTTP, NEIGHBOUR, SERVER, audit

NAMES = ("\x1b[31mred\x07.conf", "two\nlines.conf", "::error::.conf", os.fsdecode(b"bad\xff.conf"))
BOMB = "a: &a [x, x, x]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}]\n"
    for old, new in zip("abcdefghijklm", "bcdefghijklmn", strict=True)
)


def test_pipes_folders_and_links_to_nowhere_hold_nothing_up(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "pipe.conf")
    (tmp_path / "x.conf").mkdir()
    (tmp_path / "x.conf/loop").symlink_to(tmp_path)
    (tmp_path / "neighbour.conf").write_text(NEIGHBOUR)
    done = audit(tmp_path, "--format", "concise")
    assert (done.returncode, done.stderr) == (0, "")
    assert "neighbour.conf:2:" in done.stdout


def test_includes_of_pipes_folders_and_circles_of_links_are_told(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "pipe.conf")
    (tmp_path / "x.conf").mkdir()
    (tmp_path / "a.conf").symlink_to("b.conf")
    (tmp_path / "b.conf").symlink_to("a.conf")
    includes = "".join(f"include {name}.conf;\n" for name in ("pipe", "x", "a"))
    (tmp_path / "nginx.conf").write_text(HTTP % (includes + SERVER))
    done = audit(tmp_path, "--format", "concise")
    assert (done.returncode, done.stderr) == (3, "")
    assert "nginx.conf:5:1: warning LB901 the included file `a.conf` does not exist" in done.stdout
    for name in ("pipe", "x"):
        assert f"{name}.conf:1:1: warning LB901 is not a regular file" in done.stdout
    # What these three would say is unknown: they may well forward the headers.
    assert "LB101" not in done.stdout


@pytest.mark.parametrize("name", ["pipe.conf", "/dev/zero"])
def test_what_is_named_and_no_file_is_told_at_once(tmp_path: pathlib.Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe.conf")
    (tmp_path / "neighbour.conf").write_text(NEIGHBOUR)
    done = audit(tmp_path, name, "--format", "concise")
    assert (done.returncode, done.stderr) == (3, "")
    assert f"{name}:1:1: warning LB901 is not a regular file; name a file" in done.stdout
    assert "neighbour.conf:2:" in done.stdout


def test_a_file_that_may_not_be_read_is_told_and_its_neighbour_judged(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "neighbour.conf").write_text(NEIGHBOUR)
    (tmp_path / "nginx.conf").write_text(HTTP % "include secret.conf;")
    (tmp_path / "secret.conf").write_text(SERVER)
    usual = builtins.open

    def refusing(path: object, *arguments: object, **named: object) -> object:
        if str(path).endswith("secret.conf"):
            raise PermissionError(13, "Permission denied", path)
        return usual(path, *arguments, **named)

    monkeypatch.setattr(builtins, "open", refusing)  # chmod does not stop root
    report = run([str(tmp_path)], Options())
    assert (report.complete, report.exit_code) == (False, 3)
    told = [finding.message for finding in report.findings if finding.code == "LB901"]
    assert told == ["cannot be read: Permission denied; check that it exists and its permissions"]
    assert "LB101" in [finding.code for finding in report.findings]


@pytest.mark.parametrize("form", FORMATS)
def test_no_name_of_a_file_reaches_a_terminal_or_a_runner(
    tmp_path: pathlib.Path, form: str
) -> None:
    for name in NAMES:
        (tmp_path / name).write_text(NEIGHBOUR)
    done = audit(tmp_path, "--format", form, GITHUB_ACTIONS="true")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("LB101") >= len(NAMES)
    harmless(form, done.stdout)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BOMB, "more than 20,000 values (do aliases multiply them?)"),
        ("a: &a [*a]\n", "p.yaml:1:8: `*a` refers to nothing that is complete before it"),
        ("a: " + "[" * 100_000, "p.yaml:1:23: nested more than 20 deep"),
        ("a: " + "x" * 10_000_000, "p.yaml: larger than 256,000 bytes"),
        ("a: !!python/object/apply:os.system [id]\n", "mean nothing here"),
        ("\0", "p.yaml:1:1: YAML: a control character"),
        ("heartbeat:\n  interval_s: " + "9" * 5000, "p.yaml:2:15: `interval_s` must be a number"),
    ],
    ids=["bomb", "itself", "depth", "length", "code", "NUL", "number"],
)
def test_a_hostile_profile_or_configuration_is_refused_with_a_place(
    tmp_path: pathlib.Path, text: str, told: str
) -> None:
    (tmp_path / "neighbour.conf").write_text(NEIGHBOUR)
    (tmp_path / "p.yaml").write_text(text)
    done = audit(tmp_path, "--profile", "p.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert max(map(len, done.stderr.splitlines())) < 300
