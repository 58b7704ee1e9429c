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

from collections.abc import Iterator, Sequence

from lbcheck.regex import regex
from lbcheck.sources.alike import ATOM, HOST, Marks, group, taker
from lbcheck.sources.haproxy_config import SECTIONS
from lbcheck.sources.haproxy_line import Line, Unknown
from lbcheck.sources.haproxy_syntax import Range

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


class Layout:
    """Where the sections with one skeleton have what is compared; asked with a section's text."""

    __slots__ = ("atoms", "fixed")

    def __init__(self, fixed: list[Range], atoms: list[Range]) -> None:
        self.fixed = taker(fixed)
        """the digits that are not free"""
        self.atoms = taker(atoms)
        """whatever has a digit in the statements of a section, its own name first"""


def layout(text: str) -> Layout | None:
    """Of all sections that have the skeleton of this one. None: something stands in it that digits
    do not tell, and each such section is read for itself."""
    if _ODD.search(text):
        return None
    marks = Marks(text)
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
            marks.fix(start, end)
            for place in _free(text, found.words, found.spans):
                marks.free(*place)
    return Layout(list(marks.stretches()), atoms)


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
        yield from (group(HOST.fullmatch(text, *place)) for place in spans[2:3])
    elif keyword == "bind" and "name" in words[2:-1]:
        yield spans[words.index("name", 2) + 1]
    elif words[:2] == ["option", "httpchk"]:
        yield from (_query(text, place) for place in spans[2:4])
    elif keyword in _CONDITIONAL:
        yield from _conditions(words, spans)


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
