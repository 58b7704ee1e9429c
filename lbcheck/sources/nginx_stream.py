"""`stream {}` servers: TCP passed on as it is, so that only silence and targets matter."""

from __future__ import annotations

from lbcheck.belief import by_names
from lbcheck.model import Belief, Declared, Forward, Level, Listener, Route, Vendor
from lbcheck.sources.nginx_address import Destination, destinations
from lbcheck.sources.nginx_map import Maps
from lbcheck.sources.nginx_name import address
from lbcheck.sources.nginx_pool import Draft, Pools
from lbcheck.sources.nginx_route import Routes
from lbcheck.sources.nginx_scope import Root, Scope, span

_IDLE_S = 600.0  # ngx_stream_proxy_module: proxy_timeout 10m
_CONNECT_S = 60.0


class StreamWay:
    """One stream server and where it leads."""

    __slots__ = ("belief", "pools", "scope")

    def __init__(self, scope: Scope, belief: Belief, pools: list[Draft]) -> None:
        self.scope = scope
        self.belief = belief
        self.pools = pools


def ways(root: Root, maps: Maps, pools: Pools, declared: Declared) -> list[StreamWay]:
    """The TCP servers of a configuration; UDP carries no WebSockets."""
    found = []
    for scope in root.stream_servers:
        statement = scope.own.get("proxy_pass")
        listens = scope.every("listen")
        if statement is None or any("udp" in listen.args for listen in listens):
            continue
        there = [_place(d, root) for d in destinations(statement, root, maps, scope, {})]
        names = [d.upstream or d.host for d in there]
        names += [name for names in scope.every("server_name") for name in names.args]
        belief = by_names("", *names)
        if "/" in declared.websocket_paths:
            belief = Belief(Level.CERTAIN, "the profile declares `/`", declared=True)
        drafts = [pools.draft(d, statement, belief, stream=True) for d in there]
        found.append(StreamWay(scope, belief, drafts))
    return found


def _place(destination: Destination, root: Root) -> Destination:
    """The same destination among the upstreams of `stream`, which are not those of `http`."""
    name = destination.host if destination.host in root.stream_upstreams else None
    return Destination(
        destination.host,
        name,
        destination.variable,
        destination.unreadable,
        destination.foreign and name is None,
        destination.resolver or name is not None,
    )


def listener(way: StreamWay, routes: Routes, pools: Pools) -> Listener:
    """The listener with its one route."""
    scope, directive = way.scope, way.scope.directive
    assert directive is not None
    place = span(directive)
    connect = routes.time(scope, "proxy_connect_timeout", _CONNECT_S, place)
    route = Route(
        vendor=Vendor.NGINX,
        address=address(scope),
        place=place,
        path="tcp",
        belief=way.belief,
        forwards=tuple(Forward(pools.make(draft)) for draft in way.pools),
        idle=routes.time(scope, "proxy_timeout", _IDLE_S, place),
        timeouts=(connect,) if connect is not None else (),
        covers_all=True,
    )
    tls = any("ssl" in listen.args for listen in scope.every("listen"))
    return Listener(Vendor.NGINX, address(scope), place, (route,), tls)
