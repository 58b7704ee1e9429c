"""Make findings out of problems: resolve places, give fingerprints, say a fault once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from lbcheck.finding import (
    Confidence,
    Finding,
    Fix,
    Identity,
    Location,
    Note,
    Problem,
    Related,
    Severity,
)
from lbcheck.model import Belief, Place, Pointer, Setting, Source, Span
from lbcheck.profile import Profile
from lbcheck.rule import Rule
from lbcheck.secret import told

_SHOWN_WAYS = 3
_MAX_ORIGINS = 5
Locate = Callable[[Pointer], tuple[int, int] | None]


class _Told:
    """A problem that was told, and the subjects it concerns: by address the source of each."""

    __slots__ = ("concerned", "problem", "profile", "rule", "subject")

    def __init__(self, rule: Rule[Any], problem: Problem, subject: Any, profile: Profile) -> None:
        self.rule, self.problem, self.subject, self.profile = rule, problem, subject, profile
        self.concerned: dict[str, Source | None] = {}


class Findings:
    """Turns problems into findings; the same fault reached on several ways is one finding."""

    def __init__(self, locate: Locate) -> None:
        self.asked: list[tuple[Problem, Any]] = []
        """each problem that was told, and its subject"""
        self._locate = locate
        self._told: dict[tuple[str, str, object, str], _Told] = {}

    def add(self, rule: Rule[Any], problem: Problem, subject: Any, profile: Profile) -> None:
        self.asked.append((problem, subject))
        key = (rule.code, *_identity(problem.place), problem.message)
        told_before = self._told.get(key)
        if told_before is None:
            told_before = self._told[key] = _Told(rule, problem, subject, profile)
        place: Place | None = getattr(subject, "place", None)
        told_before.concerned[getattr(subject, "address", None) or ""] = (
            place.source if place else None
        )

    @property
    def made(self) -> list[Finding]:
        """The findings, in the order of their first problems."""
        if not self._told:
            return []
        from lbcheck.fingerprint import Fingerprints, identified

        prints = Fingerprints()
        found = []
        for one in self._told.values():
            identity = identified(one.rule.code, one.problem.place, one.concerned)
            mark = prints.of(one.problem.place.source, identity)
            found.append(self._finding(one, identity, mark))
        return found

    def _finding(self, one: _Told, identity: Identity, fingerprint: str) -> Finding:
        rule, problem, subject = one.rule, one.problem, one.subject
        belief: Belief | None = getattr(subject, "belief", None)
        address: str | None = getattr(subject, "address", None)
        return Finding(
            code=rule.code,
            name=rule.name,
            family=rule.family.value,
            severity=_severity(rule, problem, one.profile),
            confidence=Confidence.of(belief.level) if belief else Confidence.CERTAIN,
            message=told(problem.message),
            location=resolve(problem.place, self._locate),
            address=address and told(address),
            evidence=told(belief.evidence) if belief else "",
            fingerprint=fingerprint,
            related=tuple(
                Related(resolve(note.place, self._locate), told(note.message))
                for note in (*problem.related, *_ways(subject), *_origins(problem.place))
            ),
            fix=problem.fix,
            notes=tuple(map(told, problem.notes)),
            default=problem.default,
            identity=identity,
        )


def _ways(subject: Any) -> Iterator[Note]:
    """How WebSockets come to a pool: the first rules that lead to it (listener, rule, group)."""
    for address, place in getattr(subject, "reached_by", ())[:_SHOWN_WAYS]:
        yield Note(place, f"WebSockets come here by `{address}`")


def _origins(place: Place, depth: int = 0) -> Iterator[Note]:
    """Where else the value at a place is decided: a variable's default, and what that leads to."""
    if isinstance(place, Pointer) or depth >= _MAX_ORIGINS:
        return
    for origin, said in place.source.origins.get((place.start, place.end), {}).items():
        yield Note(origin, said)
        yield from _origins(origin, depth + 1)


def named(settings: Iterable[Setting[None]], locate: Locate) -> tuple[Related, ...]:
    """The names and places of settings, each once."""
    seen = {(setting.name, *_identity(setting.place)): setting for setting in settings}
    return tuple(Related(resolve(s.place, locate), told(s.name)) for s in seen.values())


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for a default that several blocks of one server have alike.

    Its fix is that of all, the other places are related. To be called when suppressions have
    been applied, for each block may have its own.
    """
    kept: list[Finding] = []
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        if finding.default and finding.address:
            place, server = finding.location.path, _server(finding.address)
            key = (finding.code, finding.severity, finding.message, place, server)
            alike.setdefault(key, []).append(finding)
        else:
            kept.append(finding)
    return kept + [_one(group) for group in alike.values()]


def _server(address: str) -> str:
    """The server or frontend of a route's address."""
    for route in ("/location[", "/use_backend[", "/default_backend["):
        address = address.partition(route)[0]
    return address


def _one(group: list[Finding]) -> Finding:
    if len(group) == 1:
        return group[0]
    first, *others = sorted(group, key=_prominence)
    places = tuple(Related(other.location, "likewise here") for other in others)
    fixes = [finding.fix for finding in (first, *others) if finding.fix]
    return replace(
        first,
        related=first.related + places,
        fix=_together(fixes) if fixes else None,
        fingerprint=min(finding.fingerprint for finding in group),  # whatever the order of blocks
        alike=tuple(sorted(finding.fingerprint for finding in group)),
    )


def _together(fixes: list[Fix]) -> Fix:
    edits = dict.fromkeys(edit for fix in fixes for edit in fix.edits)
    return replace(fixes[0], safe=all(fix.safe for fix in fixes), edits=tuple(edits))


def _prominence(finding: Finding) -> tuple[int, bool, int, int]:
    """The surest first; a location of its own before the catch-all; then the order of the file."""
    place = finding.location
    everything = (finding.address or "").endswith("/location[/]")
    return -finding.confidence.level, everything, place.line or 0, place.column or 0


def _severity(rule: Rule[Any], problem: Problem, profile: Profile) -> Severity:
    """The profile's word counts; "off" says nothing about how severe it is."""
    wanted = profile.rules.get(rule.code, "off")
    return problem.severity or rule.severity if wanted == "off" else Severity(wanted)


def _identity(place: Place) -> tuple[str, object]:
    if isinstance(place, Span):
        return place.source.name, (place.start, place.end)
    return place.source.name, (place.resource, place.path)


def resolve(place: Place, locate: Locate) -> Location:
    """Where a place is, in lines and columns. `locate` finds a pointer in a snapshot's text."""
    if isinstance(place, Span):
        return _lines(place.source, place.start, place.end, None)
    found = locate(place) if place.source.text else None
    if found is None:
        return Location(place.source, resource=place.resource)
    return _lines(place.source, *found, place.resource)


def _lines(source: Source, start: int, end: int, resource: str | None) -> Location:
    line, column = source.position(start)
    end_line, end_column = source.position(max(start, end))
    return Location(source, line, column, end_line, end_column, resource)
