"""The report as SARIF 2.1.0, with everything GitHub code scanning asks for.

The exit code stays the same as for every other format. Columns count Unicode code points, as
everywhere in lbcheck, and the log says so (`columnKind`).

Every result has a file and a region, for GitHub refuses a whole log for one that has none, or whose
URI has another scheme than the checkout's (github/codeql-action issue 754: "SARIF URI scheme ...
did not match the checkout URI scheme"). An account or a service is a relative path without a scheme
there, its first line stands for all of it, and its name and resource are told beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from json import dumps
from typing import TYPE_CHECKING, Any

from lbcheck import __version__, explain
from lbcheck.finding import Confidence, Edit, Finding, Fix, Location, Severity
from lbcheck.model import Source, Trouble
from lbcheck.reporters.line_hash import line_hashes
from lbcheck.reporters.tried import aside
from lbcheck.reporters.visible import encodable
from lbcheck.reporters.where import has_text, unasked
from lbcheck.rules import BY_CODE
from lbcheck.secret import hidden, told

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.reporters import Style
    from lbcheck.suppress import Suppressed

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEM = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "recommendation",
}
_PRECISION = {
    Confidence.CERTAIN: "very-high",
    Confidence.LIKELY: "high",
    Confidence.POSSIBLE: "low",
}
_HOME = "https://github.com/lbcheck/lbcheck"
_LONGEST_TEXT = 1024
_WHOLE = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}
"""the region of what has no lines"""
_URI_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/@+,=")


def render(report: Report, style: Style) -> str:
    return dumps(document(report), indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The whole log as plain values."""
    hashes: dict[str, list[str]] = {}
    suppressed = report.suppressed
    told = (*report.findings, *report.baselined, *(item.finding for item in suppressed))
    codes = sorted({finding.code for finding in told})
    new = {"baselineState": "new"} if report.compared else {}
    results = [_result(finding, codes, hashes) | new for finding in report.findings]
    known = {"baselineState": "unchanged"}
    results += [_result(finding, codes, hashes) | known for finding in report.baselined]
    results += [_silenced(item, codes, hashes) for item in suppressed]
    driver = {
        "name": "lbcheck",
        "informationUri": _HOME,
        "semanticVersion": __version__,
        "version": __version__,
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        # GitHub refuses two uploads of one tool and category: each profile has its own.
        "automationDetails": {"id": encodable(f"lbcheck/{report.profile.id}/")},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    rule = BY_CODE[code]
    page = explain.page(rule)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary[:_LONGEST_TEXT]},
        "fullDescription": {"text": f"{rule.summary} {rule.why}"[:_LONGEST_TEXT]},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        "properties": {
            "precision": "high",
            "problem.severity": _PROBLEM[rule.severity],
            "tags": ["websocket", rule.family.value],
        },
    }


def _invocation(report: Report) -> dict[str, Any]:
    return {
        "executionSuccessful": report.complete and report.exit_code in (0, 1),
        "exitCode": report.exit_code,
        "toolExecutionNotifications": [*_notifications(report)],
    }


def _notifications(report: Report) -> Iterator[dict[str, Any]]:
    """What could not be read, and as notes what was not asked, not judged or cannot be known."""
    for source in report.sources:
        yield from (_notification(source, what) for what in source.troubles)
        place = {"artifactLocation": _artifact(source), "region": _WHOLE}
        for text in unasked(source):
            yield _note(f"{source.name}: {text}", {"physicalLocation": place})
    for setting in report.not_known:
        text = f"`{setting.message}` is not known: nobody can tell its value by reading"
        yield _note(text, _location(setting.location, None))


def _note(text: str, place: dict[str, Any]) -> dict[str, Any]:
    return {"level": "note", "message": {"text": encodable(text)}, "locations": [place]}


def _notification(source: Source, what: Trouble) -> dict[str, Any]:
    known = source.text and what.end > 0
    region = _region(source, what.start, what.end) if known else _WHOLE
    place = {"artifactLocation": _artifact(source), "region": region}
    remedy = f"; {what.remedy}" if what.remedy else ""
    return {
        "level": "error",
        "message": {"text": encodable(f"{source.name}: {told(what.message)}{remedy}")},
        "locations": [{"physicalLocation": place}],
    }


def _silenced(item: Suppressed, codes: list[str], hashes: dict[str, list[str]]) -> dict[str, Any]:
    until = f" (until {item.until})" if item.until else ""
    suppression = {
        "kind": "inSource",
        "status": "accepted",
        "justification": encodable(f"{item.reason}{until}"),
    }
    return _result(item.finding, codes, hashes) | {"suppressions": [suppression]}


def _result(finding: Finding, codes: list[str], hashes: dict[str, list[str]]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": _LEVEL[finding.severity],
        "message": {"text": encodable(f"{finding.message}{aside(finding)}")},
        "locations": [_location(finding.location, finding.address)],
        "partialFingerprints": _fingerprints(finding, hashes),
        "properties": {
            "confidence": finding.confidence.value,
            "precision": _PRECISION[finding.confidence],
            "evidence": encodable(finding.evidence),
        },
    }
    if finding.trial:
        result["properties"] |= {
            "trial": finding.trial.verdict.value,
            "trialDetail": encodable(finding.trial.detail),
        }
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": number,
                **_location(other.location, None),
                "message": {"text": encodable(other.message)},
            }
            for number, other in enumerate(finding.related, 1)
        ]
    if finding.fix and finding.fix.edits and all(e.source.text for e in finding.fix.edits):
        result["fixes"] = [_fix(finding.fix)]
    return result


def _location(location: Location, address: str | None) -> dict[str, Any]:
    """A file's lines; for a live account the account, and the resource as a logical place."""
    region: dict[str, Any] = _WHOLE
    if has_text(location):
        region = {
            "startLine": location.line,
            "startColumn": location.column,
            "endLine": location.end_line,
            "endColumn": location.end_column,
        }
    physical = {"artifactLocation": _artifact(location.source), "region": region}
    told: dict[str, Any] = {"physicalLocation": physical}
    if location.resource:
        told["logicalLocations"] = [
            {"fullyQualifiedName": encodable(location.resource), "kind": "resource"}
        ]
    elif address:
        told["logicalLocations"] = [{"fullyQualifiedName": encodable(address)}]
    return told


def _fingerprints(finding: Finding, hashes: dict[str, list[str]]) -> dict[str, str]:
    """Our own identity, and GitHub's where there is a line to compute it from."""
    prints = {"lbcheck/v1": finding.fingerprint}
    place = finding.location
    if has_text(place) and place.line is not None and place.source.text:
        if place.path not in hashes:
            hashes[place.path] = line_hashes(place.source.text)
        known = hashes[place.path]
        start = place.source.starts[place.line - 1]
        # a hash of a password can be undone by trying; GitHub computes its own from the file
        if place.line <= len(known) and not hidden(place.source, start, start + 2000):
            prints["primaryLocationLineHash"] = known[place.line - 1]
    return prints


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        changes.setdefault(uri(edit.source), []).append(_replacement(edit))
    return {
        "description": {"text": encodable(fix.description)},
        "artifactChanges": [
            {"artifactLocation": {"uri": place}, "replacements": replacements}
            for place, replacements in changes.items()
        ],
    }


def _replacement(edit: Edit) -> dict[str, Any]:
    return {
        "deletedRegion": _region(edit.source, edit.start, edit.end),
        "insertedContent": {"text": encodable(edit.text)},
    }


def _region(source: Source, start: int, end: int) -> dict[str, int]:
    line, column = source.position(start)
    end_line, end_column = source.position(max(start, end))
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def _artifact(source: Source) -> dict[str, Any]:
    """Where a source is; what is no file is told by its name as well."""
    if source.kind == "live" or _account(source):
        return {"uri": uri(source), "description": {"text": encodable(source.name)}}
    return {"uri": uri(source)}


def uri(source: Source) -> str:
    """A path, relative below the folder; `aws/eu-west-1` for an account; host and path of a
    service that was probed."""
    if source.kind == "live":
        path, mark, query = source.name.rpartition("://")[2].partition("?")
        return _quoted(path) + mark + _quoted(query).replace("%3D", "=")
    if _account(source):
        return _quoted(source.name.replace(" ", "/").replace(":", "/"))
    return f"file://{_quoted(source.name)}" if source.name[:1] == "/" else _quoted(source.name)


def _account(source: Source) -> bool:
    return source.kind == "aws" and source.text is None


def _quoted(path: str) -> str:
    """Percent-encoded bytes, undecodable ones included (`urllib.parse` imports ten modules)."""
    return "".join(
        chr(byte) if chr(byte) in _URI_SAFE else f"%{byte:02X}"
        for byte in path.encode("utf-8", "surrogateescape")
    )
