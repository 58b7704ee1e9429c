"""The GitHub Action: its own steps, run as a runner runs them."""

import os
import pathlib
import subprocess
import sys

import pytest
import yaml

REPOSITORY = pathlib.Path(__file__).parent.parent.parent
ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text())
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


def step(name: str, folder: pathlib.Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """A step's script in bash as GitHub starts it, its expressions replaced by what they say."""
    found = next(step for step in ACTION["runs"]["steps"] if step["name"] == name)
    assert "${{" not in found["run"], "expressions belong into env: text is not code"
    values = {key: one.get("default", "") for key, one in ACTION["inputs"].items()} | inputs
    known = {f"${{{{ inputs.{key} }}}}": value for key, value in values.items()}
    known["${{ github.action_path }}"] = str(REPOSITORY)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GITHUB_ACTIONS": "true",
        "RUNNER_TEMP": str(folder / "temp"),
        "GITHUB_OUTPUT": str(folder / "output"),
        **{key: known[value] for key, value in found["env"].items()},
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found["run"]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def runner(tmp_path: pathlib.Path) -> pathlib.Path:
    """A runner's work folder; lbcheck is installed where the action looks for it."""
    there = tmp_path / "temp" / "lbcheck" / "bin"
    there.mkdir(parents=True)
    (there / "lbcheck").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lbcheck "$@"\n')
    (there / "lbcheck").chmod(0o755)
    (tmp_path / "edge.conf").write_text(BROKEN)
    return tmp_path


def output(runner: pathlib.Path) -> str:
    return (runner / "output").read_text()


def test_a_finding_is_an_annotation_a_frame_and_the_steps_exit_code(runner: pathlib.Path) -> None:
    done = step("Audit", runner)
    assert done.returncode == 1
    assert output(runner) == "exit-code=1\n"
    assert "::error title=LB101 upgrade-header-not-forwarded,file=edge.conf,line=5" in done.stdout
    assert "error[LB101] upgrade-header-not-forwarded" in done.stderr


def test_every_line_is_one_argument_whatever_is_in_it(runner: pathlib.Path) -> None:
    odd = runner / "a $(touch pwned) b.conf"
    odd.write_text(BROKEN)
    done = step(
        "Audit", runner, paths=f"{odd.name}\n", args="--fail-on=never\n--quiet", sarif="out.sarif"
    )
    assert done.returncode == 0
    assert output(runner) == "exit-code=0\n"
    assert "out.sarif" in os.listdir(runner)
    assert "edge.conf" not in done.stdout
    assert not (runner / "pwned").exists()


def test_what_could_not_be_read_fails_the_step(runner: pathlib.Path) -> None:
    (runner / "edge.conf").write_text("http {\n")
    done = step("Audit", runner)
    assert (done.returncode, output(runner)) == (3, "exit-code=3\n")


def test_it_installs_itself(tmp_path: pathlib.Path) -> None:
    done = step("Install lbcheck", tmp_path, python=sys.executable)
    assert done.returncode == 0, done.stderr
    there = tmp_path / "temp" / "lbcheck" / "bin" / "lbcheck"
    told = subprocess.run([there, "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("lbcheck ")
