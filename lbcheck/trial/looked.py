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
from lbcheck.probe.checks import Asker
from lbcheck.probe.handshake import Answer, new_key, opening
from lbcheck.probe.health import Check
from lbcheck.probe.ladder import intervals
from lbcheck.probe.plan import Plan, Watcher, look
from lbcheck.probe.result import Kind, Seen
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


class Page(Struct, frozen=True):
    """The answers to a handshake of the service's own page, whose `Origin` has the service's name:
    through the balancer, and at a target that is asked by that name, where one was asked."""

    answer: Answer
    direct: Answer | None


class Tried(Struct, frozen=True):
    """What was seen of one service.

    `routes`: those that surely take its handshakes, one for each balancer on the way; `anonymous`:
    no credentials were sent; page: None where an `Origin` is not looked at.
    """

    service: Service
    routes: tuple[Route, ...]
    seen: Seen
    anonymous: bool
    page: Page | None = None


def service(url: str, name: str) -> Service:
    """The service of a URL. Raises: UsageError for what is none."""
    where = parsed(url)
    tls = where.scheme == "https"
    return Service(
        url, name, Visit(where.host, where.port or (443 if tls else 80), where.path, tls)
    )


def looked(topology: Topology, request: Request, profile: Profile) -> tuple[Tried, ...]:
    """Probe each service, one after the other."""
    with live.Prober(request.access) as prober:
        return tuple(_tried(prober, topology, request, each, profile) for each in request.services)


def _tried(
    prober: live.Prober, topology: Topology, request: Request, each: Service, profile: Profile
) -> Tried:
    routes = tuple(_routes(topology, each.visit))
    # An address in a file is no place to send a credential to.
    anonymous = not request.access.headers
    targets = [*_targets(each, routes, near=_near(each, request.access))] if anonymous else []
    checked = [(url, check) for url, check in targets if isinstance(check, Check)]
    plan = Plan(
        profile.handshake.subprotocols,
        tuple(checked[:_MOST_TARGETS]),
        request.window_s,
        intervals(request.window_s) if request.window_s is not None else (),
    )
    with request.watching(plan) as watcher:
        seen = look(prober, each.url, each.name, each.visit.authority, plan, watcher)
    # Nobody asked for these targets: that a private network is closed to us is no fault.
    reached = tuple(target for target in seen.targets if target.unreached is None)
    page = _page(prober, each, seen, next((url for url, _ in targets), None))
    return Tried(each, routes, replace(seen, targets=reached), anonymous, page)


def _page(prober: Asker, each: Service, seen: Seen, target: str | None) -> Page | None:
    """Ask as the service's own page does, where a foreign one is refused."""
    said = {control.kind: control.answer.status for control in seen.handshake.controls}
    if said.get(Kind.FOREIGN_ORIGIN, 101) == 101:
        return None
    authority = each.visit.authority
    origin = f"http{'s' if each.visit.tls else ''}://{authority}"
    answer, direct = prober.ask(each.url, opening(new_key(), origin=origin)), None
    if answer.status != 101 and target is not None:
        direct = prober.ask(target, opening(new_key(), origin=origin, host=authority))
    return Page(answer, direct)


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


def _targets(
    each: Service, routes: Sequence[Route], *, near: bool
) -> Iterator[tuple[str, Check | str]]:
    """The WebSocket's URL at targets that can be asked from here, each with its health check, or
    with why that cannot be repeated. `near`: the service is on this machine."""
    pools: list[Pool] = [forward.pool for route in routes for forward in route.forwards]
    for address, check in dict(configured.checks(pools)).items():
        # `127.0.0.1` in a configuration is the balancer's own machine, and seldom this one.
        if isinstance(check, str) and check != configured.UNCHECKED:
            continue
        if near or not _loopback(address.rpartition(":")[0]):
            yield moved(each.url, address), check


def _near(each: Service, access: Access) -> bool:
    """Does the URL lead to this machine?"""
    host, port = each.visit.host, each.visit.port
    return _loopback(access.resolve.get(f"{host}:{port}", host))


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
