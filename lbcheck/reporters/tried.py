"""Say what a live test found out about a finding."""

from __future__ import annotations

from lbcheck.finding import Finding
from lbcheck.reporters.where import has_text, where


def tried(finding: Finding) -> str:
    """`confirmed live: the socket was cut after 10.1s`; "" where nothing live was asked."""
    if finding.trial is None:
        return ""
    detail = f": {finding.trial.detail}" if finding.trial.detail else ""
    return f"{finding.trial.verdict.value} live{detail}"


def aside(finding: Finding) -> str:
    """The same behind a message: ` (confirmed live: the socket was cut after 10.1s)`."""
    return f" ({tried(finding)})" if finding.trial else ""


def message(finding: Finding) -> str:
    """All of it in one line, for formats that show lines of files only: where it is if there is
    no line, and what a live test said."""
    place = finding.location
    at = "" if has_text(place) else f" ({where(place)})"
    return f"{finding.message}{at}{aside(finding)}"
