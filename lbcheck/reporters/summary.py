"""The last lines of a report in words: what was found, what was read, what was not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lbcheck.finding import Severity, Verdict
from lbcheck.model import Source, Status
from lbcheck.reporters.where import trouble

if TYPE_CHECKING:
    from lbcheck.audit import Report

_READING = frozenset({"LB901", "LB908"})
_SHOWN = 5


def totals(report: Report, today: str) -> str:
    """`1 error, 2 warnings in 3 files (1 fixable, 4 suppressed, 1 expires in 6 days)`."""
    counts = []
    for severity, word in (
        (Severity.ERROR, "error"),
        (Severity.WARNING, "warning"),
        (Severity.INFO, "info"),
    ):
        found = sum(finding.severity is severity for finding in report.findings)
        if found:
            counts.append(f"{found} info" if word == "info" else count(found, word))
    places = {finding.location.source.name for finding in report.findings}
    accounts = {f.location.source.name for f in report.findings if _live(f.location.source)}
    services = {f.location.path for f in report.findings if f.location.source.kind == "live"}
    where = _places(len(places - accounts - services), len(accounts), len(services))
    head = f"{', '.join(counts)} in {where}"
    asides = ", ".join(_asides(report, today))
    return (head if counts else "no findings") + (f" ({asides})" if asides else "")


def _asides(report: Report, today: str) -> Iterator[str]:
    fixable = sum(bool(finding.fix and finding.fix.edits) for finding in report.findings)
    for number, word in (
        (fixable, "fixable"),
        (len(report.suppressed), "suppressed"),
        (len(report.baselined), report.known_as),
        (report.hidden, "not shown"),
        (_said(report, Verdict.CONFIRMED), "confirmed live"),
        (_said(report, Verdict.REFUTED), "refuted live"),
    ):
        if number:
            yield f"{number} {word}"
    ends = [item.until for item in report.expiring if item.until]
    if ends and today:
        yield f"{len(ends)} expire{'s' if len(ends) == 1 else ''} in {days(today, min(ends))}"


def _said(report: Report, verdict: Verdict) -> int:
    return sum(f.trial is not None and f.trial.verdict is verdict for f in report.findings)


def days(today: str, until: str) -> str:
    from datetime import date

    return count((date.fromisoformat(until) - date.fromisoformat(today)).days, "day")


def coverage(report: Report) -> str:
    """`read: 14 of 14 files, 0 includes missing; not asked: AWS (--aws)`."""
    accounts = [source for source in report.sources if _live(source)]
    services = [source for source in report.sources if source.kind == "live"]
    files = [source for source in report.sources if source not in (*accounts, *services)]
    told = []
    if services:
        told.append(_asked(services))
    if files or not (accounts or services):
        told.append(f"{_read(files)} of {count(len(files), 'file')}")
        told.append(f"{count(_missing(files), 'include')} missing")
    if accounts:
        told.append(f"{_read(accounts)} of {count(len(accounts), 'AWS region')}")
    return "; ".join((f"read: {', '.join(told)}", *_left_open(report)))


def _asked(services: list[Source]) -> str:
    """`2 of 3 URLs (1 in part)`: of a service that was reached something may still be not known."""
    reached = sum(service.status is not Status.UNREAD for service in services)
    partly = reached - _read(services)
    return f"{reached} of {count(len(services), 'URL')}" + (
        f" ({partly} in part)" if partly else ""
    )


def _left_open(report: Report) -> Iterator[str]:
    """What the findings do not say all about."""
    rootless = count(report.rootless, "file") if report.rootless else ""
    for about, said in (
        ("not judged", ", ".join(_unjudged(report))),
        ("not known", _not_known(report)),
        ("assumed", _first(report.assumed)),
        ("judged without the file that includes it", rootless),
        ("not asked", _first(report.not_asked)),
    ):
        if said:
            yield f"{about}: {said}"


def _unjudged(report: Report) -> Iterator[str]:
    if report.unjudged:
        routes = count(report.unjudged, "route")
        yield f"{routes} without a sign of WebSockets (--min-confidence possible)"
    if passed := [f"{number} {kind}" for kind, number in report.passed_over.items()]:
        yield f"{', '.join(passed)} of controllers that are not known"


def _not_known(report: Report) -> str:
    """`3 values (idle_timeout, health_check.path)`."""
    if not report.not_known:
        return ""
    names = list(dict.fromkeys(setting.message for setting in report.not_known))
    shown = ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
    return f"{count(len(report.not_known), 'value')} ({shown})"


def _first(things: tuple[str, ...]) -> str:
    more = f" and {len(things) - _SHOWN} more" if len(things) > _SHOWN else ""
    return ", ".join(things[:_SHOWN]) + more


def reading_troubles(report: Report) -> Iterator[str]:
    """What could not be read, where no finding says it already."""
    for source, told in unsaid_troubles(report):
        yield f"{source.status.value}: {source.name}: {told}"


def unsaid_troubles(report: Report) -> Iterator[tuple[Source, str]]:
    """Sources that were not read to their end, and why, where no finding says it already."""
    said = {f.location.source.name for f in report.findings if f.code in _READING}
    for source in report.sources:
        if source.status is not Status.READ and source.name not in said:
            yield from ((source, what) for what in troubles(source))


def troubles(source: Source) -> list[str]:
    """What of a source could not be read. Where nobody has said what, that is said."""
    told = [trouble(source, what) for what in source.troubles]
    return told if told or source.status is Status.READ else ["not everything in it was read"]


def count(number: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _places(files: int, accounts: int, services: int) -> str:
    numbers = ((files, "file"), (accounts, "AWS region"), (services, "URL"))
    return " and ".join(count(number, word) for number, word in numbers if number)


def _read(sources: list[Source]) -> int:
    return sum(source.status is Status.READ for source in sources)


def _missing(files: list[Source]) -> int:
    return sum("include" in what.message for source in files for what in source.troubles)


def _live(source: Source) -> bool:
    return source.kind == "aws" and source.text is None
