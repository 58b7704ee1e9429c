"""One line a finding: `path:line:column: severity code message`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lbcheck.reporters.visible import visible
from lbcheck.reporters.where import where

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.finding import Finding
    from lbcheck.reporters import Style


def render(report: Report, style: Style) -> str:
    return "".join(f"{_line(finding)}\n" for finding in report.findings)


def _line(finding: Finding) -> str:
    from lbcheck.reporters.tried import aside

    rule = f"{finding.severity.value} {finding.code}"
    return visible(f"{where(finding.location)}: {rule} {finding.message}{aside(finding)}")
