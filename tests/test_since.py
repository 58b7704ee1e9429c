"""`lbcheck audit --since REV`: what a branch changed, and nothing else."""

import os
import pathlib
import shutil
import subprocess

import pytest

from lbcheck.audit import Report
from lbcheck.errors import UsageError
from lbcheck.run import Options, run
from lbcheck.since import Since

ROOT = """\
worker_shutdown_timeout 30m;
events {}
http {
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  include sites/*.conf;
}
"""
SITE = """\
server {
  listen 80; server_name shop.example;
  location /ws/ {
    proxy_pass http://127.0.0.1:9000;
    include snippets/ws.conf;
  }
}
"""
SNIPPET = """\
proxy_http_version 1.1;
proxy_set_header Host $host;
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection $connection_upgrade;
proxy_read_timeout 120s;
"""
BROKEN = """\
server {
  listen 80; server_name old.example;
  location /ws/ { proxy_pass http://127.0.0.1:9000; }
}
"""


def git(*arguments: str, folder: str = ".") -> str:
    settings = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    done = subprocess.run(
        ["git", *settings, *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def put(path: str, text: str) -> None:
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(path).write_text(text)


def commit() -> str:
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", "x")
    return git("rev-parse", "HEAD")


@pytest.fixture(autouse=True)
def checkout(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """A repository with a fault of old on `main`, on a branch."""
    folder = tmp_path / "shop"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "-q", "-b", "main")
    put("edge/nginx.conf", ROOT)
    put("edge/sites/shop.conf", SITE)
    put("edge/sites/old.conf", BROKEN)
    put("edge/snippets/ws.conf", SNIPPET)
    commit()
    git("checkout", "-q", "-b", "topic")
    return folder


def since(
    revision: str = "main", *paths: str, told: list[str] | None = None, **options: object
) -> Report:
    named = list(paths or ["."])
    wanted = Options(**options)
    tell = (told if told is not None else []).append
    known = Since(revision, named, wanted, tell)
    wanted = Options(**options, known=known)
    return run(named, wanted)


def codes(report: Report) -> set[tuple[str, str]]:
    return {(finding.location.path, finding.code) for finding in report.findings}


def test_without_a_change_everything_is_known_and_nothing_is_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lbcheck.since.write", None)
    report = since()
    assert (report.findings, report.exit_code) == ((), 0)
    assert {finding.code for finding in report.baselined} >= {"LB101"}
    assert report.known_as == "older than main"
    assert report.compared


def test_only_what_the_branch_brought_is_told() -> None:
    put("edge/sites/new.conf", BROKEN.replace("old.example", "new.example"))
    report = since()
    assert {path for path, _ in codes(report)} == {"edge/sites/new.conf"}
    assert ("edge/sites/new.conf", "LB101") in codes(report)
    assert report.exit_code == 1
    commit()
    assert codes(since()) == codes(report)


def test_a_changed_include_that_breaks_the_route_of_another_file_is_told() -> None:
    put("edge/snippets/ws.conf", SNIPPET.replace("proxy_set_header Upgrade $http_upgrade;\n", ""))
    report = since()
    assert {(f.code, f.address) for f in report.findings if f.code == "LB101"} == {
        ("LB101", "http/server[shop.example]/location[/ws/]")
    }
    assert since("HEAD", "edge/sites/shop.conf").exit_code == 1


def test_a_deleted_include_that_breaks_a_route_is_told() -> None:
    put("edge/sites/shop.conf", SITE.replace("snippets/ws.conf", "snippets/w*.conf"))
    commit()
    os.unlink("edge/snippets/ws.conf")
    assert "LB101" in {finding.code for finding in since("HEAD").findings}


@pytest.mark.parametrize("gone", [True, False])
def test_what_breaks_because_a_file_beside_it_changed_is_told(gone: bool) -> None:
    front = "frontend web\n  mode http\n  bind :80\n  timeout client 1h\n  use_backend chat\n"
    back = "backend chat\n  mode http\n  server one 127.0.0.1:9000\n"
    put("lb/front.cfg", f"global\n  hard-stop-after 30m\n{front}")
    put("lb/more/back.cfg", back)
    commit()
    assert since("HEAD", "lb/front.cfg").findings == ()
    if gone:
        os.unlink("lb/more/back.cfg")
    else:
        put("lb/more/back.cfg", back.replace("chat", "talk"))
    report = since("HEAD", "lb/front.cfg")
    assert [f.message for f in report.findings] == [
        "no backend is called `chat`; correct the name, or add the backend"
    ]
    assert report.exit_code == 3


def test_a_shortcut_is_taken_only_where_nothing_around_has_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []
    monkeypatch.setattr("lbcheck.since.write", lambda at, paths, folder: calls.append(folder))
    since("HEAD", "edge/sites/old.conf")
    assert calls == []
    put("edge/sites/notes.conf", "# nothing\n")
    since("HEAD", "edge/sites/old.conf")
    os.unlink("edge/sites/notes.conf")
    put("edge/sites/shop.conf", SITE + "\n")
    since("HEAD", "edge/sites/old.conf")
    assert len(calls) == 2


def test_renamed_files_and_moved_lines_are_not_new() -> None:
    git("mv", "edge/sites/old.conf", "edge/sites/ancient.conf")
    put("edge/sites/ancient.conf", "\n\n# moved\n" + BROKEN)
    assert since().findings == ()


def test_what_main_mended_in_the_meantime_is_not_the_branchs() -> None:
    git("checkout", "-q", "main")
    put("edge/sites/old.conf", "server { listen 80; root /srv; }\n")
    commit()
    git("checkout", "-q", "topic")
    assert since("main").findings == ()


@pytest.mark.parametrize(
    ("folder", "named"), [("edge", "."), ("edge/sites", "new.conf"), ("..", "shop/edge")]
)
def test_it_is_the_same_from_every_folder(
    folder: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("edge/sites/new.conf", BROKEN.replace("old.example", "new.example"))
    monkeypatch.chdir(folder)
    report = since("main", named)
    assert {os.path.basename(path) for path, _ in codes(report)} == {"new.conf"}
    assert "LB101" in {finding.code for finding in report.findings}


def test_a_file_that_could_not_be_read_then_is_told_and_what_is_found_in_it_is_new() -> None:
    put("edge/sites/old.conf", f"{BROKEN}\0")
    commit()
    put("edge/sites/old.conf", BROKEN)
    told: list[str] = []
    report = since("HEAD", told=told)
    assert ("edge/sites/old.conf", "LB101") in codes(report)
    assert [line for line in told if "edge/sites/old.conf could not be read: " in line]


def test_a_fault_of_a_file_that_was_broken_is_known() -> None:
    put("edge/sites/old.conf", BROKEN[:-2])
    commit()
    put("edge/sites/old.conf", BROKEN)
    told: list[str] = []
    assert since("HEAD", told=told).findings == ()
    assert [line for line in told if "edge/sites/old.conf could not be read: " in line]


def test_what_cannot_be_read_now_is_told_whatever_was_before() -> None:
    put("edge/sites/old.conf", BROKEN[:-2])
    commit()
    report = since("HEAD")
    assert ("LB901" in {finding.code for finding in report.findings}, report.exit_code) == (True, 3)


def test_a_profile_of_the_repository_is_taken_as_it_was() -> None:
    put("ours.yaml", "heartbeat: {sender: server, interval_s: 25}\n")
    commit()
    put("ours.yaml", "heartbeat: {sender: server, interval_s: 600}\n")
    report = since("HEAD", profiles=("ours.yaml",))
    assert "LB301" in {finding.code for finding in report.findings}


def test_a_changed_configuration_is_told() -> None:
    put(".lbcheck.yaml", "profile: [strict]\n")
    told: list[str] = []
    since(told=told)
    assert told == [
        ".lbcheck.yaml has changed: what its settings alone bring up is not told as new"
    ]


def test_a_baseline_counts_as_well() -> None:
    from lbcheck.cli import execute

    put("edge/sites/new.conf", BROKEN.replace("old.example", "new.example"))
    assert execute(["audit", "--since", "main"]) == 1
    assert execute(["baseline", "create", "edge/sites/new.conf"]) == 0
    assert execute(["audit", "--since", "main", "--baseline", ".lbcheck-baseline.json"]) == 0


def wrong(revision: str, *paths: str, **options: object) -> str:
    with pytest.raises(UsageError) as raised:
        since(revision, *paths, **options)
    return str(raised.value)


def test_what_has_no_revision_is_refused(checkout: pathlib.Path, tmp_path: pathlib.Path) -> None:
    assert wrong("nope") == f"--since nope: is no revision of {checkout}: is it fetched?"
    assert wrong("--output=x") == "--since --output=x: is no revision"
    outside = tmp_path / "else.conf"
    outside.write_text(BROKEN)
    assert wrong("main", str(outside)) == f"--since: {outside} is in no git repository"
    other = tmp_path / "other"
    other.mkdir()
    git("init", "-q", folder=str(other))
    assert "are in different repositories" in wrong("main", "edge", str(other))
    assert wrong("main", stdin=("-", BROKEN)) == (
        "--since: say with --stdin-filename which file standard input is"
    )


def test_standard_input_is_compared_with_the_file_it_stands_for() -> None:
    worse = BROKEN.replace("/ws/ {", "/ws/ { proxy_read_timeout 1s;")
    report = since("main", stdin=("edge/sites/old.conf", worse), profiles=("socketio-v4",))
    assert "LB301" in {finding.code for finding in report.findings}
    assert "LB101" in {finding.code for finding in report.baselined}


def test_a_shallow_clone_says_how_to_get_the_history(
    checkout: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit()
    shallow = tmp_path / "shallow"
    git("clone", "-q", "--depth", "1", "-b", "topic", f"file://{checkout}", str(shallow))
    monkeypatch.chdir(shallow)
    assert wrong("main") == (
        "--since main: is not in this shallow clone: fetch the history first "
        "(`git fetch --unshallow`; actions/checkout: `fetch-depth: 0`)"
    )
    git("fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main")
    assert "too shallow to compare" in wrong("origin/main")


def test_without_git_that_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert wrong("main") == "--since needs git, which is not here"


def test_a_hostile_repository_runs_nothing_and_reads_nothing_else(
    checkout: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    trap.chmod(0o755)
    os.symlink("/etc/passwd", "edge/sites/link.conf")
    os.symlink("../../..", "edge/up")
    put(".gitattributes", "* filter=trap diff=trap\n")
    commit()
    for key in ("core.fsmonitor", "filter.trap.smudge", "filter.trap.clean", "diff.trap.textconv",
                "core.pager", "core.sshCommand", "alias.ls-tree"):  # fmt: skip
        git("config", key, str(trap))
    for hook in ("post-checkout", "post-index-change", "reference-transaction"):
        os.makedirs(".git/hooks", exist_ok=True)
        shutil.copy(trap, f".git/hooks/{hook}")
    os.unlink("edge/sites/link.conf")
    put("edge/sites/new.conf", BROKEN.replace("old.example", "new.example"))
    (tmp_path / "sprung").unlink(missing_ok=True)
    before = sorted(os.listdir("."))
    report = since("HEAD")
    assert ("edge/sites/new.conf", "LB101") in codes(report)
    assert not (tmp_path / "sprung").exists()
    assert sorted(os.listdir(".")) == before
    assert git("status", "--porcelain", "-uno", "-z").replace("\0", "") == "D edge/sites/link.conf"


def stored(kind: str, data: bytes) -> str:
    """The id of an object that git stores, though it would never make it."""
    command = ["git", "hash-object", "-t", kind, "-w", "--literally", "--stdin"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout.decode()


def entry(mode: str, name: str, kind: str, data: bytes) -> bytes:
    return f"{mode} {name}\0".encode() + bytes.fromhex(stored(kind, data))


def test_a_tree_whose_folder_is_a_link_as_well_is_written_nowhere_else(
    checkout: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    below = entry("120000", "b.conf", "blob", b"/etc/passwd")
    link = entry("120000", "a", "blob", str(outside).encode())
    site = entry("100644", "site.conf", "blob", BROKEN.encode())
    tree = stored("tree", link + entry("40000", "a", "tree", below) + site).strip()
    odd = git("commit-tree", tree, "-m", "x").strip()
    git("checkout", "-q", "--orphan", "new")
    put("edge/new.conf", BROKEN)
    commit()
    assert ("edge/new.conf", "LB101") in codes(since(odd))
    assert os.listdir(outside) == []


def test_the_variables_of_a_hook_lead_to_no_other_repository(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nonexistent")
    assert since().findings == ()


def test_what_runs_now_has_no_revision(capsys: pytest.CaptureFixture[str]) -> None:
    from lbcheck.cli import execute

    assert execute(["audit", "--since", "main", "--aws"]) == 2
    assert execute(["audit", "--since", "main", "--live", "haproxy=unix:/x"]) == 2
    said = "lbcheck: --since compares files: what runs now has no revision\n"
    assert capsys.readouterr().err == said * 2


def test_the_summary_says_what_is_older(capsys: pytest.CaptureFixture[str]) -> None:
    from lbcheck.cli import execute

    assert execute(["audit", "--since", "main"]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("no findings (")
    assert first.endswith(" older than main)")


def test_an_empty_revision_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """As of a variable that a pipeline has not set: everything would be audited."""
    from lbcheck.cli import execute

    assert execute(["audit", "--since", ""]) == 2
    told = capsys.readouterr().err
    assert told == "lbcheck: --since is empty: name a revision, such as origin/main\n"
