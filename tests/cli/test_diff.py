"""`lbcheck diff`: what is told about two saved states, and its exit codes."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from typing import Any

import pytest

from tests.aws import answers


def state(path: pathlib.Path, idle: str, *states: str, **more: Any) -> str:
    targets = [answers.target(f"10.0.0.{at}", said) for at, said in enumerate(states)]
    document = answers.document(
        answers.rule(10, answers.forward("chat"), answers.condition("path-pattern", "/ws/*")),
        groups=[answers.group("chat", HealthCheckPath="/healthz", HealthCheckIntervalSeconds=10)],
        LoadBalancerAttributes={
            answers.BALANCER: [{"Key": "idle_timeout.timeout_seconds", "Value": idle}]
        },
        TargetHealth={answers.arn("chat"): targets},
        **more,
    )
    path.write_text(json.dumps(document))
    return str(path)


def diff(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lbcheck", "diff", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def good(tmp_path: pathlib.Path) -> str:
    return state(tmp_path / "good.json", "300", "healthy", "healthy")


@pytest.fixture
def bad(tmp_path: pathlib.Path) -> str:
    return state(tmp_path / "bad.json", "10", "draining", "healthy")


PING = ("--param", "heartbeat.sender=server", "--param", "heartbeat.interval_s=25")


def test_new_findings_and_moved_targets_are_told(good: str, bad: str) -> None:
    done = diff(good, bad, *PING)
    [finding, target] = done.stdout.splitlines()
    assert finding.startswith(f"new     error LB301 {answers.BALANCER}: `idle_timeout")
    assert target == "target  chat 10.0.0.0:8080: healthy -> draining"
    assert done.returncode == 1


def test_what_is_fixed_is_told_and_no_failure(good: str, bad: str) -> None:
    done = diff(bad, good, *PING, "--format", "json")
    told = json.loads(done.stdout)
    assert [(f["change"], f["code"]) for f in told["findings"]] == [("fixed", "LB301")]
    assert told["targets"] == [
        {
            "pool": "chat",
            "target": "10.0.0.0:8080",
            "before": "draining",
            "after": "healthy",
            "reason": None,
        }
    ]
    assert done.returncode == 0


def test_the_same_state_has_not_changed(good: str) -> None:
    done = diff(good, good)
    assert (done.stdout, done.returncode) == ("nothing changed\n", 0)


def test_nothing_counts_as_fixed_where_not_everything_was_read(
    bad: str, tmp_path: pathlib.Path
) -> None:
    refused = {"Operation": "DescribeTargetHealth", "Code": "AccessDenied", "Message": "no"}
    partial = state(tmp_path / "partial.json", "300", "draining", "healthy", Errors=[refused])
    done = diff(bad, partial, *PING, "--format", "json")
    changes = {(f["change"], f["code"]) for f in json.loads(done.stdout)["findings"]}
    assert changes == {("unknown", "LB301"), ("new", "LB908")}
    assert done.returncode == 3


def test_a_state_that_cannot_be_read_is_one_line(good: str, tmp_path: pathlib.Path) -> None:
    done = diff(good, str(tmp_path / "none.json"))
    assert done.stderr == (
        f"lbcheck: {tmp_path}/none.json: cannot be read: No such file or directory\n"
    )
    assert done.returncode == 2


def test_a_side_that_is_no_state_is_one_line_with_its_name(
    good: str, tmp_path: pathlib.Path
) -> None:
    wrong = tmp_path / "nginx.conf"
    wrong.write_text("events {}")
    done = diff(good, str(wrong))
    assert done.stderr.startswith(f"lbcheck: {wrong}: is not JSON: ")
    assert (done.stdout, done.returncode) == ("", 3)
