"""`lbcheck fix`: what is shown, what is written, and what a failed proof leaves."""

import pathlib
import sys

import pytest

from lbcheck.cli import execute
from tests.test_mend import AFTER, SITE


@pytest.fixture(autouse=True)
def site(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "nginx.conf"
    path.write_text(SITE)
    return path


def test_a_diff_is_shown_and_nothing_is_written(
    site: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["fix"]) == 0
    shown = capsys.readouterr()
    assert shown.out == (
        "--- a/nginx.conf\n+++ b/nginx.conf\n@@ -9,6 +9,8 @@\n"
        "         listen 8080;\n         location /ws/ {\n"
        "             proxy_set_header Host $host;\n"
        "+            proxy_set_header Upgrade $http_upgrade;\n"
        "+            proxy_set_header Connection $connection_upgrade;\n"
        "             proxy_pass http://127.0.0.1:9000;\n"
        "             proxy_read_timeout 2s;\n         }\n"
    )
    assert shown.err == (
        "lbcheck: 1 finding would be mended (--write), 3 for you to mend (lbcheck audit)\n"
    )
    assert site.read_text() == SITE


def test_what_is_written_is_listed(site: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["fix", "nginx.conf", "--write"]) == 0
    shown = capsys.readouterr()
    assert shown.out == (
        "nginx.conf:11:13: LB105 inherited-headers-dropped: proxy_set_header Upgrade "
        "$http_upgrade; proxy_set_header Connection $connection_upgrade;\n"
    )
    assert site.read_text() == AFTER
    assert execute(["fix", "nginx.conf", "--write"]) == 0
    assert capsys.readouterr().out == ""
    assert site.read_text() == AFTER


def test_the_exit_code_is_that_of_an_audit_of_what_is_left(site: pathlib.Path) -> None:
    assert execute(["audit", "--quiet"]) == 1
    assert execute(["fix", "--ignore", "LB105"]) == 0
    assert execute(["fix", "--select", "LB1,LB3", "--fail-on", "info"]) == 1
    site.write_text("http {\n")
    assert execute(["fix"]) == 3


def test_a_proof_that_fails_leaves_every_file_as_it_was(
    site: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refusing = "import sys; print('emerg \\x1b[31m', file=sys.stderr); sys.exit(9)"
    assert execute(["fix", "--write", "--prove", f'"{sys.executable}" -c "{refusing}"']) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("lbcheck: every file is as it was: ")
    assert told.err.endswith("ended with exit code 9\nlbcheck: emerg \\x1b[31m\n")
    assert site.read_text() == SITE


def test_a_proof_sees_the_written_files(site: pathlib.Path) -> None:
    seeing = (
        "import sys; sys.exit('Connection $connection_upgrade' not in open('nginx.conf').read())"
    )
    text = f"""'{sys.executable}' -c "{seeing.replace("$", chr(36))}" """
    assert execute(["fix", "--write", "--prove", text]) == 0
    assert site.read_text() == AFTER


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["fix", "--prove", "true"], "--prove runs a command on written files: add --write"),
        (["fix", "-"], "standard input cannot be mended: name a file"),
        (
            ["fix", "--write", "--prove", "no-such-command-here"],
            "every file is as it was: `no-such-command-here` cannot be run: No such file or dir",
        ),
        (["fix", "--write", "--prove", "'"], "every file is as it was: `'` cannot be run: No clos"),
    ],
)
def test_what_cannot_be_done_is_said(
    line: list[str], said: str, site: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(line) == 2
    assert capsys.readouterr().err.startswith(f"lbcheck: {said}")
    assert site.read_text() == SITE
