"""Nasty files end within bounds, say what is wrong, and leave their neighbours judged."""

import os
import pathlib
import resource
import subprocess
import sys

import pytest

from tests.cli.test_process import clean_environment

NEIGHBOUR = (
    "upstream q { server a:80; }\nserver { listen 9; location /ws { proxy_pass http://q; } }\n"
)
HTTP = "events {}\nhttp {\n%s\n}\n"
SERVER = "server { listen 80; location /ws { proxy_pass http://a; } }\n"
HAPROXY = "global\n daemon\nfrontend f\n bind :80\n"
CASES: dict[str, tuple[dict[str, str], int, str]] = {
    "a NUL byte": ({"nginx.conf": "\0"}, 3, "nginx.conf:1:1: warning LB901 is not text"),
    "ten megabytes in a word": (
        {"nginx.conf": HTTP % SERVER + "a" * 10_000_000}, 3, " is not ended by `;`; put a `;`"
    ),
    "a thousand blocks": ({"nginx.conf": HTTP % ("a {" * 1000 + "}" * 1000)}, 0, ""),
    "blocks never closed": ({"nginx.conf": "http {\n" * 50_000}, 3, "the block of `http`"),
    "many words": (
        {"haproxy.cfg": HAPROXY + " acl a " + "b " * 70 + "\n"}, 3,
        "haproxy.cfg:5:2: warning LB901 72 words on one line, HAProxy takes 64",
    ),
    "branches never closed": (
        {"haproxy.cfg": HAPROXY + ".if feature(A)\n" * 9000}, 3,
        "haproxy.cfg:9004:1: warning LB901 this `.if` is not ended; add the missing `.endif`",
    ),
    "includes of includes": (
        {"nginx.conf": HTTP % "include l0.conf;", "l9.conf": SERVER}
        | {f"l{n}.conf": f"include l{n + 1}.conf;\n" * 10 for n in range(9)},
        3, "LB901 includes multiply to more than 1,000,000 directives",
    ),
    "a loop": ({"nginx.conf": "include nginx.conf;\n"}, 3, "is included by itself; remove"),
    "missing files": (
        {"nginx.conf": HTTP % "".join(f"include x/{n}.conf;\n" for n in range(3000))}, 3,
        "nginx.conf:3:1: warning LB901 the included file `x/0.conf` does not exist",
    ),
    "catastrophic patterns": (
        {"nginx.conf": HTTP % (
            "server { listen 80; location ~ ^/(a+)+$ { return 200; } location /" + "a" * 50
            + "! { return 200; } }"
        )}, 0, "",
    ),
    "deep JSON": ({"s.json": '{"LoadBalancers": ' + "[" * 100_000}, 3, "s.json:1:"),
}  # fmt: skip


def bounded() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


def audit(folder: pathlib.Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "lbcheck", "audit", ".", "--fail-on", "never", *arguments],
        cwd=folder,
        env=clean_environment({}),
        preexec_fn=bounded,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("files", "code", "told"), CASES.values(), ids=CASES)
def test_a_nasty_file_is_told_and_its_neighbour_judged(
    tmp_path: pathlib.Path, files: dict[str, str], code: int, told: str
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/neighbour.conf").write_text(NEIGHBOUR)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    done = audit(tmp_path, "--format", "concise")
    assert (done.returncode, done.stderr) == (code, "")
    assert told in done.stdout
    assert "other/neighbour.conf:2:" in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 3000


def test_pipes_folders_and_links_to_nowhere_hold_nothing_up(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "pipe.conf")
    (tmp_path / "x.conf").mkdir()
    (tmp_path / "x.conf/loop").symlink_to(tmp_path)
    (tmp_path / "neighbour.conf").write_text(NEIGHBOUR)
    done = audit(tmp_path, "--format", "concise")
    assert (done.returncode, done.stderr) == (0, "")
    assert "neighbour.conf:2:" in done.stdout


def test_a_full_disk_leaves_the_old_report_and_no_temporary_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "neighbour.conf").write_text(NEIGHBOUR)
    (tmp_path / "report.json").write_text("old")
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "from lbcheck.__main__ import run\n"
        "sys.exit(run(['audit', '.', '-o', 'json=report.json']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=clean_environment({"PYTHONDONTWRITEBYTECODE": "1"}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "lbcheck: report.json: cannot be written: File too large\n"
    assert sorted(os.listdir(tmp_path)) == ["neighbour.conf", "report.json"]
    assert (tmp_path / "report.json").read_text() == "old"
