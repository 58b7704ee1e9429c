"""When do two blocks of an nginx configuration say the same? When they differ in free digits alone.

Free are the digits of comments, of the names that servers and upstreams get and by which they are
named, of addresses, and of what this reader does not look at (`_UNREAD`). Names and addresses must
moreover be equal to another one of their tenant in both tenants or in neither (`nginx_fleet`), for
a server is compared with others of its name (the HTTPS twin of a redirect).

A rule or a fact of this reader that reads such a number, or that compares servers by something
else than their names, must take it out of `_free`. tests/readers/test_nginx_fleet.py asks every
example of every rule as a fleet, to tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.regex import regex
from lbcheck.sources.alike import ATOM, HOST, Marks, group, taker
from lbcheck.sources.nginx_directive import Directive
from lbcheck.sources.nginx_lua import is_code
from lbcheck.sources.nginx_syntax import arguments
from lbcheck.sources.nginx_template import has_placeholder

_UNREAD = frozenset(
    """root alias access_log error_log ssl_certificate ssl_certificate_key ssl_client_certificate
    ssl_trusted_certificate auth_basic auth_basic_user_file add_header zone""".split()
)
"""statements of which at most the presence is looked at"""
_ODD = frozenset(["health_check", "upstream_probe", "upstream", "map", "match", "include"])
"""of several checks for one pool the last counts; what the others say may be about all servers"""
_NAME = regex(r"[A-Za-z_.:-]*+[0-9][A-Za-z0-9_.:-]*+")
_AUTHORITY = regex(r"(?:[A-Za-z]++://)?+([A-Za-z0-9_.:-]++)(?:/.*+)?+")
_REDIRECTED = regex(r"https?+://([A-Za-z0-9_.-]++)(?:[/$].*+)?+")
_CONSTANT = regex(r"[Hh]ost|[Xx]-[A-Za-z0-9-]++")
"""headers of which no value is looked at, but for variables"""
_CODE = regex(r"[$(\\]")

_Place = tuple[int, int]


class Layout:
    """Where the blocks with one skeleton have what is compared; asked with a block's text.

    `atoms` are names and addresses that may differ, `named` which of them the block gives to
    itself; `fixed` are the digits that may not differ, `others` the words that they are in.
    """

    __slots__ = ("_free", "_marks", "_others", "_own", "atoms", "fixed", "named", "others")

    def __init__(self, block: Directive, text: str) -> None:
        self._marks = Marks(text)
        self._free: list[_Place] = []
        self._own: set[_Place] = set()
        self._others: list[_Place] = []
        for statement in _statements(block):
            self._take(block, statement, text)
        self.atoms = taker(self._free)
        self.others = taker(self._others)
        self.fixed = taker(list(self._marks.stretches()))
        self.named = [n for n, place in enumerate(self._free) if place in self._own]

    def _take(self, block: Directive, statement: Directive, text: str) -> None:
        start, end = statement.start - block.start, statement.end - block.start
        places = [_bare(text, s - block.start, e - block.start) for s, e in arguments(statement)]
        self._marks.fix(start, end)
        free = list(_free(block, statement, places, text))
        for place in free:
            self._marks.free(*place)
        if free and _unread(statement):
            return
        if _naming(block, statement):
            self._own.update(places)
        for match in ATOM.finditer(text, start, end):
            inside = self._marks.any_free(*match.span())
            (self._free if inside else self._others).append(match.span())


def layout(block: Directive, text: str) -> Layout | None:
    """Of all blocks that have the skeleton of this one. None: something stands in it that digits
    do not tell, and each such block is read for itself.

    Args: text: of the block alone.
    """
    if not text.isascii() or has_placeholder(text):
        return None
    names = 0
    for statement in _statements(block):
        if statement is not block and _odd(statement):
            return None
        if _naming(block, statement):
            if not statement.args or not all(map(_NAME.fullmatch, statement.args)):
                return None
            names += 1
    return Layout(block, text) if names else None


def _statements(block: Directive) -> Iterator[Directive]:
    """The block and all in it; not what it includes from elsewhere."""
    pending = [block]
    while pending:
        statement = pending.pop()
        if statement.source is block.source and block.start <= statement.start < block.close:
            yield statement
            pending.extend(statement.block or ())


def _odd(statement: Directive) -> bool:
    name = statement.name
    passing = name.endswith("_pass") and any("$" in arg for arg in statement.args)
    return passing or name in _ODD or is_code(name)


def _naming(block: Directive, statement: Directive) -> bool:
    """Does it give its block a name, by which others find it?"""
    return statement.name == "server_name" or (statement is block and block.name == "upstream")


def _unread(statement: Directive) -> bool:
    name, args = statement.name, statement.args
    return name in _UNREAD or (
        name == "proxy_set_header" and bool(args) and _CONSTANT.fullmatch(args[0]) is not None
    )


def _listening(statement: Directive) -> bool:
    """At an address, not a mere port?"""
    return statement.name == "listen" and "." in "".join(statement.args[:1])


def _bare(text: str, start: int, end: int) -> _Place:
    return (start + 1, end - 1) if text[start] in "\"'" else (start, end)


def _free(
    block: Directive, statement: Directive, places: list[_Place], text: str
) -> Iterator[_Place]:
    """Where the digits of a statement are free."""
    name = statement.name
    if _naming(block, statement):
        yield from places
    elif _unread(statement):
        if not any(_CODE.search(text, *place) for place in places):
            yield from places
    elif (name == "server" and block.name == "upstream") or _listening(statement):
        yield from (group(HOST.fullmatch(text, *place)) for place in places[:1])
    elif name in ("proxy_pass", "grpc_pass"):
        there = (group(_AUTHORITY.fullmatch(text, *place)) for place in places)
        yield from (group(HOST.fullmatch(text, *place)) for place in there)
    elif name in ("return", "rewrite"):
        yield from (group(_REDIRECTED.fullmatch(text, *place)) for place in places)
