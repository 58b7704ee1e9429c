"""Which location takes a request path: nginx's own search.

Per level: an exact match ends it; the longest prefix is remembered and its inner locations are
tried; then regular expressions in order, unless the prefix has `^~`. A path that lacks only the
slash of a proxied prefix is redirected (ngx_http_core_find_location).
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from lbcheck.sources import nginx_pattern
from lbcheck.sources.nginx_map import opaque
from lbcheck.sources.nginx_scope import Kind, Scope

_MODIFIERS = frozenset({"=", "~", "~*", "^~"})
_PASSES = ("proxy_pass", "grpc_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "memcached_pass")


class Found(Struct, frozen=True, gc=False):
    """`location` None: none of them; `slash`: redirected to the path with a slash; `decided`
    False: a regular expression or a placeholder may take the request elsewhere."""

    location: Scope | None
    slash: bool = False
    decided: bool = True


def parts(location: Scope) -> tuple[str, str]:
    """Modifier and pattern of a location: ("", "/ws/"), ("~", "^/ws"), ("@", "@app")."""
    return _parts(location.directive.args) if location.directive else ("", "")


@lru_cache(4096)
def _parts(args: tuple[str, ...]) -> tuple[str, str]:
    if len(args) >= 2 and args[0] in _MODIFIERS:
        return args[0], args[1]
    first = args[0] if args else ""
    if first.startswith("@"):
        return "@", first
    for modifier in ("~*", "^~", "=", "~"):
        if first.startswith(modifier):
            return modifier, first[len(modifier) :]
    return "", first


class Level:
    """The locations of one block by kind."""

    __slots__ = ("blurred", "exact", "prefixes", "regexes")

    def __init__(self, block: Scope) -> None:
        self.exact: dict[str, Scope] = {}
        self.prefixes: dict[str, Scope] = {}
        self.regexes: list[tuple[str, bool, Scope]] = []
        self.blurred = False
        for child in block.children:
            if child.kind is Kind.LOCATION:
                self._add(child)

    def _add(self, location: Scope) -> None:
        modifier, pattern = parts(location)
        if opaque(pattern):
            self.blurred = True
        elif modifier == "=":
            self.exact[pattern] = location
        elif modifier in ("~", "~*"):
            self.regexes.append((pattern, modifier == "~*", location))
        elif modifier != "@":
            self.prefixes[pattern] = location

    def fixed(self, path: str) -> tuple[Scope | None, bool, bool]:
        """The exact or longest prefix match, whether it is exact, whether it is a redirect."""
        if path in self.exact:
            return self.exact[path], True, False
        with_slash = self.prefixes.get(f"{path}/")
        if with_slash is not None and passes(with_slash) and path not in self.prefixes:
            return with_slash, False, True
        best = max(filter(path.startswith, self.prefixes), key=len, default=None)
        return (None if best is None else self.prefixes[best]), False, False


def passes(location: Scope) -> bool:
    """Is there a handler that hands requests on?"""
    return any(name in location.own for name in _PASSES)


class Locations:
    """The search over the locations of one server; levels are sorted when they are first used."""

    __slots__ = ("_levels", "server")

    def __init__(self, server: Scope) -> None:
        self.server = server
        self._levels: dict[Scope, Level] = {}

    def level(self, block: Scope) -> Level:
        """The sorted locations of a block."""
        if block not in self._levels:
            self._levels[block] = Level(block)
        return self._levels[block]

    def find(self, path: str) -> Found:
        """The location that takes a path."""
        here, found, decided = self.server, None, True
        while True:
            walked, best, final = self._descend(here, path)
            decided &= not any(self.level(block).blurred for block, _ in walked)
            if final is not None:
                return Found(final.location, final.slash, decided)
            found = best or found
            taken, sure = self._by_regex(walked, path)
            decided &= sure
            if taken is None:
                return Found(found, False, decided)
            here = found = taken

    def _descend(
        self, block: Scope, path: str
    ) -> tuple[list[tuple[Scope, bool]], Scope | None, Found | None]:
        """Down the longest prefixes: the blocks passed, with whether `^~` bars expressions."""
        walked: list[tuple[Scope, bool]] = []
        best = None
        while True:
            location, exact, slash = self.level(block).fixed(path)
            if exact or slash:
                return walked, best, Found(location, slash)
            walked.append((block, location is not None and parts(location)[0] == "^~"))
            if location is None:
                return walked, best, None
            best = block = location

    def _by_regex(self, walked: list[tuple[Scope, bool]], path: str) -> tuple[Scope | None, bool]:
        for block, barred in reversed(walked):
            for pattern, folded, location in () if barred else self.level(block).regexes:
                hit = nginx_pattern.matches(pattern, path, folded)
                if hit is None:
                    return None, False
                if hit:
                    return location, True
        return None, True
