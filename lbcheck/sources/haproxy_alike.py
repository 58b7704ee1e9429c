"""When do two sections of a HAProxy file say the same? When they differ in free digits alone.

Free are the digits of comments, of the names that sections, servers, ACLs and binds get, of
addresses, and of the query of a health check's request. All others must be equal, every letter
too, and whatever has a digit in it (a name, an address, a number) must be equal to another one of
its section in both sections or in neither. So two such sections are judged alike unless something

- reads a number in a name or an address (`belief` takes words without their numbers);
- compares a name or an address with what stands in sections that do not name each other.
  Loopback addresses, which lead to another section, are told by a number that is not free, and
  `haproxy_fleet` leaves nothing out where a server has one;
- counts sections, or adds up what they say: `Section.alike` is for how many one stands.

A rule or a fact of this reader that does one of the first two must take what it reads out of
`_free`. tests/readers/test_haproxy_fleet.py asks every example of every rule as a fleet, to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from re import Match

from lbcheck.regex import regex
from lbcheck.sources.haproxy_config import SECTIONS
from lbcheck.sources.haproxy_line import Line, Unknown
from lbcheck.sources.haproxy_syntax import Range

ZEROS = str.maketrans("123456789", "0" * 9)
"""makes the skeleton of a text: letters, signs, and where its digits are"""
ATOM = regex(r"(?<![A-Za-z0-9_.:-])[A-Za-z_.:-]*+[0-9][A-Za-z0-9_.:-]*+")
"""what may be a name or an address and has a digit"""
_DIGITS = regex(r"[0-9]++")
_ODD = regex(r"['\\$]|[^\n\t\x20-\x7e]")
_NAMED = frozenset(
    ["frontend", "backend", "listen", "acl", "server", "use_backend", "default_backend", "bind"]
)
"""Statements whose second word is a name, or the address of a bind."""
_CONDITIONAL = frozenset(
    """
    use_backend use-server force-persist ignore-persist redirect http-request http-response
    http-after-response tcp-request
    """.split()
)
_CHECKING = frozenset(["default-server", "http-check"])
"""Statements whose `addr` is compared with the address of every server (LB209)."""
_VERSION = "HTTP_"
"""`HTTP_1.0` and `HTTP_1.1` are conditions of HAProxy's own."""
_HOST = regex(r"(?:[0-9]++\.)?+([A-Za-z0-9_.-]++)(?::[0-9]++)?+")
"""An address without its first number and its port, which a check may be compared with."""


class Layout:
    """Where the sections with one skeleton have what is compared; asked with a section's text."""

    __slots__ = ("atoms", "fixed")

    def __init__(self, fixed: list[Range], atoms: list[Range]) -> None:
        self.fixed = _taker(fixed)
        """the digits that are not free"""
        self.atoms = _taker(atoms)
        """whatever has a digit in the statements of a section, its own name first"""


def _taker(ranges: list[Range]) -> Callable[[str], tuple[str, ...]]:
    # Two empty ones: `itemgetter` of a single item returns no tuple.
    return itemgetter(*(slice(*place) for place in [*ranges, (0, 0), (0, 0)]))


def layout(text: str) -> Layout | None:
    """Of all sections that have the skeleton of this one. None: something stands in it that digits
    do not tell, and each such section is read for itself."""
    if _ODD.search(text):
        return None
    fixed = bytearray(len(text))
    atoms: list[Range] = []
    at = 0
    for line in text.split("\n"):
        found = Line(text, at, at + len(line), {})
        at += len(line) + 1
        if found.words:
            if not _plain(text, found, first=not atoms):
                return None
            start, end = found.spans[0][0], found.spans[-1][1]
            atoms += [match.span() for match in ATOM.finditer(text, start, end)]
            _mark(fixed, start, end, 1)
            for place in _free(text, found.words, found.spans):
                _mark(fixed, *place, 0)
    return Layout(list(_stretches(text, fixed)), atoms)


def _mark(marks: bytearray, start: int, end: int, mark: int) -> None:
    marks[start:end] = bytes([mark]) * (end - start)


def _plain(text: str, line: Line, first: bool) -> bool:
    """Is every word as written, and does only the first line open a section?"""
    words = line.words
    if line.troubles or Unknown in map(type, words) or words[0][:1] == ".":
        return False
    if not first and words[0] in SECTIONS:
        return False
    if words[0] in _CHECKING and "addr" in words:
        return False
    return not any('"' in text[start + 1 : end - 1] for start, end in line.spans)


def _free(text: str, words: Sequence[str], spans: Sequence[Range]) -> Iterator[Range]:
    """Where the digits of a statement are free: names, addresses, and queries of checks."""
    keyword = words[0]
    if keyword in _NAMED:
        yield from spans[1:2]
    if keyword == "server" and "addr" not in words:  # LB209 compares it with the address
        yield from (_part(_HOST.fullmatch(text, *place)) for place in spans[2:3])
    elif keyword == "bind" and "name" in words[2:-1]:
        yield spans[words.index("name", 2) + 1]
    elif words[:2] == ["option", "httpchk"]:
        yield from (_query(text, place) for place in spans[2:4])
    elif keyword in _CONDITIONAL:
        yield from _conditions(words, spans)


def _part(match: Match[str] | None) -> Range:
    return match.span(1) if match else (0, 0)


def _query(text: str, place: Range) -> Range:
    at = text.find("?", *place)
    return (at, place[1]) if at >= 0 else (0, 0)


def _conditions(words: Sequence[str], spans: Sequence[Range]) -> Iterator[Range]:
    """The names of ACLs behind `if`; what stands in braces is no name."""
    begun = braces = False
    for word, place in zip(words, spans, strict=True):
        if begun and not braces and _VERSION not in word:
            yield place
        begun = begun or word in ("if", "unless")
        braces = word != "}" and (braces or word.endswith("{"))


def _stretches(text: str, fixed: bytearray) -> Iterator[Range]:
    """From the first to the last of digits that are not free and have no free ones between."""
    begun: int | None = None
    last = 0
    for match in _DIGITS.finditer(text):
        if fixed[match.start()]:
            begun = match.start() if begun is None else begun
            last = match.end()
        elif begun is not None:
            yield begun, last
            begun = None
    if begun is not None:
        yield begun, last
