"""One line a finding: `path:line:column: severity code message`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lbcheck.reporters.tried import aside
from lbcheck.reporters.visible import visible
from lbcheck.reporters.where import where

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.reporters import Style


def render(report: Report, style: Style) -> str:
    lines = [
        visible(
            f"{where(finding.location)}: {finding.severity.value} {finding.code} {finding.message}"
            f"{aside(finding)}"
        )
        for finding in report.findings
    ]
    return "".join(f"{line}\n" for line in lines)
