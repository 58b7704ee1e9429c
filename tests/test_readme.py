"""Every command in the README is run, and the finding it shows is the one lbcheck prints."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import httpx
import pytest
from moto.server import ThreadedMotoServer

from lbcheck.lab.target import Target, serving
from lbcheck.rules.example_parts import INGRESS_NGINX

ROOT = pathlib.Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
COMMANDS = re.findall(r"(?m)^\$ (.*?)(?:\s{2,}#.*)?$", README)
EXPECTED = {
    "lbcheck fix examples/haproxy": 1,
    "make demo": 0,
    "lbcheck audit examples/nginx": 1,
    "lbcheck explain LB105": 0,
    "lbcheck explain 1006": 0,
    "lbcheck audit examples --profile socketio-v4 --format github -o sarif=lbcheck.sarif": 1,
    "lbcheck audit --snapshot examples/aws-state.json": 1,
    "lbcheck audit --aws --region eu-west-1": 0,
    "lbcheck snapshot aws --region eu-west-1 -o state.json": 0,
    "nginx -T | lbcheck audit - --stdin-filename nginx.conf": 0,
    "lbcheck audit examples --fail-on warning --format json -o text=lbcheck.txt": 1,
    "lbcheck audit examples --format junit -o html=lbcheck.html -o markdown=lbcheck.md": 1,
    "lbcheck report examples --state history --metrics lbcheck.prom -o text=lbcheck.txt": 1,
    "lbcheck report history --state history": 0,
    "lbcheck profiles list": 0,
    "lbcheck profiles show socketio-v4": 0,
    "lbcheck audit examples/nginx --profile socketio-v4 --param heartbeat.interval_s=15": 1,
    "lbcheck init": 0,
    "lbcheck baseline create examples && lbcheck audit examples --baseline "
    ".lbcheck-baseline.json": 0,
    "lbcheck aws-policy --tier read": 0,
    "lbcheck doctor": 0,
    "lbcheck diff examples/aws-state.json examples/aws-state.json": 0,
    "lbcheck audit examples/terraform examples/cloudformation examples/kubernetes": 1,
    "lbcheck probe ws://localhost:8080/ws": 0,
    "helm template my-release my-chart | lbcheck audit -": 0,
}
# The test command itself is what runs this file.
NOT_HERE = {"make test"}
BEFORE = {"lbcheck report history --state history": "lbcheck report examples --state history"}
"""what a reader has run before it; tests run in any order"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "examples", folder / "examples")
    shutil.copy(ROOT / "Makefile", folder)
    # An environment that is set up already: `make demo` has nothing left to install.
    (folder / ".venv/bin").mkdir(parents=True)
    for name in ("lbcheck", "python"):
        (folder / ".venv/bin" / name).symlink_to(pathlib.Path(sys.executable).parent / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / ".venv/runs").touch()
    (folder / "nginx").write_text("#!/bin/sh\necho 'events {}'\necho 'http { server { } }'\n")
    (folder / "nginx").chmod(0o755)
    (folder / "helm").write_text(f"#!/bin/sh\ncat <<'END'\n{INGRESS_NGINX}END\n")
    (folder / "helm").chmod(0o755)
    return folder


def execute(command: str, folder: pathlib.Path, **more: str) -> subprocess.CompletedProcess[str]:
    binaries = pathlib.Path(sys.executable).parent
    path = f"{folder}:{binaries}:{os.environ['PATH']}"
    credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    environment = {**os.environ, **credentials, "PATH": path, "NO_COLOR": "1", **more}
    return subprocess.run(
        command, shell=True, cwd=folder, env=environment, capture_output=True, text=True
    )


def test_the_commands_are_those_that_are_run_here() -> None:
    assert set(COMMANDS) == set(EXPECTED) | NOT_HERE


@pytest.mark.parametrize("command", EXPECTED)
def test_a_command_of_the_readme_does_what_it_says(command: str, checkout: pathlib.Path) -> None:
    more, expected = {}, EXPECTED[command]
    if command in BEFORE:
        execute(BEFORE[command].replace("history", "another"), checkout)
        command = command.replace("--state history", "--state another")
    live = "aws --region" in command
    if live:
        server = ThreadedMotoServer(port=0)
        server.start()
        host, port = server.get_host_and_port()
        more["AWS_ENDPOINT_URL"] = f"http://{host}:{port}"
        httpx.post(f"http://{host}:{port}/moto-api/reset")  # its state is this process's
    try:
        with serving(Target()) as (target,):
            done = execute(command.replace("//localhost:8080", f"//localhost:{target.port}"),
                           checkout, **more)  # fmt: skip
    finally:
        if live:
            server.stop()
    assert done.returncode == expected, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_finds_something_for_every_vendor(checkout: pathlib.Path) -> None:
    printed = execute("make demo", checkout).stdout
    for place in ("examples/nginx/conf.d/chat.conf", "examples/haproxy/haproxy.cfg",
                  "examples/aws-state.json", "examples/terraform/main.tf",
                  "examples/cloudformation/template.yaml",
                  "examples/kubernetes/ingress.yaml"):  # fmt: skip
        assert f"--> {place}:" in printed


def test_the_finding_in_the_readme_is_printed_to_the_letter(checkout: pathlib.Path) -> None:
    shown = re.search(r"<!-- frame -->\n```\n(.*?)```\n<!-- /frame -->", README, re.DOTALL)[1]
    assert shown.strip()
    printed = execute("lbcheck audit examples/nginx", checkout).stdout
    assert shown.strip() in printed


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)\)", README))
def test_a_link_of_the_readme_leads_somewhere(link: str) -> None:
    assert link.startswith("https://") or (ROOT / link).exists()
