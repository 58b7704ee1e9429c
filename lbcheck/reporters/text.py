"""The report for people: a source frame for each finding, then what was found and what was read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lbcheck.finding import Severity
from lbcheck.reporters.colour import paint
from lbcheck.reporters.summary import coverage, reading_troubles, totals
from lbcheck.reporters.visible import visible
from lbcheck.reporters.where import where

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.reporters import Style


def render(report: Report, style: Style) -> str:
    blocks = list(_findings(report, style))
    if style.show_suppressed and report.suppressed:
        blocks.append("\n".join(_suppressed(report, style)))
    if not style.quiet:
        blocks.append("\n".join(_ending(report, style)))
    output = "\n\n".join(blocks)
    return f"{output}\n" if output else ""


def _findings(report: Report, style: Style) -> Iterator[str]:
    if report.findings:
        from lbcheck.reporters import block  # frames are for findings only

        for finding in report.findings:
            yield "\n".join(block.lines(finding, style))


def _suppressed(report: Report, style: Style) -> Iterator[str]:
    for item in report.suppressed:
        finding = item.finding
        until = f" until {item.until}" if item.until else ""
        told = f"{where(finding.location)}: suppressed{until} {finding.code} {finding.message}"
        yield paint(visible(f"{told} (reason: {item.reason})"), "dim", style)


def _ending(report: Report, style: Style) -> Iterator[str]:
    worst = max((f.severity for f in report.findings), key=lambda s: s.rank, default=None)
    line = totals(report, style.today)
    yield paint(line, "bold" if worst in (None, Severity.INFO) else worst.value, style)
    yield visible(coverage(report))
    for told in reading_troubles(report):
        yield visible(told)
