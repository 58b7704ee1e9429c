"""`lbcheck audit --aws` as a person runs it: a process of its own, real HTTP, exit codes."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend

from tests.aws.conftest import REGION, Cloud
from tests.aws.test_audit_live import chat

ROOT = pathlib.Path(__file__).parents[2]
ACCOUNT = f"aws 123456789012 {REGION}"


def lbcheck(*arguments: str, folder: pathlib.Path, **environment: str) -> Any:
    """`lbcheck audit --aws` with the credentials of the fixture."""
    return subprocess.run(
        [sys.executable, "-m", "lbcheck", "audit", "--aws", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def told(done: Any) -> list[tuple[str, str, str]]:
    report = json.loads(done.stdout)
    assert report["exit_code"] == done.returncode
    return [(f["code"], f["path"], f["address"]) for f in report["findings"]]


def test_draining_targets_fail_the_audit_of_an_endpoint_from_the_environment(
    cloud: Cloud, tmp_path: pathlib.Path
) -> None:
    cloud.force(chat(cloud), "10.0.0.1", "draining", "Target.DeregistrationInProgress", "leaving")
    done = lbcheck(
        *("--region", REGION, "--format", "json"), folder=tmp_path, AWS_ENDPOINT_URL=cloud.endpoint
    )
    assert done.returncode == 1
    found = told(done)
    assert ("LB401", ACCOUNT, "aws/chat/80/rule[10 /ws/*]") in found


def test_unhealthy_targets_are_told_apart_from_draining_ones(
    cloud: Cloud, tmp_path: pathlib.Path
) -> None:
    cloud.force(chat(cloud), "10.0.0.1", "unhealthy", "Target.FailedHealthChecks", "503")
    done = lbcheck(
        *("--region", REGION, "--format", "json", "--endpoint-url", cloud.endpoint),
        folder=tmp_path,
    )
    codes = [code for code, _, _ in told(done)]
    assert "LB401" not in codes
    assert "LB403" in codes


def test_a_denied_call_is_lb908_and_exit_code_3(
    cloud: Cloud, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat(cloud)

    def refuse(*_: object, **__: object) -> None:
        raise ELBClientError("AccessDenied", "User: u is not authorized")

    monkeypatch.setattr(ELBv2Backend, "describe_target_health", refuse)
    done = lbcheck(
        *("--region", REGION, "--format", "json", "--endpoint-url", cloud.endpoint),
        folder=tmp_path,
    )
    assert done.returncode == 3
    assert ("LB908", ACCOUNT, None) in told(done)


def test_the_text_says_what_was_read_and_progress_goes_to_standard_error(
    cloud: Cloud, tmp_path: pathlib.Path
) -> None:
    chat(cloud)
    done = lbcheck("--region", REGION, "--endpoint-url", cloud.endpoint, folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == (
        "read: 1 of 1 AWS region; not judged: 1 route without a sign of WebSockets"
        " (--min-confidence possible)"
    )
    assert all(line.startswith("lbcheck: ") for line in done.stderr.splitlines())
    assert "calls" in done.stderr
