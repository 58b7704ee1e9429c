"""WebSocket paths that a `grpc_pass` takes: HTTP/2 to the target, with no upgrade (502 on 1.22.1
and 1.31.3). A `grpc_pass` by itself is healthy."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.belief import strong_word
from lbcheck.model import Belief, Declared, Forward, Level, Origin, Route, Setting, Vendor
from lbcheck.sources.nginx_address import destinations
from lbcheck.sources.nginx_belief import words
from lbcheck.sources.nginx_flow import Site
from lbcheck.sources.nginx_map import NONE
from lbcheck.sources.nginx_name import address
from lbcheck.sources.nginx_pool import UNUSED, Pools
from lbcheck.sources.nginx_scope import Kind, Scope, covers_all, matcher, span
from lbcheck.sources.nginx_way import Ways


def called(ways: Ways, pools: Pools, declared: Declared) -> list[tuple[Site, Route]]:
    """Routes of these locations, each with its server."""
    if "grpc_pass" not in ways.root.seen:
        return []
    paths = _declared(ways, declared)
    return [
        (site, _route(scope, belief, ways, pools, site.alike))
        for site in ways.sites
        for scope in _locations(site.scope)
        if (belief := _belief(scope, ways, paths)) is not None
    ]


def _declared(ways: Ways, declared: Declared) -> dict[Scope, str]:
    """Where the profile's paths end, unless another server proxies them."""
    found: dict[Scope, str] = {}
    for path in declared.websocket_paths:
        ends = [site.land(path) for site in ways.sites]
        ends = [end for end in ends if end.decided and end.outcome is None]
        if path != "/" and not any(end.scope in ways.by_scope for end in ends):
            found.update({end.scope: path for end in ends})
    return found


def _locations(server: Scope) -> Iterator[Scope]:
    pending = list(reversed(server.children))
    while pending:
        scope = pending.pop()
        pending.extend(reversed(scope.children))
        if scope.kind is Kind.LOCATION and "grpc_pass" in scope.own:
            yield scope


def _belief(scope: Scope, ways: Ways, paths: dict[Scope, str]) -> Belief | None:
    """Declared, or named like a WebSocket and written with its headers."""
    if scope in paths:
        return Belief(Level.CERTAIN, f"the profile declares `{paths[scope]}`", declared=True)
    word = strong_word(words(scope))
    headers = ways.sets.of(scope.own.get("proxy_set_header"))
    if word is None or scope in ways.excluded or not ways.sets.forwards(headers):
        return None
    return Belief(Level.CERTAIN, "Upgrade headers are set")


def _route(scope: Scope, belief: Belief, ways: Ways, pools: Pools, alike: int) -> Route:
    statement, directive = scope.own["grpc_pass"], scope.directive
    version = Setting("grpc_pass", "grpc", Origin.SET, span(statement))
    there = destinations(statement, ways.root, ways.sets.maps, scope, NONE)
    drafts = [pools.draft(destination, statement, UNUSED) for destination in there]
    for draft in drafts:
        draft.alike = max(draft.alike, alike)
    return Route(
        vendor=Vendor.NGINX,
        address=address(scope),
        place=span(directive or statement),
        path=matcher(scope),
        belief=belief,
        forwards=tuple(Forward(pools.make(draft), version) for draft in drafts),
        covers_all=covers_all(scope),
        alike=alike,
    )
