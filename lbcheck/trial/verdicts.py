"""Give each finding of a configuration the verdict of the live tests, where they are about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from lbcheck.assemble import resolve
from lbcheck.finding import Finding, Location, Trial, Verdict
from lbcheck.model import Route, Topology
from lbcheck.secret import told
from lbcheck.trial.looked import Tried
from lbcheck.trial.table import TABLE, untried

_ALONE = ("LB7", "LB9")
"""what a probe saw needs no trial, and lbcheck itself is not on trial"""
_ANY_TIMEOUT = "LB304"
"""speaks of any timeout, and the trial is one of that which ends silent connections"""


def judged(
    findings: Sequence[Finding], topology: Topology, tries: Sequence[Tried]
) -> tuple[Finding, ...]:
    """The findings in their order, each with its trial. None is dropped or made less severe."""
    names: dict[str, list[Route]] = {}
    for route in topology.routes:
        names.setdefault(told(route.address), []).append(route)
    return tuple(
        finding
        if finding.code.startswith(_ALONE)
        else replace(finding, trial=_trial(finding, tries, names))
        for finding in findings
    )


def _trial(finding: Finding, tries: Sequence[Tried], names: dict[str, list[Route]]) -> Trial:
    judge = TABLE.get(finding.code)
    if judge is None:
        return untried("no live test tells of this rule")
    found = [
        _named(judge(route, tried), tried, len(tries))
        for tried in tries
        for route in tried.routes
        if _about(finding, route, names)
    ]
    order = (Verdict.CONFIRMED, Verdict.REFUTED, Verdict.NOT_TRIED)
    for trial in sorted(found, key=lambda trial: order.index(trial.verdict)):
        return trial
    return untried(_another(tries))


def _named(trial: Trial, tried: Tried, several: int) -> Trial:
    """With the URL, where there are several."""
    where = f"{tried.service.name}: " if several > 1 else ""
    return replace(trial, detail=told(f"{where}{trial.detail}"))


def _another(tries: Sequence[Tried]) -> str:
    """Why no test was about a finding."""
    unknown = [tried.service.name for tried in tries if not tried.routes]
    if unknown:
        return f"it is not known which route {unknown[0]} takes here"
    return "it is about another route than the one that the URL takes"


def _about(finding: Finding, route: Route, names: dict[str, list[Route]]) -> bool:
    """Is a finding about this route, or about a pool that it leads to?"""
    if finding.code == _ANY_TIMEOUT and not _at_idle(finding, route):
        return False
    pools = [forward.pool for forward in route.forwards]
    if any(told(pool.address) == finding.address for pool in pools):
        return True
    if finding.default and _line(route) in _likewise(finding):
        return True
    return told(route.address) == finding.address and _own(finding, route, names)


def _at_idle(finding: Finding, route: Route) -> bool:
    """Is it about the timeout that ends silent connections here?"""
    if route.idle is None:
        return False
    return _spot(resolve(route.idle.place, lambda pointer: None)) == _spot(finding.location)


def _own(finding: Finding, route: Route, names: dict[str, list[Route]]) -> bool:
    """Of two routes with one name (the plain server and the one with TLS) a finding is about the
    last that begins above it, if it stands in their file."""
    lines = {_line(each) for each in names.get(finding.address or "", ())}
    if len(lines) < 2:
        return True
    here = (finding.location.path, finding.location.line or 0)
    above = [line for line in lines if line[0] == here[0] and line[1] <= here[1]]
    return bool(above) and max(above) == _line(route)


def _likewise(finding: Finding) -> Iterator[tuple[str, int]]:
    """The other blocks that have a default alike (`assemble.merged`)."""
    for other in finding.related:
        yield other.location.path, other.location.line or 0


def _line(route: Route) -> tuple[str, int]:
    place = resolve(route.place, lambda pointer: None)
    return place.path, place.line or 0


def _spot(place: Location) -> tuple[str, int | None, int | None]:
    return place.path, place.line, place.column
