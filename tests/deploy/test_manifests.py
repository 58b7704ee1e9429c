"""What ships for schedulers and pipelines, each judged by the tool that will read it."""

import datetime
import pathlib
import shutil
import subprocess
import sys

import cronsim
import pytest

REPOSITORY = pathlib.Path(__file__).parent.parent.parent
DEPLOY = REPOSITORY / "docs" / "deploy"
BIN = pathlib.Path(sys.executable).parent


def judged(*command: str | pathlib.Path) -> str:
    """What a tool printed of a file that it found right."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="systemd-analyze: systemd is of Linux alone")
def test_systemd_finds_nothing_wrong_with_the_units() -> None:
    tool = shutil.which("systemd-analyze")
    assert tool, "systemd-analyze is missing: install systemd (apt-get install systemd)"
    units = sorted(DEPLOY.glob("lbcheck-report.*"))
    assert [unit.suffix for unit in units] == [".service", ".timer"]
    assert judged(tool, "verify", *units) == ""


@pytest.mark.parametrize("name", ["cronjob.yaml", "indexed-job.yaml"])
def test_kubernetes_takes_every_object_and_knows_every_field(name: str) -> None:
    told = judged(BIN / "kubernetes-validate", "--strict", DEPLOY / name).splitlines()
    objects = (DEPLOY / name).read_text().count("\nkind: ")
    assert len([line for line in told if "passed for resource" in line]) == objects
    assert len(told) == objects


def test_cfn_lint_finds_nothing_wrong_with_the_batch_template() -> None:
    assert judged(BIN / "cfn-lint", DEPLOY / "batch.yaml") == ""


def test_gitlab_takes_the_template() -> None:
    told = judged(
        BIN / "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", DEPLOY / "gitlab-ci.yml"
    )
    assert told == "ok -- validation done\n"


def test_github_takes_the_action_and_zizmor_finds_nothing_unsafe() -> None:
    action = REPOSITORY / "action.yml"
    assert judged(
        BIN / "check-jsonschema", "--builtin-schema", "vendor.github-actions", action
    ) == ("ok -- validation done\n")
    assert "No findings" in judged(BIN / "zizmor", "--offline", "--persona=auditor", action)


def test_hadolint_finds_nothing_wrong_with_the_dockerfile() -> None:
    assert judged(BIN / "hadolint", REPOSITORY / "Dockerfile") == ""


def test_cron_takes_the_crontab() -> None:
    lines = (DEPLOY / "lbcheck.crontab").read_text().splitlines()
    jobs = [line for line in lines if line and line[0] in "*0123456789"]
    assert len(jobs) == 1
    *times, command = jobs[0].split(None, 5)
    start = datetime.datetime(2026, 11, 23, 7, 1)
    assert next(cronsim.CronSim(" ".join(times), start)) == start.replace(minute=15)
    assert "%" not in command  # cron takes it for the end of the line
