"""One finding for people: its title, its source frame, and what helps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lbcheck.finding import Finding, Location
from lbcheck.reporters.colour import paint
from lbcheck.reporters.frame import gutter_width, source_lines, wrapped
from lbcheck.reporters.tried import tried
from lbcheck.reporters.visible import visible
from lbcheck.reporters.where import has_text, where

if TYPE_CHECKING:
    from lbcheck.reporters import Style

_COMMENTED = frozenset({"nginx", "haproxy"})
_SILENCE_MONTHS = 2
_BEYOND = 20  # a message may run a little past the width rather than leave its carets


def lines(finding: Finding, style: Style) -> Iterator[str]:
    """The lines of a finding in the text report."""
    tone = finding.severity.value
    gutter = " " * gutter_width(finding.location)
    bar = paint(f"{gutter} |", "dim", style)
    sure = finding.confidence.value + (f": {finding.evidence}" if finding.evidence else "")
    yield f"{paint(f'{tone}[{finding.code}]', tone, style)} {finding.name} ({visible(sure)})"
    yield f"{paint(f'{gutter}-->', 'dim', style)} {visible(where(finding.location))}"
    yield bar
    yield from _body(finding, gutter, bar, style)
    yield bar
    for remark in _remarks(finding, style):
        first, *rest = wrapped(remark, style.width - len(gutter) - 3)
        yield f"{gutter} {paint('=', 'dim', style)} {first}"
        yield from (f"{gutter}   {line}" for line in rest)
    yield f"{gutter} {paint('=', 'dim', style)} {_hints(finding, style)}"


def _body(finding: Finding, gutter: str, bar: str, style: Style) -> Iterator[str]:
    """The lines with carets and message; the message alone where there is no text."""
    tone = finding.severity.value
    room = style.width - len(gutter) - 3
    if not has_text(finding.location) or not finding.location.source.text:
        for line in wrapped(finding.message, room):
            yield f"{bar} {paint(line, tone, style)}"
        return
    framed, carets = source_lines(finding.location, room)
    for number, line in framed:
        yield f"{paint(f'{number:>{len(gutter)}} |', 'dim', style)} {line}".rstrip()
    message = visible(finding.message)
    if len(carets) + 1 + len(message) <= room + _BEYOND:
        yield f"{bar} {_marks(f'{carets} {message}', tone, style)}"
        return
    yield f"{bar} {_marks(carets, tone, style)}"
    indent = " " * min(len(carets) - len(carets.lstrip()), 8)
    for line in wrapped(finding.message, room - len(indent)):
        yield f"{bar} {indent}{paint(line, tone, style)}"


def _marks(line: str, tone: str, style: Style) -> str:
    bare = line.lstrip()
    return " " * (len(line) - len(bare)) + paint(bare, tone, style)


def _remarks(finding: Finding, style: Style) -> Iterator[str]:
    if finding.trial:
        yield tried(finding)
    yield from finding.notes
    yield from _elsewhere(finding)
    if finding.fix:
        kind = "safe" if finding.fix.safe else "unsafe"
        yield f"fix ({kind}): {finding.fix.description}"
        if finding.fix.command:
            yield f"command: {finding.fix.command}"


def _elsewhere(finding: Finding) -> Iterator[str]:
    """The other places; those of one file with the same message share a line."""
    alike: dict[tuple[str, str], list[Location]] = {}
    for other in finding.related:
        name = other.location.path if has_text(other.location) else where(other.location)
        alike.setdefault((name, other.message), []).append(other.location)
    for (name, message), places in alike.items():
        shown = where(places[0])
        if len(places) > 1 and has_text(places[0]):
            shown = f"{name}:{', '.join(str(place.line) for place in places)}"
        yield f"see {shown}: {message}"


def _hints(finding: Finding, style: Style) -> str:
    """Where to read more, and the comment that silences it where the format has comments."""
    hint = f"help: lbcheck explain {finding.code}"
    if finding.location.source.kind not in _COMMENTED or finding.code.startswith("LB9"):
        return hint
    until = f" until={_until(style.today)}" if style.today else ""
    return f'{hint}     silence: # lbcheck: ignore[{finding.code}]{until} reason="..."'


def _until(today: str) -> str:
    """The end of the month two months from a date: time to mend it, and not for ever."""
    from datetime import date, timedelta

    month = int(today[5:7]) + _SILENCE_MONTHS
    after = date(int(today[:4]) + month // 12, month % 12 + 1, 1)
    return (after - timedelta(days=1)).isoformat()
