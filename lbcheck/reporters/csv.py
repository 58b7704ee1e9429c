"""One row a finding, for spreadsheets."""

from __future__ import annotations

from csv import writer
from io import StringIO
from typing import TYPE_CHECKING

from lbcheck.finding import Finding
from lbcheck.reporters.tried import tried
from lbcheck.reporters.visible import visible
from lbcheck.reporters.where import has_text

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.reporters import Style

_COLUMNS = (
    "severity", "code", "name", "confidence", "path", "line", "column", "resource", "address",
    "message", "evidence", "fix", "live", "fingerprint",
)  # fmt: skip
_FORMULA = tuple("=+-@＝＋－＠")


def render(report: Report, style: Style) -> str:
    output = StringIO()
    rows = writer(output, lineterminator="\n")
    rows.writerow(_COLUMNS)
    rows.writerows([_cell(value) for value in _row(finding)] for finding in report.findings)
    return output.getvalue()


def _row(finding: Finding) -> tuple[object, ...]:
    place = finding.location
    line, column = (place.line, place.column) if has_text(place) else (None, None)
    return (
        finding.severity.value,
        finding.code,
        finding.name,
        finding.confidence.value,
        place.path,
        line,
        column,
        place.resource,
        finding.address,
        finding.message,
        finding.evidence,
        finding.fix.description if finding.fix else None,
        tried(finding),
        finding.fingerprint,
    )


def _cell(value: object) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe marks it as text (OWASP, CSV
    injection; blanks in front hide nothing, and full-width signs count in Japanese versions)."""
    text = visible("" if value is None else str(value))
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
