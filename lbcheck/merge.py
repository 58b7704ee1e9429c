"""Join the JSON reports of several runs into one report; what is missing among them is told.

A report is hostile: it came over a network or out of a bucket. Its size is bounded, its shape is
checked as a whole, and nothing in it is believed but what it says was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from lbcheck.audit import Report, limited
from lbcheck.errors import UsageError
from lbcheck.finding import (
    Confidence,
    Edit,
    Finding,
    Fix,
    Location,
    Related,
    Severity,
    Trial,
    Verdict,
)
from lbcheck.limits import Limits
from lbcheck.model import Source, Span, Trouble
from lbcheck.profile import Profile
from lbcheck.rules import BY_CODE
from lbcheck.shard import MOST
from lbcheck.suppress import Suppressed, Suppression

SCHEMA = "lbcheck/1"
MAX_BYTES = 200_000_000
_MISSING_NAMED = 10
_BUG = 4
_INCOMPLETE = 3

Number = Annotated[int, Meta(ge=0, le=2**40)]
Text = str | None
Kind = Annotated[str, Meta(pattern="^[a-z-]{1,40}$")]
Print = Annotated[str, Meta(pattern="^[0-9a-f]{1,64}(:[0-9]{1,9})?$")]
Day = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class _Source(Struct, frozen=True):
    name: str
    kind: Kind
    status: Literal["read", "partial", "unread"]
    detail: Text = None


class _Related(Struct, frozen=True):
    path: str
    message: str
    line: Number | None = None
    column: Number | None = None


class _Named(Struct, frozen=True):
    name: str
    path: str
    line: Number | None = None
    column: Number | None = None


class _Edit(Struct, frozen=True):
    path: str
    start: Number
    end: Number
    text: str


class _Fix(Struct, frozen=True):
    description: str
    safe: bool = False
    edits: tuple[_Edit, ...] = ()
    command: Text = None


class _Trial(Struct, frozen=True):
    verdict: Verdict
    detail: str = ""


class _Finding(Struct, frozen=True):
    code: str
    severity: Severity
    confidence: Confidence
    message: str
    path: str
    fingerprint: Print
    line: Number | None = None
    column: Number | None = None
    end_line: Number | None = None
    end_column: Number | None = None
    resource: Text = None
    address: Text = None
    evidence: str = ""
    related: tuple[_Related, ...] = ()
    fix: _Fix | None = None
    trial: _Trial | None = None
    reason: str = ""
    until: Day | None = None


class _Shard(Struct, frozen=True):
    index: Number
    count: Number


class _Document(Struct, frozen=True):
    schema: str
    complete: bool
    exit_code: Number
    sources: tuple[_Source, ...]
    findings: tuple[_Finding, ...]
    suppressed: tuple[_Finding, ...] = ()
    baselined: tuple[_Finding, ...] = ()
    not_known: tuple[_Named, ...] = ()
    profile: str = "default"
    shard: _Shard | None = None


class Merged(Struct, frozen=True):
    """One report of all, and what is wrong with the set of them, a line each."""

    report: Report
    told: tuple[str, ...]


def merge(paths: Sequence[str], limits: Limits) -> Merged:
    """Join reports.

    Raises: UsageError for what is no report of this schema, or of another division into shares.
    """
    documents = [(path, _read(path)) for path in paths]
    kept, told = _shares(documents)
    findings: list[Finding] = []
    suppressed: list[Suppressed] = []
    baselined: list[Finding] = []
    desk = _Desk(kept)
    for document in kept:
        findings += map(desk.finding, document.findings)
        baselined += map(desk.finding, document.baselined)
        suppressed += (_suppressed(desk.finding(one), one) for one in document.suppressed)
    names = sorted({document.profile for document in kept})
    profile = Profile(id="+".join(names))
    crashed = any(document.exit_code == _BUG for document in kept)
    report = limited(findings, desk.sources, profile, limits, crashed=crashed)
    complete = report.complete and not told and all(document.complete for document in kept)
    code = report.exit_code if complete or report.exit_code else _INCOMPLETE
    report = replace(
        report,
        complete=complete,
        exit_code=code,
        suppressed=tuple(suppressed),
        baselined=tuple(baselined),
        not_known=tuple(desk.named(one) for document in kept for one in document.not_known),
        compared=bool(baselined),
    )
    return Merged(report, tuple(told))


def _read(path: str) -> _Document:
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path}: larger than {MAX_BYTES:,} bytes")
    try:
        document = msgspec.json.decode(data, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        said = str(error)[:200]
        raise UsageError(f"{path}: is no report of `lbcheck audit --format json`: {said}") from None
    if document.schema != SCHEMA:
        said = f"its schema is {document.schema[:40]!r}, and this lbcheck reads {SCHEMA}"
        raise UsageError(f"{path}: {said}")
    for one in (*document.findings, *document.suppressed, *document.baselined):
        if one.code not in BY_CODE:
            remedy = "merge with the version that wrote it"
            raise UsageError(f"{path}: this lbcheck has no rule {one.code[:40]!r}: {remedy}")
    return document


def _shares(documents: list[tuple[str, _Document]]) -> tuple[list[_Document], list[str]]:
    """The reports, each share once, in the order of shares; and what is wrong with them."""
    told: list[str] = []
    kept: dict[tuple[int, int], tuple[str, _Document]] = {}
    first: tuple[str, _Shard] | None = None
    for number, (path, document) in enumerate(documents):
        shard = document.shard
        if number and (first is None) != (shard is None):
            raise UsageError(f"{path}: some of these are shares, others are whole reports")
        if shard is None:
            kept[number, 0] = path, document
            continue
        if not shard.index < shard.count <= MOST:
            raise UsageError(f"{path}: there is no share {shard.index} of {shard.count}")
        first = first or (path, shard)
        if shard.count != first[1].count:
            said = f"is of {shard.count} shares, {first[0]} of {first[1].count}"
            raise UsageError(f"{path}: {said}")
        if (shard.index, 1) in kept:
            told.append(f"{path}: share {shard.index} was in {kept[shard.index, 1][0]} already")
        else:
            kept[shard.index, 1] = path, document
    if first is not None:
        told += _missing({index for index, _ in kept}, first[1].count)
    return [document for _, (_, document) in sorted(kept.items(), key=lambda one: one[0])], told


def _missing(there: set[int], count: int) -> Iterator[str]:
    missing = count - len(there)
    if missing <= 0:
        return
    absent = (str(index) for index in range(count) if index not in there)
    named = [name for name, _ in zip(absent, range(_MISSING_NAMED), strict=False)]
    more = f" and {missing - len(named)} more" if missing > len(named) else ""
    yield f"{missing} of {count} shares missing: {', '.join(named)}{more}"


class _Desk:
    """Makes findings of what was written, each source once."""

    def __init__(self, documents: Sequence[_Document]) -> None:
        self._lined = {
            one.path
            for document in documents
            for one in (*document.findings, *document.suppressed, *document.baselined)
            if one.line is not None
        }
        self._sources: dict[str, Source] = {}
        told = [self._told(source) for document in documents for source in document.sources]
        self.sources = tuple(dict.fromkeys(told))

    def _told(self, said: _Source) -> Source:
        source = self._source(said.name, said.kind)
        if said.status != "read":
            source.unread = source.unread or said.status == "unread"
            source.troubles.append(Trouble(said.detail or "could not be read"))
        elif said.detail:
            source.not_asked += (said.detail.removeprefix("not asked: "),)
        return source

    def _source(self, name: str, kind: str = "") -> Source:
        known = self._sources.get(name)
        if known is None:
            account = kind in ("aws", "live") and name not in self._lined
            known = self._sources[name] = Source(name, kind, None if account else "")
        return known

    def named(self, said: _Named) -> Related:
        return Related(Location(self._source(said.path), said.line, said.column), said.name)

    def finding(self, said: _Finding) -> Finding:
        rule = BY_CODE[said.code]
        return Finding(
            code=rule.code,
            name=rule.name,
            family=rule.family.value,
            severity=said.severity,
            confidence=said.confidence,
            message=said.message,
            location=Location(
                self._source(said.path),
                said.line,
                said.column,
                said.end_line,
                said.end_column,
                said.resource,
            ),
            address=said.address,
            evidence=said.evidence,
            fingerprint=said.fingerprint,
            related=tuple(
                Related(Location(self._source(o.path), o.line, o.column), o.message)
                for o in said.related
            ),
            fix=self._fix(said.fix) if said.fix else None,
            trial=Trial(said.trial.verdict, said.trial.detail) if said.trial else None,
        )

    def _fix(self, said: _Fix) -> Fix:
        edits = (Edit(self._source(e.path), e.start, e.end, e.text) for e in said.edits)
        return Fix(said.description, said.safe, tuple(edits), said.command)


def _suppressed(finding: Finding, said: _Finding) -> Suppressed:
    line = said.line or 1
    place = Span(finding.location.source, 0, 0)
    suppression = Suppression(place, line, (said.code,), line, line, said.reason, said.until)
    return Suppressed(finding, suppression)
