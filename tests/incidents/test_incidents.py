"""Incidents that happened to people: the fault is told where it stands, the repair is quiet.

Each folder is one story, rebuilt as small as it can be told. `expect.yaml` says what it is about
and names either the one finding that would have prevented it (`fixed`: the configuration after
the repair) or, for a configuration that is well, every warning that is true of it all the same.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest
import yaml

from lbcheck.finding import Finding, Severity
from lbcheck.run import Options, run

HERE = os.path.dirname(os.path.abspath(__file__))
STORIES: dict[str, dict[str, Any]] = {}
for name in sorted(os.listdir(HERE)):
    path = os.path.join(HERE, name, "expect.yaml")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as stream:
            STORIES[name] = yaml.safe_load(stream)
BROKEN = [name for name, story in STORIES.items() if "finding" in story]
REPAIRED = [name for name in BROKEN if "fixed" in STORIES[name]]
WELL = [name for name in STORIES if name not in BROKEN]


def audit(name: str, files: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    monkeypatch.chdir(os.path.join(HERE, name))
    profile = "profile.yaml" if os.path.exists("profile.yaml") else "default"
    return run(files, Options(profiles=(profile,), today="2026-11-23")).findings


def places(findings: Sequence[Finding], severity: Severity) -> list[tuple[str, str, int | None]]:
    return [
        (found.code, found.location.path, found.location.line)
        for found in findings
        if found.severity is severity
    ]


def error_codes(findings: Sequence[Finding]) -> set[str]:
    return {found.code for found in findings if found.severity is Severity.ERROR}


@pytest.mark.parametrize("name", BROKEN)
def test_the_fault_is_told_where_it_stands(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    story = STORIES[name]
    wanted = story["finding"]
    findings = audit(name, story["audit"], monkeypatch)
    told = [found for found in findings if found.code == wanted["rule"]]
    assert [(found.location.path, found.location.line) for found in told] == [
        (wanted["file"], line) for line in wanted["lines"]
    ]
    assert {found.severity.value for found in told} == {wanted["severity"]}
    others = error_codes(findings) - {wanted["rule"]}
    assert others == set(story.get("allowed_errors", {}))


@pytest.mark.parametrize("name", REPAIRED)
def test_the_repair_is_quiet(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    story = STORIES[name]
    findings = audit(name, story["fixed"], monkeypatch)
    left = {found.severity.value for found in findings if found.code == story["finding"]["rule"]}
    assert left == {story["fixed_severity"]} if "fixed_severity" in story else not left
    assert error_codes(findings) == set(story.get("allowed_errors", {}))


@pytest.mark.parametrize("name", WELL)
def test_what_is_well_has_no_fault_but_those_that_are_true(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = STORIES[name]
    findings = audit(name, story["audit"], monkeypatch)
    for severity in (Severity.ERROR, Severity.WARNING):
        assert places(findings, severity) == [
            (remark["rule"], remark["file"], remark["line"])
            for remark in story.get(f"{severity.value}s", [])
        ]


def test_no_story_is_lost() -> None:
    folders = [entry.name for entry in os.scandir(HERE) if entry.is_dir() and entry.name[0] != "_"]
    assert sorted(folders) == sorted(STORIES)
