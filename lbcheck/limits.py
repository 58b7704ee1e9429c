"""What a person wants to see of an audit, and what fails it: one filter for every format."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from lbcheck.finding import Confidence, Finding, Severity
from lbcheck.profile import Profile


class Limits(Struct, frozen=True):
    """What a person wants to see. `fail_on` None: findings never fail the run."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    min_severity: Severity = Severity.INFO
    min_confidence: Confidence = Confidence.LIKELY
    fail_on: Severity | None = Severity.ERROR


DEFAULT = Limits()


def believed(finding: Finding, limits: Limits) -> bool:
    """Is it sure enough?"""
    return finding.confidence.level >= limits.min_confidence.level


def shown(finding: Finding, limits: Limits, profile: Profile) -> bool:
    """Is it one that a person wants to see?"""
    severe = finding.severity.rank >= limits.min_severity.rank
    return severe and wanted(finding, limits, profile)


def wanted(finding: Finding, limits: Limits, profile: Profile) -> bool:
    """What lbcheck says about itself (LB9xx) may be switched off as well: it is counted as hidden,
    and what could not be read still decides the exit code."""
    if finding.location.source.left_out:
        return False
    if finding.code in limits.ignore or profile.rules.get(finding.code) == "off":
        return False
    return not limits.select or finding.code in limits.select or finding.code.startswith("LB9")


def exit_code(findings: Sequence[Finding], limits: Limits, complete: bool, crashed: bool) -> int:
    if crashed:
        return 4
    failing = limits.fail_on
    if failing and any(finding.severity.rank >= failing.rank for finding in findings):
        return 1
    return 0 if complete else 3
