"""The command as a process: exit codes, pipes, signals, and what it imports."""

import os
import pathlib
import platform
import re
import signal
import subprocess
import sys
from typing import Any

import pytest

from lbcheck import __version__, rules
from lbcheck.reporters import FORMATS

BROKEN = """\
events {}
http {
    server {
        listen 8080;
        location /ws/ {
            proxy_pass http://127.0.0.1:9000;
        }
    }
}
"""
HEALTHY = """\
worker_shutdown_timeout 30m;
events {}
http {
    map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
    server {
        listen 8080;
        location /ws/ {
            proxy_pass http://127.0.0.1:9000;
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_read_timeout 120s;
        }
    }
}
"""
HEALTHY_HAPROXY = """\
global
    hard-stop-after 30m
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout tunnel 1h
frontend web
    bind :8080
    acl ws hdr(Upgrade) -i websocket
    use_backend chat if ws
    default_backend pages
backend chat
    option httpchk GET /healthz
    default-server check inter 5s fall 2 rise 2 on-marked-down shutdown-sessions
    server one 127.0.0.1:9000
    server two 127.0.0.1:9001
backend pages
    server one 127.0.0.1:9002
"""
NEVER_IMPORTED = (
    "boto3 botocore httpx httpcore wsproto jinja2 yaml asyncio dataclasses importlib.metadata ssl "
    "json logging pathlib email urllib.request typing_extensions locale tomllib socket hashlib "
    "sqlite3 xml csv subprocess concurrent.futures"
).split()
ONLY_WITH_FINDINGS = (
    "datetime",
    "lbcheck.reporters.frame",
    "lbcheck.suppress",
    "lbcheck.sources.inline",
    "lbcheck.fingerprint",
    "lbcheck.reporters.tried",
)
ONLY_WHEN_ASKED = re.compile(
    r"lbcheck\.(trial|runtime|history|notify|probe|lab|shard|since|baseline|known|merge|observed"
    r"|report_file|document|sources\.nginx_visit)\b"
)
"""Other commands, options that were not given, and what only they need."""
FOR_A_FORMAT = {
    "text": set(), "concise": set(), "markdown": set(), "github": set(), "json": {"json"},
    "sarif": {"json"}, "gitlab": {"json"}, "junit": {"xml"}, "csv": {"csv"},
    "html": {"jinja2", "json", "hashlib"},
}  # fmt: skip
"""What a format may import of what is slow."""
NEEDED_BY_OTHERS = frozenset({"lbcheck.rules.timeout_unit_missing"})
"""Rules that share what they know with those of other vendors."""


def lbcheck(*arguments: str, folder: pathlib.Path, **environment: str) -> Any:
    """Runs the command in a folder; a clean environment but for what is named."""
    return subprocess.run(
        [sys.executable, "-m", "lbcheck", *arguments],
        cwd=folder,
        env=clean_environment(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def clean_environment(extra: dict[str, str]) -> dict[str, str]:
    kept = {"PATH", "HOME", "VIRTUAL_ENV", "COVERAGE_PROCESS_START", "LANG"}
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return {k: v for k, v in os.environ.items() if k in kept} | {"PYTHONPATH": here} | extra


def heed_ctrl_c() -> None:
    """In the child: what runs the tests in the background makes its children deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def site(tmp_path: pathlib.Path) -> pathlib.Path:
    (tmp_path / "broken.conf").write_text(BROKEN)
    (tmp_path / "healthy.conf").write_text(HEALTHY)
    (tmp_path / "healthy.cfg").write_text(HEALTHY_HAPROXY)
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_the_version_is_told_without_importing_click(tmp_path: pathlib.Path) -> None:
    script = (
        "import sys, atexit, os; sys.argv = ['lbcheck', '--version']\n"
        "leave = os._exit\n"
        "os._exit = lambda code: (sys.stdout.write(str('click' in sys.modules)), "
        "sys.stdout.flush(), leave(code))\n"
        "from lbcheck.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=clean_environment({}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"lbcheck {__version__}\nFalse"


def test_findings_are_exit_code_1_and_name_their_lines(site: pathlib.Path) -> None:
    done = lbcheck("audit", "broken.conf", "--format", "concise", folder=site)
    assert done.returncode == 1
    assert done.stderr == ""
    assert [line for line in done.stdout.splitlines() if " LB101 " in line] != []


def test_a_healthy_file_is_exit_code_0(site: pathlib.Path) -> None:
    done = lbcheck("audit", "healthy.conf", folder=site)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "no findings\nread: 1 of 1 file, 0 includes missing; not asked: AWS (--aws)\n"
    )


def test_a_path_that_does_not_exist_is_exit_code_2(site: pathlib.Path) -> None:
    done = lbcheck("audit", "nowhere.conf", folder=site)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "lbcheck: nowhere.conf: no such file or folder\n"


def test_a_folder_without_configurations_is_exit_code_3(site: pathlib.Path) -> None:
    done = lbcheck("audit", "empty", folder=site)
    assert done.returncode == 3
    assert done.stderr == (
        "lbcheck: nothing to audit: no configuration of a load balancer in empty\n"
    )


def test_unknown_commands_options_and_rules_are_one_line_and_exit_code_2(
    site: pathlib.Path,
) -> None:
    for arguments in (["adit"], ["audit", "--nope"], ["audit", "--select", "LB000", "."]):
        done = lbcheck(*arguments, folder=site)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("lbcheck: ")
        assert done.stderr.count("\n") == 1


def test_every_format_ends_with_the_same_exit_code(site: pathlib.Path) -> None:
    codes = {
        lbcheck("audit", "broken.conf", "--format", form, folder=site).returncode
        for form in ("text", "concise", "json", "sarif", "github")
    }
    assert codes == {1}


def test_a_closed_pipe_is_quiet(site: pathlib.Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "lbcheck", "audit", "broken.conf"],
            cwd=site,
            env=clean_environment({}),
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=30,
        )
    assert (done.returncode, done.stderr) == (1, "")


def test_ctrl_c_is_one_line_and_130(site: pathlib.Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "lbcheck", "audit", "-"],
        cwd=site,
        env=clean_environment({"LBCHECK_TYPE": "nginx"}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_ctrl_c,
    )
    with process:
        try:
            assert process.stdin is not None
            process.stdin.write("x" * 200_000)  # returns when the command reads its input
            process.stdin.flush()
            process.send_signal(signal.SIGINT)
            out, error = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, out, error.strip()) == (130, "", "lbcheck: interrupted")


def test_a_bug_is_one_line_and_exit_code_4(site: pathlib.Path) -> None:
    script = (
        "import sys; import lbcheck.run\n"
        "def run(paths, options, kept): raise TypeError('no\\nway')\n"
        "lbcheck.run.run = run; sys.argv = ['lbcheck', 'audit']\n"
        "from lbcheck.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=site,
        env=clean_environment({}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == (
        "lbcheck: TypeError: no way (this is a bug in lbcheck; LBCHECK_DEBUG=1 shows where)\n"
    )


def test_output_that_cannot_be_encoded_becomes_escapes(site: pathlib.Path) -> None:
    (site / "é.conf").write_text(BROKEN)
    done = lbcheck("audit", "é.conf", folder=site, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 1
    assert "\\xe9.conf:" in done.stdout


@pytest.mark.parametrize(
    ("names", "vendors", "code", "never"),
    [
        (["healthy.conf"], {"nginx"}, 0, {*NEVER_IMPORTED, *ONLY_WITH_FINDINGS}),
        (["healthy.cfg"], {"haproxy"}, 0, {*NEVER_IMPORTED, *ONLY_WITH_FINDINGS}),
        (["broken.conf", "healthy.cfg"], {"nginx", "haproxy"}, 1, set(NEVER_IMPORTED)),
    ],
)
def test_a_static_audit_imports_nothing_slow(
    names: list[str], vendors: set[str], code: int, never: set[str], site: pathlib.Path
) -> None:
    loaded = modules_after(f"from lbcheck.__main__ import *; import_msgspec()\n"
                           f"assert run(['audit', *{names!r}]) == {code}", site)  # fmt: skip
    by_click = modules_after("import click", site)
    assert (loaded - by_click) & never == set()
    assert [name for name in loaded if ONLY_WHEN_ASKED.match(name)] == []
    assert {
        name for name in ("nginx", "haproxy", "aws") if f"lbcheck.sources.{name}" in loaded
    } == (vendors)
    for rule in rules.ALL:
        module = f"lbcheck.rules.{rule.name.replace('-', '_')}"
        spoken_of = {vendor.value for vendor in rule.vendors}
        assert module not in loaded or spoken_of & vendors or module in NEEDED_BY_OTHERS, module


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_imports_what_it_needs_and_no_more(form: str, site: pathlib.Path) -> None:
    loaded = modules_after(
        f"from lbcheck.__main__ import *; import_msgspec()\n"
        f"assert run(['audit', 'broken.conf', '--format', {form!r}]) == 1",
        site,
    )
    slow = (loaded - modules_after("import click", site)) & set(NEVER_IMPORTED)
    assert slow == FOR_A_FORMAT[form]
    assert [name for name in loaded if ONLY_WHEN_ASKED.match(name)] == []


def modules_after(script: str, folder: pathlib.Path) -> set[str]:
    """What Python has imported when a script is done; nothing of the environment is preloaded."""
    path = f"import sys; sys.path[:] = {sys.path!r}\n"
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"{path}{script}\nprint('\\0', *sys.modules)"],
        cwd=folder,
        env=clean_environment({}) | {"COVERAGE_PROCESS_START": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.partition("\0")[2].split())


def test_msgspec_is_imported_alone_and_others_still_find_what_was_held_back() -> None:
    script = (
        "import sys; from lbcheck.__main__ import import_msgspec; import_msgspec()\n"
        "held = ('typing_extensions', 'platform')\n"
        "print('msgspec' in sys.modules, *(name in sys.modules for name in held))\n"
        "import typing_extensions, platform, uuid; import_msgspec()\n"
        "print(*(name in sys.modules for name in held), platform.system(), uuid.uuid4().version)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=clean_environment({}),
        capture_output=True,
        text=True,
        check=False,
    )
    told = ["True", "False", "False", "True", "True", platform.system(), "4"]
    assert done.stdout.split() == told, done.stderr


def test_the_configuration_file_speaks_where_the_command_line_does_not(
    site: pathlib.Path,
) -> None:
    (site / ".lbcheck.yaml").write_text("fail-on: never\n")
    assert lbcheck("audit", "broken.conf", folder=site).returncode == 0
    assert lbcheck("audit", "broken.conf", "--fail-on", "error", folder=site).returncode == 1


def test_init_writes_a_configuration_that_is_valid_and_never_overwrites(
    tmp_path: pathlib.Path,
) -> None:
    assert lbcheck("init", folder=tmp_path).stdout == "wrote .lbcheck.yaml\n"
    (tmp_path / "healthy.conf").write_text(HEALTHY)
    assert lbcheck("audit", folder=tmp_path).returncode == 0
    again = lbcheck("init", folder=tmp_path)
    assert (again.returncode, again.stderr) == (
        2,
        "lbcheck: .lbcheck.yaml is there already: --force replaces it\n",
    )
    assert lbcheck("init", "--force", folder=tmp_path).returncode == 0


def test_only_who_asks_for_what_runs_imports_what_asks(site: pathlib.Path) -> None:
    slow = {"httpx", "wsproto", "lbcheck.trial.looked", "lbcheck.runtime.ask", "lbcheck.probe.live"}
    static = "from lbcheck.cli import execute; execute(['audit', 'healthy.conf'])"
    assert modules_after(static, site) & slow == set()
    asked = "from lbcheck.cli import execute; execute(['audit', '--live', 'haproxy=unix:/none'])"
    assert modules_after(asked, site) & slow == {"httpx", "lbcheck.runtime.ask"}


@pytest.mark.parametrize("closed", ["--version >&-", "rules >&-", "rules 2>&- >&-", "nothing 2>&-"])
def test_a_stream_that_is_closed_is_no_crash(closed: str) -> None:
    command = f"{sys.executable} -m lbcheck {closed}"
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2 if "nothing" in closed else 0, "")
