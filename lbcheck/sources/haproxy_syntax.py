"""Read HAProxy text: a physical line is a statement, every word has its exact place on demand.

Two thirds of all lines have no quote, escape or variable and are split by `str.split`; the
others are read by `haproxy_line`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from sys import intern

from lbcheck.model import Source, Span, Trouble
from lbcheck.sources.haproxy_line import Line, Partial, Unknown

MAX_WORDS = 64
_MEMORABLE = 32
_STRANGE = ("{{", "{%", "<%", "\r", "\x1c", "\x1d", "\x1e", "\x1f")
"""Templates; a carriage return, which ends a line for HAProxy; blanks for `str.split` alone."""


_WORD = re.compile(r"""(?:[^\s"]++|"[^"]*+")++""")


class Statement:
    """One line: `source.text[start:end]` from the first word to the end of the last one.

    `maybe` is True where it stands in a branch that cannot be decided.
    """

    __slots__ = ("end", "maybe", "start", "words")

    def __init__(self, words: tuple[str, ...], start: int, end: int, maybe: bool = False) -> None:
        self.words = words
        self.start = start
        self.end = end
        self.maybe = maybe


_Plain = tuple[tuple[str, ...], int, int]
"""words, and where in the line the first begins and the last ends"""


def statements(source: Source, variables: dict[str, str]) -> Iterator[Statement | None]:
    """The statements of a source in order, None for a line that could not be read.

    Faults go onto `source.troubles`. `variables` may change while the iteration runs: setenv
    acts on later lines. Short lines, and the ends of long ones, are read once, however often
    they occur.
    """
    text = source.text or ""
    strange = any(sign in text for sign in _STRANGE)
    memo: dict[str, _Plain] = {}
    ends: dict[str, tuple[tuple[str, ...], int]] = {}
    at = _begin(source, text)
    for line in text[at:].split("\n"):
        start = at
        at += len(line) + 1
        if (
            strange
            or "'" in line
            or "\\" in line
            or "$" in line
            or not line.isascii()
            or ('"' in line and ("#" in line or line.count('"') % 2))
        ):
            yield from _slow(source, start, at - 1, variables)
            continue
        if '"' in line:
            words, first, last = _quoted(line)
        elif len(line) >= _MEMORABLE:
            words, first, last = _plain(line, ends)
        elif line in memo:
            words, first, last = memo[line]
        else:
            words, first, last = memo[line] = _plain(line, ends)
        if words:
            if len(words) > MAX_WORDS:
                words = _cut(source, words, start + first, start + last)
            yield Statement(words, start + first, start + last)


def _quoted(line: str) -> _Plain:
    """A line with double quotes and nothing else that is special."""
    words = tuple([word.replace('"', "") for word in _WORD.findall(line)])
    return words, len(line) - len(line.lstrip()), len(line.rstrip())


def _plain(line: str, ends: dict[str, tuple[tuple[str, ...], int]]) -> _Plain:
    """A line without quotes and escapes. Servers of a backend differ in three words only."""
    parts = line.split(None, 3)
    if not parts or ("#" in line and (len(parts) < 4 or "#" in line[: -len(parts[3])])):
        line = line[: line.find("#")] if "#" in line else ""
        return tuple(line.split()), len(line) - len(line.lstrip()), len(line.rstrip())
    first = line.find(parts[0])
    if len(parts) < 4:
        return tuple(map(intern, parts)), first, len(line.rstrip())
    rest = parts[3]
    known = ends.get(rest)
    if known is None:
        bare = rest.partition("#")[0]
        known = ends[rest] = tuple(map(intern, bare.split())), len(bare.rstrip())
    words, length = known
    head = (intern(parts[0]), parts[1], parts[2])
    if not words:
        return head, first, len(line[: -len(rest)].rstrip())
    return head + words, first, len(line) - len(rest) + length


def _begin(source: Source, text: str) -> int:
    """A byte order mark and a missing last line end are errors to HAProxy: say so."""
    at = 0
    if text.startswith("\ufeff"):
        at = 1
        remedy = "save the file as UTF-8 without a byte order mark"
        source.troubles.append(Trouble("starts with a byte order mark", 0, 1, remedy))
    if text and not text.endswith("\n"):
        start = text.rfind("\n") + 1
        source.troubles.append(
            Trouble(
                "the last line has no line end, HAProxy takes the file for truncated",
                start,
                len(text),
                "end the file with a line feed",
            )
        )
    return at


def _slow(
    source: Source, start: int, stop: int, variables: dict[str, str]
) -> Iterator[Statement | None]:
    line = Line(source.text or "", start, stop, variables)
    if line.troubles:
        source.troubles.extend(line.troubles)
        yield None
    elif line.words:
        words = tuple(line.words)
        if Unknown in map(type, words):
            words = Partial(words)
        first, last = line.spans[0][0], line.spans[-1][1]
        if len(words) > MAX_WORDS:
            words = _cut(source, words, first, last)
        yield Statement(words, first, last)


def _cut(source: Source, words: tuple[str, ...], start: int, end: int) -> tuple[str, ...]:
    message = f"{len(words)} words on one line, HAProxy takes {MAX_WORDS}"
    source.troubles.append(Trouble(message, start, end, "split the statement in two"))
    return type(words)(words[:MAX_WORDS])


def word_spans(source: Source, statement: Statement) -> list[tuple[int, int]]:
    """The (start, end) of each word of a statement, quotes included."""
    return Line(source.text or "", statement.start, statement.end, {}).spans


def word_span(source: Source, statement: Statement, index: int) -> Span:
    """The place of one word; the whole statement where the word came out of a variable."""
    spans = word_spans(source, statement)
    start, end = spans[index] if index < len(spans) else (statement.start, statement.end)
    return Span(source, start, end)


def comments(source: Source) -> Iterator[tuple[int, int]]:
    """The (start, end) of each comment, from its `#` to the end of its line."""
    text = source.text or ""
    at = text.find("#")
    while at >= 0:
        start = text.rfind("\n", 0, at) + 1
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        found = Line(text, start, stop, {}).comment
        if found is not None:
            yield found, stop - 1 if text[stop - 1] == "\r" else stop
        at = text.find("#", stop)
