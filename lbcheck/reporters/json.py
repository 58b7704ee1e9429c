"""The report as JSON, schema `lbcheck/1`: the format that others script against.

Additions are compatible, every other change is a new schema. Offsets, lines and columns count
characters; the output is ASCII and the same bytes for the same report.
"""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING, Any

from lbcheck import __version__
from lbcheck.finding import Edit, Finding, Fix, Location, Related, Severity, Trial
from lbcheck.model import Source
from lbcheck.reporters.visible import encodable
from lbcheck.reporters.where import has_text, trouble, unasked

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.reporters import Style

SCHEMA = "lbcheck/1"


def render(report: Report, style: Style) -> str:
    return dumps(document(report), indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as plain values, in the order of the schema."""
    counts = {
        severity.value: sum(finding.severity is severity for finding in report.findings)
        for severity in Severity
    }
    shard = report.shard
    return {
        "schema": SCHEMA,
        "version": __version__,
        "complete": report.complete,
        "exit_code": report.exit_code,
        "profile": encodable(report.profile.id),
        "shard": {"index": shard.index, "count": shard.count} if shard else None,
        "sources": [_source(source) for source in report.sources],
        "not_known": [_named(setting) for setting in report.not_known],
        "findings": [_finding(finding) for finding in report.findings],
        "suppressed": [
            _finding(item.finding) | {"reason": _text(item.reason), "until": item.until}
            for item in report.suppressed
        ],
        "baselined": [_finding(finding) for finding in report.baselined],
        "summary": counts
        | {"suppressed": len(report.suppressed), "baselined": len(report.baselined)},
    }


def _source(source: Source) -> dict[str, Any]:
    told = [trouble(source, what) for what in source.troubles]
    detail = "; ".join([*told, *unasked(source)])
    return {
        "name": encodable(source.name),
        "kind": source.kind,
        "status": source.status.value,
        "detail": encodable(detail) or None,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "family": finding.family,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "message": encodable(finding.message),
        **_place(finding.location),
        "resource": _text(finding.location.resource),
        "address": _text(finding.address),
        "evidence": encodable(finding.evidence),
        "related": [_related(other) for other in finding.related],
        "fix": _fix(finding.fix) if finding.fix else None,
        "trial": _trial(finding.trial) if finding.trial else None,
        "fingerprint": finding.fingerprint,
    }


def _trial(trial: Trial) -> dict[str, Any]:
    return {"verdict": trial.verdict.value, "detail": encodable(trial.detail)}


def _place(location: Location) -> dict[str, Any]:
    known = has_text(location)
    return {
        "path": encodable(location.path),
        "line": location.line if known else None,
        "column": location.column if known else None,
        "end_line": location.end_line if known else None,
        "end_column": location.end_column if known else None,
    }


def _named(setting: Related) -> dict[str, Any]:
    place = _place(setting.location)
    return {
        "name": encodable(setting.message),
        "path": place["path"],
        "line": place["line"],
        "column": place["column"],
    }


def _related(other: Related) -> dict[str, Any]:
    place = _place(other.location)
    return {
        "path": place["path"],
        "line": place["line"],
        "column": place["column"],
        "message": encodable(other.message),
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "safe": fix.safe,
        "description": encodable(fix.description),
        "edits": [_edit(edit) for edit in fix.edits],
        "command": _text(fix.command),
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "path": encodable(edit.source.name),
        "start": edit.start,
        "end": edit.end,
        "text": encodable(edit.text),
    }


def _text(text: str | None) -> str | None:
    return None if text is None else encodable(text)
