"""Locations that upgrade to any protocol, beside others that not everybody may use."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.model import Origin, Setting
from lbcheck.sources.nginx_header import said
from lbcheck.sources.nginx_rewrite import Run
from lbcheck.sources.nginx_scope import Kind, Scope, covers_all, span
from lbcheck.sources.nginx_syntax import Directive
from lbcheck.sources.nginx_way import Way, Ways

PROTECTING = frozenset({"deny", "auth_basic", "auth_jwt", "auth_request"})
_OTHER = {"http_upgrade": "h2c", "http_connection": "upgrade, http2-settings"}


def passed_by(way: Way, ways: Ways) -> Setting[str] | None:
    """The first location of the server whose protection does not hold for requests that a client
    sends inside an upgraded connection (HTTP/2, after `Upgrade: h2c`) through this one."""
    if not way.forwards or not _passes_any(way, ways) or _protection(way.scope) is not None:
        return None
    for scope in _locations(way.site.scope):
        statement = _own_protection(scope)
        if statement is not None and _same_targets(way, scope, ways):
            return Setting(said(scope), statement.name, Origin.SET, span(statement))
    return None


def _passes_any(way: Way, ways: Ways) -> bool:
    variables = {**way.variables, **_OTHER}
    template = way.headers.template("upgrade") if way.headers is not None else None
    if template is None or ways.sets.maps.value(template, variables) != "h2c":
        return False
    run = Run(way.site.maps, variables, None).through(way.scope.steps)
    return run.outcome is None and not run.doubtful


def _protection(scope: Scope) -> Directive | None:
    found = (scope.effective(name) for name in PROTECTING)
    return next((each for each in found if each is not None and each.args != ("off",)), None)


def _own_protection(scope: Scope) -> Directive | None:
    found = (scope.own.get(name) for name in sorted(PROTECTING))
    return next((each for each in found if each is not None and each.args != ("off",)), None)


def _same_targets(way: Way, scope: Scope, ways: Ways) -> bool:
    """Is what it protects behind the same targets? Surely so where it only denies what else the
    catch-all would serve."""
    other = ways.by_scope.get(scope)
    if other is None:
        return covers_all(way.scope) and not {"root", "alias"} & scope.own.keys()
    return any(draft in way.pools for draft in other.pools)


def _locations(server: Scope) -> Iterator[Scope]:
    pending = list(reversed(server.children))
    while pending:
        scope = pending.pop()
        pending.extend(reversed(scope.children))
        if scope.kind is Kind.LOCATION:
            yield scope
