"""The hooks, run by the real pre-commit against this repository."""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).parent.parent
HEALTHY = """\
events {}
http {
    map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
    include conf.d/*.conf;
}
"""
SITE = """\
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
"""


def execute(*command: str, folder: pathlib.Path) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ, GIT_CONFIG_GLOBAL=os.devnull, NO_COLOR="1")
    environment.pop("GIT_DIR", None)
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A git repository with the hooks and the package as they are in the work tree."""
    folder = tmp_path_factory.mktemp("hooks")
    for name in ("lbcheck", "profiles"):
        shutil.copytree(REPOSITORY / name, folder / name)
    for name in (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, folder / name)
    commit_all(folder)
    return folder


def commit_all(folder: pathlib.Path) -> None:
    for command in (
        ["git", "init", "-q"],
        ["git", "add", "-A"],
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "all"],
    ):
        done = execute(*command, folder=folder)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def infrastructure(tmp_path: pathlib.Path) -> pathlib.Path:
    """A user's repository: one nginx root and one included site."""
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "nginx.conf").write_text(HEALTHY)
    (tmp_path / "conf.d/site.conf").write_text(SITE)
    commit_all(tmp_path)
    return tmp_path


def try_hook(
    hooks: pathlib.Path, folder: pathlib.Path, hook: str, *files: str
) -> subprocess.CompletedProcess[str]:
    chosen = ["--files", *files] if files else ["--all-files"]
    return execute(
        sys.executable, "-m", "pre_commit", "try-repo", str(hooks), hook, "--verbose", *chosen,
        folder=folder,
    )  # fmt: skip


def test_a_change_that_kills_websockets_is_stopped(
    hooks: pathlib.Path, infrastructure: pathlib.Path
) -> None:
    site = infrastructure / "conf.d/site.conf"
    site.write_text(SITE.replace("        proxy_set_header Upgrade $http_upgrade;\n", ""))
    done = try_hook(hooks, infrastructure, "lbcheck", "conf.d/site.conf")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "error[LB101] upgrade-header-not-forwarded" in done.stdout
    assert "--> conf.d/site.conf:3:5" in done.stdout


def test_a_healthy_change_passes_and_is_read_through_its_root(
    hooks: pathlib.Path, infrastructure: pathlib.Path
) -> None:
    done = try_hook(hooks, infrastructure, "lbcheck", "conf.d/site.conf")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "read: 2 of 2 files" in done.stdout


def test_a_commit_without_configuration_passes(
    hooks: pathlib.Path, infrastructure: pathlib.Path
) -> None:
    (infrastructure / "notes.md").write_text("nothing to see\n")
    execute("git", "add", "-A", folder=infrastructure)
    done = try_hook(hooks, infrastructure, "lbcheck", "notes.md")
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_of_other_programs_pass(hooks: pathlib.Path, infrastructure: pathlib.Path) -> None:
    (infrastructure / "setup.cfg").write_text("[metadata]\nname = x\n")
    (infrastructure / "redis.conf").write_text("maxmemory 1gb\n")
    execute("git", "add", "-A", folder=infrastructure)
    done = try_hook(hooks, infrastructure, "lbcheck", "setup.cfg", "redis.conf")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_project_hook_reads_the_whole_repository(
    hooks: pathlib.Path, infrastructure: pathlib.Path
) -> None:
    done = try_hook(hooks, infrastructure, "lbcheck-project")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "read: 2 of 2 files" in done.stdout


def test_the_manifest_is_valid() -> None:
    manifest = REPOSITORY / ".pre-commit-hooks.yaml"
    done = execute(
        sys.executable, "-m", "pre_commit", "validate-manifest", str(manifest), folder=REPOSITORY
    )
    assert (done.returncode, done.stdout) == (0, "")
