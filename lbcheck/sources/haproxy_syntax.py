"""Read HAProxy text: a physical line is a statement, every word has its exact place on demand.

Two thirds of all lines have no quote, escape or variable and are split by `str.split`; the
others are read by `haproxy_line`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from sys import intern

from msgspec import Struct

from lbcheck.model import Source, Trouble
from lbcheck.regex import regex
from lbcheck.sources.haproxy_line import Line, Partial, Unknown

MAX_WORDS = 64
_MEMORABLE = 32
_STRETCH = 50_000
STRANGE = ("{{", "{%", "<%", "\r", "\x1c", "\x1d", "\x1e", "\x1f")
"""Templates; a carriage return, which ends a line for HAProxy; blanks for `str.split` alone."""


_WORD = regex(r"""(?:[^\s"]++|"[^"]*+")++""")
_SPECIAL = regex(r"['\\$]|[^\x00-\x7f]")


class Statement(Struct, eq=False, gc=False):
    """One line: `source.text[start:end]` from the first word to the end of the last one.

    `maybe` is True where it stands in a branch that cannot be decided.
    """

    words: tuple[str, ...]
    start: int
    end: int
    maybe: bool = False


Range = tuple[int, int]
_Plain = tuple[tuple[str, ...], int, int]
"""words, and where in the line the first begins and the last ends"""
_Ends = dict[str, tuple[tuple[str, ...], int]]
"""the words of what follows the third word of a line, and how far from the next line they end"""
_FEW = MAX_WORDS - 3


def statements(
    source: Source, variables: dict[str, str], places: Sequence[Range] = ()
) -> Iterator[Statement | None]:
    """The statements of a source in order, None for a line that could not be read.

    Faults go onto `source.troubles`. `variables` may change while the iteration runs: setenv
    acts on later lines. Short lines, and the ends of long ones, are read once, however often
    they occur. `places` are the stretches of whole lines to read, all of them by default.
    """
    text = source.text or ""
    reader = _Reader(source, text, variables)
    for start, end in _stretches(text, _begin(source, text), places):
        yield from reader.read(text, start, end)


class _Reader:
    """Reads lines, and remembers what is the same in many of them."""

    __slots__ = ("_ends", "_memo", "_source", "_variables", "_wary")

    def __init__(self, source: Source, text: str, variables: dict[str, str]) -> None:
        self._source, self._variables = source, variables
        self._wary = _wary(text)
        self._memo: dict[str, _Plain] = {}
        self._ends: _Ends = {}

    def read(self, text: str, at: int, stop: int) -> Iterator[Statement | None]:
        wary, memo, ends = self._wary, self._memo, self._ends
        for line in text[at:stop].split("\n"):
            start = at
            at += len(line) + 1
            known = memo.get(line)
            if known is None:
                if (wary and wary(line)) or ('"' in line and not _balanced(line)):
                    yield from _slow(self._source, start, at - 1, self._variables)
                    continue
                parts = line.split(None, 3)
                end = ends.get(parts[3]) if len(parts) == 4 else None
                if end is not None and ("#" not in line or "#" not in line[: -len(parts[3])]):
                    # Servers of a backend differ in three words only.
                    words = (intern(parts[0]), intern(parts[1]), parts[2], *end[0])
                    yield Statement(words, start + line.find(parts[0]), at - end[1])
                    continue
                known = _quoted(line) if '"' in line else _plain(line, parts, ends)
                if len(line) < _MEMORABLE:
                    memo[line] = known
                elif len(known[0]) > MAX_WORDS:
                    known = _cut(self._source, known, start)
            if known[0]:
                yield Statement(known[0], start + known[1], start + known[2])


def _stretches(text: str, at: int, places: Sequence[Range]) -> Iterator[Range]:
    """Whole lines from `at` on, a stretch at a time: a list of all would double the memory."""
    for start, end in places or ((0, len(text)),):
        at = max(start, at)
        while at < end:
            stop = text.find("\n", at + _STRETCH, end)
            yield at, stop if stop >= 0 else end
            at = stop + 1 if stop >= 0 else end


def _wary(text: str) -> Callable[[str], object] | None:
    """How to tell the lines that `str.split` may not take apart; None: there are none."""
    if signs_in(text, STRANGE):
        return len
    if text.isascii() and not any(sign in text for sign in "'\\$"):
        return None
    return _SPECIAL.search


def signs_in(text: str, signs: Sequence[str]) -> bool:
    """Is any of these in a text? One character is found in a hundredth of the time of two."""
    return any(sign[0] in text and sign in text for sign in signs)


def _balanced(line: str) -> bool:
    """Are the quotes of a line closed, and is no `#` in it that they might hide?"""
    return "#" not in line and line.count('"') % 2 == 0


def _quoted(line: str) -> _Plain:
    """A line with double quotes and nothing else that is special."""
    words = tuple([word.replace('"', "") for word in _WORD.findall(line)])
    return words, len(line) - len(line.lstrip()), len(line.rstrip())


def _plain(line: str, parts: list[str], ends: _Ends) -> _Plain:
    """A line without quotes and escapes, and its first three words apart from the rest."""
    if not parts or ("#" in line and (len(parts) < 4 or "#" in line[: -len(parts[3])])):
        line = line[: line.find("#")] if "#" in line else ""
        return tuple(line.split()), len(line) - len(line.lstrip()), len(line.rstrip())
    first = line.find(parts[0])
    if len(parts) < 4:
        return tuple(map(intern, parts)), first, len(line.rstrip())
    rest = parts[3]
    bare = rest.partition("#")[0]
    words, length = tuple(map(intern, bare.split())), len(bare.rstrip())
    head = (intern(parts[0]), parts[1], parts[2])
    if not words:
        return head, first, len(line[: -len(rest)].rstrip())
    if len(words) < _FEW:
        ends[rest] = words, len(rest) - length + 1
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
        known = words, line.spans[0][0], line.spans[-1][1]
        yield Statement(*(_cut(source, known, 0) if len(words) > MAX_WORDS else known))


def _cut(source: Source, known: _Plain, start: int) -> _Plain:
    words, first, last = known
    message = f"{len(words)} words on one line, HAProxy takes {MAX_WORDS}"
    place = start + first, start + last
    source.troubles.append(Trouble(message, *place, "split the statement in two"))
    return type(words)(words[:MAX_WORDS]), first, last


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
