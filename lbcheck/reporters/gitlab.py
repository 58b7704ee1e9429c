"""GitLab's code quality report: findings appear in merge requests and beside their lines.

GitLab shows neither `check_name` nor any field of ours, so the rule stands in front of the
description; and of two findings with one fingerprint it shows the first only.
https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING, Any

from lbcheck.finding import Finding, Location, Severity
from lbcheck.reporters.tried import message
from lbcheck.reporters.visible import encodable, visible
from lbcheck.reporters.where import has_text

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.reporters import Style

_SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report, style: Style) -> str:
    seen: dict[str, int] = {}
    return dumps([_issue(finding, seen) for finding in report.findings], indent=2) + "\n"


def _issue(finding: Finding, seen: dict[str, int]) -> dict[str, Any]:
    count = seen[finding.fingerprint] = seen.get(finding.fingerprint, 0) + 1
    return {
        "description": visible(f"{finding.code} {finding.name}: {message(finding)}"),
        "check_name": finding.code,
        "categories": ["Bug Risk"],
        "severity": _SEVERITY[finding.severity],
        "fingerprint": finding.fingerprint if count == 1 else f"{finding.fingerprint}#{count}",
        "location": _location(finding.location),
    }


def _location(place: Location) -> dict[str, Any]:
    """GitLab takes no issue without a path and a line: of an account they are its name and 1."""
    first, last = (place.line, place.end_line) if has_text(place) else (1, 1)
    return {
        "path": encodable(place.path.removeprefix("./")),
        "lines": {"begin": first, "end": last},
    }
