"""Where gixy-ng, the nearest other tool, finds no issues, lbcheck says what it could not read."""

import pathlib
import subprocess
import sys

import pytest

from lbcheck.run import Options, run

SITE = "events {}\nhttp {\nserver { listen 80; location / { return 204; } }\n"
FILES = {
    "a block that is not closed": ("http {\n", 1, "the block of `http` is not closed"),
    "nothing but a NUL byte": ("\0", 1, "is not text (it has a NUL byte)"),
    "an include of itself": ("include nginx.conf;\n", 1, "is included by itself"),
    "a file that is missing": (
        "events {}\nhttp {\ninclude no/site.conf;\n}\n", 3, "the included file `no/site.conf`"
    ),
    "a quote that is not closed": (
        f'{SITE}set $a "b;\n}}\n', 4, "the quote that opens here is not closed"
    ),
    "too many closing braces": (f"{SITE}}}\n}}\n", 5, "this `}` closes nothing"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "told"), FILES.values(), ids=FILES)
def test_no_issues_found_elsewhere_is_incomplete_here(
    text: str, line: int, told: str, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "nginx.conf"
    path.write_text(text)
    peer = subprocess.run(
        [sys.executable, "-m", "gixy", str(path)], capture_output=True, text=True, check=False
    )
    assert (peer.returncode, "No issues found." in peer.stdout) == (0, True)
    report = run([str(path)], Options(today="2026-11-23"))
    assert (report.complete, report.exit_code) == (False, 3)
    (unread,) = (each for each in report.findings if each.code == "LB901")
    assert unread.location.line == line
    assert told in unread.message
