"""Join the JSON reports of several runs into one report; what is missing among them is told.

A report is hostile: it came over a network or out of a bucket. Its size is bounded, its shape is
checked as a whole, and nothing in it is believed but what it says was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from lbcheck.audit import Report, limited
from lbcheck.errors import UsageError
from lbcheck.finding import Edit, Finding, Fix, Location, Related, Trial
from lbcheck.limits import Limits
from lbcheck.model import Source, Span, Trouble
from lbcheck.profile import Profile
from lbcheck.report_file import (
    Document,
    FindingRow,
    FixRow,
    NamedRow,
    ShardRow,
    SourceRow,
    read,
)
from lbcheck.rules import BY_CODE
from lbcheck.shard import MOST
from lbcheck.suppress import Suppressed, Suppression

Row = TypeVar("Row")
_MISSING_NAMED = 10
_BUG = 4
_INCOMPLETE = 3


class Merged(Struct, frozen=True):
    """One report of all, and what is wrong with the set of them, a line each."""

    report: Report
    told: tuple[str, ...]


def merge(paths: Sequence[str], limits: Limits) -> Merged:
    """Join reports.

    Raises: UsageError for what is no report of this schema, or of another division into shares.
    """
    documents = [(path, read(path)) for path in paths]
    kept, told = _shares(documents)
    desk = _Desk(kept)
    # What two reports tell alike, for they are of the same file, is told once.
    findings = [*map(desk.finding, _once(document.findings for document in kept))]
    baselined = [*map(desk.finding, _once(document.baselined for document in kept))]
    silenced = _once(document.suppressed for document in kept)
    not_known = _once(document.not_known for document in kept)
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
        suppressed=tuple(_suppressed(desk.finding(one), one) for one in silenced),
        baselined=tuple(baselined),
        not_known=tuple(map(desk.named, not_known)),
        compared=bool(baselined),
    )
    return Merged(report, tuple(told))


def _once(of: Iterable[tuple[Row, ...]]) -> list[Row]:
    return list(dict.fromkeys(one for each in of for one in each))


def _shares(documents: list[tuple[str, Document]]) -> tuple[list[Document], list[str]]:
    """The reports, each share once, in the order of shares; and what is wrong with them."""
    told: list[str] = []
    kept: dict[tuple[int, int], tuple[str, Document]] = {}
    first: tuple[str, ShardRow] | None = None
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

    def __init__(self, documents: Sequence[Document]) -> None:
        self._lined = {
            one.path
            for document in documents
            for one in (*document.findings, *document.suppressed, *document.baselined)
            if one.line is not None
        }
        self._sources: dict[str, Source] = {}
        told = [self._told(source) for document in documents for source in document.sources]
        self.sources = tuple(dict.fromkeys(told))

    def _told(self, said: SourceRow) -> Source:
        source = self._source(said.name, said.kind)
        if said.status != "read":
            source.unread = source.unread or said.status == "unread"
            trouble = Trouble(said.detail or "could not be read")
            source.troubles += [trouble] if trouble not in source.troubles else []
        elif said.detail:
            asked = said.detail.removeprefix("not asked: ")
            source.not_asked = tuple(dict.fromkeys((*source.not_asked, asked)))
        return source

    def _source(self, name: str, kind: str = "") -> Source:
        known = self._sources.get(name)
        if known is None:
            account = kind in ("aws", "live") and name not in self._lined
            known = self._sources[name] = Source(name, kind, None if account else "")
        return known

    def named(self, said: NamedRow) -> Related:
        return Related(Location(self._source(said.path), said.line, said.column), said.name)

    def finding(self, said: FindingRow) -> Finding:
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

    def _fix(self, said: FixRow) -> Fix:
        edits = (Edit(self._source(e.path), e.start, e.end, e.text) for e in said.edits)
        return Fix(said.description, said.safe, tuple(edits), said.command)


def _suppressed(finding: Finding, said: FindingRow) -> Suppressed:
    line = said.line or 1
    place = Span(finding.location.source, 0, 0)
    suppression = Suppression(place, line, (said.code,), line, line, said.reason, said.until)
    return Suppressed(finding, suppression)
