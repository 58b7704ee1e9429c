"""Edits that mend a statement: replace it, delete its line, or add lines to its block.

Nothing here knows a vendor. An nginx statement's span ends with its `;`, a block's place is its
opening line. An AWS answer has no edits, and neither has infrastructure code: what is written there
is not the statement that the rule knows.
"""

from __future__ import annotations

from lbcheck.finding import Edit, Fix
from lbcheck.model import Place, Span

_STATEMENTS = ("nginx", "haproxy", "terraform")
"""Kinds of sources that are made of statements on lines of their own."""


def replace(place: Place, words: str, *, safe: bool = False, description: str = "") -> Fix | None:
    """Write `words` in the statement's place; a closing `;` stays. None where there is no text."""
    text = _text(place)
    if not isinstance(place, Span) or text is None:
        return None
    end = place.end
    if text[place.start : end].endswith(";"):
        end -= 1
    edit = Edit(place.source, place.start, end, words)
    return Fix(description or words, safe, (edit,))


def delete(place: Place, *, safe: bool = False, description: str = "") -> Fix | None:
    """Take the statement away, with its line where nothing else stands on it."""
    text = _text(place)
    if not isinstance(place, Span) or text is None:
        return None
    start, end = place.start, place.end
    if text[end : end + 1] == ";":  # some places are the statement without its end
        end += 1
    begin, stop = _line(text, start)[0], _line(text, end)[1]
    if not text[begin:start].strip() and not text[end:stop].strip():
        start, end = begin, min(stop + 1, len(text))
    wording = description or f"delete `{text[place.start : place.end]}`"
    return Fix(wording, safe, (Edit(place.source, start, end, ""),))


def insert(
    block: Place, lines: tuple[str, ...], *, safe: bool = False, description: str = ""
) -> Fix | None:
    """Add `lines` after a block's opening line, indented like the line that follows it. In a block
    that stands on one line they stand there as well."""
    text = _text(block)
    if not isinstance(block, Span) or text is None:
        return None
    stop = _line(text, block.start)[1]
    wording = description or " ".join(lines)
    if "}" in text[block.start : stop]:
        if text[block.end - 1 : block.end] != "{":
            return None  # where the block begins is not sure
        return Fix(wording, safe, (_adding(block, block.end, f" {' '.join(lines)}"),))
    if stop >= len(text):
        return None
    indent = _indent(text, block.start, stop)
    added = "".join(f"{indent}{line}\n" for line in lines)
    return Fix(wording, safe, (_adding(block, stop + 1, added),))


def after(
    statement: Place, lines: tuple[str, ...], *, safe: bool = False, description: str = ""
) -> Fix | None:
    """Add `lines` below a statement, indented like it; beside it where more stands on its line."""
    text = _text(statement)
    if not isinstance(statement, Span) or text is None:
        return None
    end = statement.end + (text[statement.end : statement.end + 1] == ";")
    begin, stop = _line(text, statement.start)[0], _line(text, end)[1]
    alone = not text[begin : statement.start].strip() and text[end:stop].lstrip()[:1] in ("", "#")
    indent = "\n" + text[begin : statement.start] if alone else " "
    added = "".join(f"{indent}{line}" for line in lines)
    edit = _adding(statement, stop if alone else end, added)
    return Fix(description or " ".join(lines), safe, (edit,))


def _adding(place: Span, at: int, words: str) -> Edit:
    return Edit(place.source, at, at, words)


def _text(place: Place) -> str | None:
    """The text of the place's source, where such edits fit it."""
    return place.source.text if place.source.kind in _STATEMENTS else None


def _line(text: str, offset: int) -> tuple[int, int]:
    """Start and end (without the line feed) of the line at an offset."""
    begin = text.rfind("\n", 0, offset) + 1
    stop = text.find("\n", offset)
    return begin, len(text) if stop < 0 else stop


def _indent(text: str, start: int, stop: int) -> str:
    """The blanks before the block's first statement; a step deeper than it if there is none."""
    opening = _blanks(text, _line(text, start)[0])
    begin = stop + 1
    while begin < len(text):
        end = _line(text, begin)[1]
        indent = _blanks(text, begin)
        if text[begin:end].strip():
            return indent if len(indent) > len(opening) else opening + "    "
        begin = end + 1
    return opening + "    "


def _blanks(text: str, begin: int) -> str:
    end = begin
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    return text[begin:end]
