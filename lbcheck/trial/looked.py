"""Look at the services that findings are about, each through its balancer and at its targets."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

from msgspec import Struct
from msgspec.structs import replace

from lbcheck import configured
from lbcheck.model import Pool, Route, Topology, Visit
from lbcheck.probe import live
from lbcheck.probe.access import Access
from lbcheck.probe.health import Check
from lbcheck.probe.ladder import intervals
from lbcheck.probe.plan import Plan, Watcher, look
from lbcheck.probe.result import Seen
from lbcheck.probe.urls import moved, parsed
from lbcheck.profile import Profile

_MOST_TARGETS = 10
Watching = Callable[[Plan], AbstractContextManager[Watcher]]
"""who looks on while a plan is carried out"""


class Service(Struct, frozen=True):
    """A URL to be tried. `name`: without secrets; `visit`: the handshake that it means."""

    url: str
    name: str
    visit: Visit


class Request(Struct, frozen=True):
    """What `--live URL` asks for. `window_s`: how long silence is waited for, None: not at all."""

    services: tuple[Service, ...]
    access: Access
    watching: Watching
    window_s: float | None = None


class Tried(Struct, frozen=True):
    """What was seen of one service.

    `routes`: those that surely take its handshakes, one for each balancer on the way; `anonymous`:
    no credentials were sent.
    """

    service: Service
    routes: tuple[Route, ...]
    seen: Seen
    anonymous: bool


def service(url: str, name: str) -> Service:
    """The service of a URL. Raises: UsageError for what is none."""
    where = parsed(url)
    tls = where.scheme == "https"
    return Service(
        url, name, Visit(where.host, where.port or (443 if tls else 80), where.path, tls)
    )


def looked(topology: Topology, request: Request, profile: Profile) -> tuple[Tried, ...]:
    """Probe each service, one after the other."""
    found = []
    with live.Prober(request.access) as prober:
        for each in request.services:
            routes = tuple(_routes(topology, each.visit))
            plan = Plan(
                profile.handshake.subprotocols,
                # An address in a file is no place to send a credential to.
                () if request.access.headers else tuple(_targets(each, routes)),
                request.window_s,
                intervals(request.window_s) if request.window_s is not None else (),
            )
            with request.watching(plan) as watcher:
                seen = look(prober, each.url, each.name, each.visit.authority, plan, watcher)
            # Nobody asked for these targets: that a private network is closed to us is no fault.
            near = tuple(target for target in seen.targets if target.unreached is None)
            seen = replace(seen, targets=near)
            found.append(Tried(each, routes, seen, not request.access.headers))
    return tuple(found)


def _routes(topology: Topology, visit: Visit) -> Iterator[Route]:
    """The routes that take a visit, those of one vendor only where it is a single one: of two
    configurations nobody knows which one serves it."""
    by_vendor: dict[object, dict[object, Route]] = {}
    for route in topology.routes:
        if visit in route.takes:
            by_vendor.setdefault(route.vendor, {}).setdefault(route.place, route)
    for routes in by_vendor.values():
        if len(routes) == 1:
            yield from routes.values()


def _targets(each: Service, routes: Sequence[Route]) -> Iterator[tuple[str, Check]]:
    """The WebSocket's URL at targets whose health check can be repeated."""
    pools: list[Pool] = [forward.pool for route in routes for forward in route.forwards]
    known = dict(configured.checks(pools))
    near = _loopback(each.visit.host)
    asked = 0
    for address, check in known.items():
        # `127.0.0.1` in a configuration is the balancer's own machine, and seldom this one.
        if isinstance(check, Check) and (near or not _loopback(address.rpartition(":")[0])):
            asked += 1
            if asked <= _MOST_TARGETS:
                yield moved(each.url, address), check


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
