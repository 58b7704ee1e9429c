"""The diff is one that git applies, and harmless on a terminal."""

import pathlib
import subprocess

import pytest

from lbcheck.reporters.diff import diff


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a 1;\nb 1;\nc 1;\n", "a 1;\nb 2;\nc 1;\n"),
        ("a 1;\r\nb 1;\r\n", "a 2;\r\nb 1;\r\n"),
        ("\ta 1;\n\tb 1;", "\ta 1;\n\tnew;\n\tb 1;"),
        ("a 1;", "a 1;\nnew;\n"),
    ],
)
def test_git_applies_it(tmp_path: pathlib.Path, before: str, after: str) -> None:
    (tmp_path / "x.conf").write_bytes(before.encode())
    patch = diff("x.conf", before, after)
    done = subprocess.run(
        ["git", "apply", "-"], input=patch.encode(), cwd=tmp_path, capture_output=True, check=False
    )
    assert done.stderr == b""
    assert (tmp_path / "x.conf").read_bytes() == after.encode()


def test_neither_secrets_nor_escapes_are_shown() -> None:
    before = 'proxy_set_header X-Token "s3cretvalue";\n# \x1b[31m\x0cred\na 1;\n'
    shown = diff("x.conf", before, before.replace("a 1", "a 2"))
    assert shown == (
        "--- a/x.conf\n+++ b/x.conf\n@@ -1,3 +1,3 @@\n"
        ' proxy_set_header X-Token "***";\n # \\x1b[31m\\x0cred\n-a 1;\n+a 2;\n'
    )
