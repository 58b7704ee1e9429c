"""Read nginx configuration: text → directives → topology.

The syntax is `nginx_syntax`'s, includes are `nginx_include`'s; here the blocks become listeners,
routes and pools with what is really in force. A main file is a whole nginx.conf or a fragment
without its root; of a fragment only what it says itself is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from lbcheck.model import Declared, Listener, Pool, Route, Source, Span, Topology, Vendor
from lbcheck.sources import nginx_grpc, nginx_health, nginx_include, nginx_stream
from lbcheck.sources.files import Files
from lbcheck.sources.nginx_address import destinations
from lbcheck.sources.nginx_belief import believe
from lbcheck.sources.nginx_capacity import capacity
from lbcheck.sources.nginx_error import Masks
from lbcheck.sources.nginx_hop import handed_on
from lbcheck.sources.nginx_listen import http2_only
from lbcheck.sources.nginx_map import Maps
from lbcheck.sources.nginx_map_fault import MapFaults
from lbcheck.sources.nginx_name import address
from lbcheck.sources.nginx_pool import Pools
from lbcheck.sources.nginx_redirect import dead_ends, settle
from lbcheck.sources.nginx_route import Routes
from lbcheck.sources.nginx_scope import Root, Scope, covers_all, matcher, span
from lbcheck.sources.nginx_syntax import Directive
from lbcheck.sources.nginx_undefined import Undefined
from lbcheck.sources.nginx_way import Ways

_FOR_ALL = frozenset({"proxy_set_header", "proxy_http_version"})
_LARGE = 50_000
"""characters: a smaller configuration is read sooner than compared"""


def read(mains: Sequence[Source], files: Files, declared: Declared) -> Topology:
    """The topology of several main files, each with what it includes; sources are left to the
    caller. Fragments see each other's upstreams and maps where a name is defined once. Where
    tenants were left out that say the same as others, `whole` reads them, too."""
    roots = [_root(main, files, declared) for main in mains]
    touched = nginx_include.touched(mains, files)
    before = [source.told for source in touched]
    found = _read(roots, files, declared)
    if not any(root.alike for root in roots):
        return found

    def whole() -> Topology:
        for source, told in zip(touched, before, strict=True):
            source.forget(told)
        return read(mains, files, replace(declared, leave_out=False))

    # What is wrong with one tenant is wrong with those that say the same.
    if [source.told for source in touched] != before:
        return whole()
    return replace(found, whole=whole)


def _root(main: Source, files: Files, declared: Declared) -> Root:
    """A main file without the tenants for which others stand, if it is large."""
    tree, sources = nginx_include.load(main, files), nginx_include.touched([main], files)
    if declared.leave_out and sum(len(source.text or "") for source in sources) > _LARGE:
        from lbcheck.sources import nginx_fleet

        kept = nginx_fleet.kept(tree, sources)
        if kept is not None:
            return Root(kept.tree, kept.alike)
    return Root(tree, {})


def _read(roots: Sequence[Root], files: Files, declared: Declared) -> Topology:
    _share([root for root in roots if not root.whole])
    listeners: list[Listener] = []
    pools: list[Pool] = []
    surveyed = [Ways(root, Maps(root.maps), declared) for root in roots]
    files.kept.append(surveyed)
    carried = {path for ways in surveyed for path in ways.carried}
    for ways in surveyed:
        found, made = _resolve(ways, carried, declared)
        listeners += found
        pools += made
    routes = tuple(route for listener in listeners for route in listener.routes)
    return Topology((), tuple(listeners), routes, tuple(pools))


def _share(fragments: list[Root]) -> None:
    """Lend fragments of one configuration each other's definitions."""
    headed = any(not _FOR_ALL.isdisjoint(fragment.main.own) for fragment in fragments)
    for fragment in fragments:
        fragment.headed = headed
    for kind in ("upstreams", "stream_upstreams", "maps"):
        tables = [getattr(fragment, kind) for fragment in fragments]
        lent: dict[str, Directive | None] = {}
        for table in tables:
            for name, block in table.items():
                lent[name] = None if name in lent else block
        for table in tables:
            table.update({n: b for n, b in lent.items() if b is not None and n not in table})


def _resolve(
    ways: Ways, carried: set[str], declared: Declared
) -> tuple[list[Listener], tuple[Pool, ...]]:
    root, maps = ways.root, ways.sets.maps
    pools = Pools(root, declared)
    _lead(ways, pools, root, maps)
    nginx_health.ask(ways, declared.health_path)
    streams = nginx_stream.ways(root, maps, pools, declared)
    routes = Routes(ways, pools, MapFaults(maps, Undefined(root)), declared)
    listeners = _listeners(ways, carried, routes, declared)
    listeners += [nginx_stream.listener(way, routes, pools) for way in streams]
    return listeners, pools.all()


def _lead(ways: Ways, pools: Pools, root: Root, maps: Maps) -> None:
    """Join each way with the pools it leads to, and say how sure it is."""
    for way in ways.by_scope.values():
        way.there = destinations(way.statement, root, maps, way.scope, way.variables)
    ways.handed = handed_on(ways)
    for way in ways.by_scope.values():
        there = way.there
        names = [d.upstream or d.host for d in there]
        settle(way, ways)
        way.belief = believe(way, ways, names)
        for destination in there:
            draft = pools.draft(destination, way.statement, way.belief)
            draft.alike = max(draft.alike, way.site.alike)
            draft.probe = way.scope.own.get("health_check") or draft.probe
            draft.probe = way.scope.own.get("upstream_probe") or draft.probe
            way.pools.append(draft)


def _listeners(ways: Ways, carried: set[str], routes: Routes, declared: Declared) -> list[Listener]:
    masks = Masks()
    ended = dead_ends(ways, carried)
    calls = nginx_grpc.called(ways, routes.pools, declared)
    found = []
    room = capacity(ways.root)
    for site in ways.sites:
        made = [routes.route(way) for way in ways.of(site)]
        made += [route for home, route in calls if home is site]
        for home, landing, belief, record in ended:
            directive = landing.scope.directive
            if home is site and directive is not None:
                made.append(
                    Route(
                        vendor=Vendor.NGINX,
                        address=address(landing.scope),
                        place=span(directive),
                        path=matcher(landing.scope) if landing.scope is not site.scope else "/",
                        belief=belief,
                        redirect=record,
                        covers_all=landing.scope is site.scope or covers_all(landing.scope),
                        takes=routes.taken.get(landing.scope, ()),
                        alike=site.alike,
                    )
                )
        found.append(
            Listener(
                vendor=Vendor.NGINX,
                address=address(site.scope),
                place=_place(site.scope),
                routes=tuple(made),
                tls=site.tls,
                health=nginx_health.answer(site, declared.health_path, masks),
                http2_only=http2_only(site, declared),
                capacity=room,
                alike=site.alike,
            )
        )
    return found


def _place(server: Scope) -> Span:
    """The opening line of a server; in a fragment of locations the first of them."""
    if server.directive is not None:
        return span(server.directive)
    first = next((child.directive for child in server.children if child.directive), None)
    return span(first or server.own["proxy_pass"])
