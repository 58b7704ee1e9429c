"""Locations that upgrade to any protocol, beside others that not everybody may use."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.model import Origin, Setting
from lbcheck.sources.nginx_flow import Site
from lbcheck.sources.nginx_header import said
from lbcheck.sources.nginx_pool import Draft
from lbcheck.sources.nginx_rewrite import Run
from lbcheck.sources.nginx_scope import Kind, Scope, covers_all, span
from lbcheck.sources.nginx_syntax import Directive
from lbcheck.sources.nginx_way import Way, Ways

_PROTECTING = frozenset({"deny", "auth_basic", "auth_jwt", "auth_request"})
_OTHER = {"http_upgrade": "h2c", "http_connection": "upgrade, http2-settings"}


class Protected:
    """The locations of each server that not everybody may use, by the targets behind them."""

    __slots__ = ("_any", "_known", "_ways")

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._any = not _PROTECTING.isdisjoint(ways.root.seen)
        self._known: dict[Site, dict[Draft | None, Setting[str]]] = {}

    def passed_by(self, way: Way) -> Setting[str] | None:
        """The first location of the server whose protection does not hold for requests that a
        client sends inside an upgraded connection (HTTP/2, after `Upgrade: h2c`) through this
        one. What only denies what the catch-all would serve is behind the targets of that."""
        if (
            not self._any
            or not way.forwards
            or not _passes_any(way, self._ways)
            or _guarded(way.scope)
        ):
            return None
        if way.site not in self._known:
            self._known[way.site] = self._sorted(way.site)
        known = self._known[way.site]
        targets: list[Draft | None] = [*way.pools, *([None] if covers_all(way.scope) else [])]
        return next((known[target] for target in targets if target in known), None)

    def _sorted(self, site: Site) -> dict[Draft | None, Setting[str]]:
        found: dict[Draft | None, Setting[str]] = {}
        for scope in _locations(site.scope):
            statement = _own_protection(scope)
            if statement is None:
                continue
            setting = Setting(said(scope), statement.name, Origin.SET, span(statement))
            way = self._ways.by_scope.get(scope)
            if way is None and not {"root", "alias"} & scope.own.keys():
                found.setdefault(None, setting)
            for draft in way.pools if way is not None else ():
                found.setdefault(draft, setting)
        return found


def _passes_any(way: Way, ways: Ways) -> bool:
    variables = {**way.variables, **_OTHER}
    template = way.headers.template("upgrade") if way.headers is not None else None
    if template is None or ways.sets.maps.value(template, variables) != "h2c":
        return False
    run = Run(way.site.maps, variables, None).through(way.scope.steps)
    return run.outcome is None and not run.doubtful


def _guarded(scope: Scope) -> bool:
    found = (scope.effective(name) for name in _PROTECTING)
    return any(each is not None and each.args != ("off",) for each in found)


def _own_protection(scope: Scope) -> Directive | None:
    found = (scope.own.get(name) for name in sorted(_PROTECTING))
    return next((each for each in found if each is not None and each.args != ("off",)), None)


def _locations(server: Scope) -> Iterator[Scope]:
    pending = list(reversed(server.children))
    while pending:
        scope = pending.pop()
        pending.extend(reversed(scope.children))
        if scope.kind is Kind.LOCATION:
            yield scope
