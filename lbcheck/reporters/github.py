"""GitHub workflow commands: findings become annotations on the lines of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lbcheck.finding import Finding, Severity
from lbcheck.reporters.tried import aside
from lbcheck.reporters.visible import visible, without_inner_commands
from lbcheck.reporters.where import has_text, where

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.reporters import Style

_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report, style: Style) -> str:
    return "".join(f"{_annotation(finding)}\n" for finding in report.findings)


def _annotation(finding: Finding) -> str:
    place = finding.location
    properties: dict[str, object] = {"title": f"{finding.code} {finding.name}"}
    message = f"{finding.message}{aside(finding)}"
    if has_text(place):
        properties |= {"file": place.path, "line": place.line, "endLine": place.end_line}
        if place.line == place.end_line:  # GitHub drops columns of annotations on several lines
            properties |= {"col": place.column, "endColumn": place.end_column}
    else:
        message = f"{where(place)}: {message}"
    told = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{_COMMAND[finding.severity]} {told}::{_data(message)}"


def _data(text: str) -> str:
    """Escaped as actions/toolkit's `escapeData`; line ends are escapes of `visible` already."""
    return without_inner_commands(visible(text)).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
