"""Show the lines of a finding with carets under the exact span, within a width."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lbcheck.finding import Location
from lbcheck.model import Source
from lbcheck.reporters.visible import visible, visible_character
from lbcheck.secret import MASK, hidden

_LOOK_BACK = 200
_BEFORE = 200
_AFTER = 400
_LEAD = 16
_CUT = "..."
_HAPROXY_SECTION = r"[a-z][a-z-]*+(?:[ \t]|$)"


def gutter_width(location: Location) -> int:
    """How many columns the line numbers need."""
    return max(2, len(str(location.line or 0)))


def source_lines(location: Location, width: int) -> tuple[list[tuple[int, str]], str]:
    """The numbered lines to show, and the line of carets under the last of them.

    `width` is what is left for text. Of a span over several lines the first one is shown.
    """
    source, number = location.source, location.line or 1
    shown, carets = _marked(source, number, *_columns(location), width)
    lines = [(number, shown)]
    opening = opening_line(source, number)
    if opening is not None:
        lines.insert(0, (opening, _marked(source, opening, 0, 1, width)[0]))
    return lines, carets


def _columns(location: Location) -> tuple[int, int]:
    """First and end column of the span on its first line, 0-based."""
    start = (location.column or 1) - 1
    if location.end_line != location.line or location.end_column is None:
        return start, max(start + 1, len(location.source.line(location.line or 1)))
    return start, max(start + 1, location.end_column - 1)


def _marked(source: Source, number: int, start: int, end: int, width: int) -> tuple[str, str]:
    """A line as it is shown, and its carets; what does not fit is cut around the span."""
    first = max(0, start - _BEFORE)
    cells = _cells(source, number, first, start + _AFTER)
    start, end = start - first, min(end - first, len(cells))
    widths = [_width(cell) for cell in cells]
    left = first > 0
    if left or sum(widths) > width:
        left, skip = _skip(widths, start, end, width, left)
        cells, widths, start, end = cells[skip:], widths[skip:], start - skip, end - skip
    room = width - (len(_CUT) if left else 0)
    keep = _fitting(widths, room)
    right = keep < len(cells)
    if right:
        keep = _fitting(widths, room - len(_CUT))
    shown = _CUT * left + "".join(cells[:keep]) + _CUT * right
    lead = len(_CUT) * left + sum(widths[:start])
    under = sum(widths[start : min(end, keep)])
    return shown, " " * min(lead, width - 1) + "^" * max(1, under)


def _cells(source: Source, number: int, first: int, last: int) -> list[str]:
    """What is shown for each character of a stretch of a line; secrets are masked."""
    cells = [visible_character(c) for c in source.line(number)[first:last]]
    begin = source.starts[number - 1] + first
    for start, end in hidden(source, begin, begin + len(cells)):
        cells[start:end] = [MASK] + [""] * (end - start - 1)
    return cells


def _skip(widths: Sequence[int], start: int, end: int, width: int, left: bool) -> tuple[bool, int]:
    """Whether the line is cut at its left, and how many cells go there."""
    if not left and sum(widths[:end]) <= width - len(_CUT):
        return False, 0
    skip = max(0, start - _LEAD)
    return left or skip > 0, skip


def _fitting(widths: Sequence[int], room: int) -> int:
    """How many cells fit into so many columns."""
    used = 0
    for count, width in enumerate(widths):
        used += width
        if used > room:
            return count
    return len(widths)


def _width(cell: str) -> int:
    """Columns a terminal gives to a cell."""
    if cell.isascii():
        return len(cell)
    from unicodedata import combining, east_asian_width  # only for text that is not ASCII

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in cell)


def opening_line(source: Source, number: int) -> int | None:
    """The line that opens the block around a line; None where it is not near or not clear.

    A reading aid, not a judgement: braces are counted by eye, comments left out.
    """
    match source.kind:
        case "nginx":
            return _nginx_opening(source, number)
        case "haproxy":
            return _haproxy_opening(source, number)
    return None


def _nginx_opening(source: Source, number: int) -> int | None:
    depth = 0
    for at in range(number - 1, max(0, number - _LOOK_BACK), -1):
        code = source.line(at)[:_AFTER].partition("#")[0]
        depth += code.count("}") - code.count("{")
        if depth < 0:
            return at if code.rstrip().endswith("{") else None
    return None


def _haproxy_opening(source: Source, number: int) -> int | None:
    if re.match(_HAPROXY_SECTION, source.line(number)):
        return None
    for at in range(number - 1, max(0, number - _LOOK_BACK), -1):
        if re.match(_HAPROXY_SECTION, source.line(at)):
            return at
    return None


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """Text in lines of at most `width` columns (a longer word stays whole), made harmless."""
    from textwrap import wrap

    return wrap(
        visible(text),
        max(20, width),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]
