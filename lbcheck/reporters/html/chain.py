"""The way of a WebSocket through one balancer, drawn: client, idle timeouts, targets.

A hop is red where a finding says that silence ends the connection there; nothing is judged here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from lbcheck.durations import human
from lbcheck.finding import Finding, Location
from lbcheck.model import Level, Origin, Place, Route, Setting, Span, Topology, Vendor
from lbcheck.profile import Profile
from lbcheck.reporters.summary import count
from lbcheck.secret import told

_CUTTING = frozenset({"LB301", "LB302", "LB303", "LB304", "LB305", "LB601", "LB602", "LB606"})
"""the rules that say of a timeout that silence (or nothing at all) ends the connection"""
_INNER = "LB606"
_VENDOR = {Vendor.NGINX: "nginx", Vendor.HAPROXY: "HAProxy", Vendor.AWS: "AWS"}
_MOST_CHAINS = 24
_MOST_ROUTES = 6
_LONGEST = 38
WIDTH = 340
_LEFT, _BAR = 20, 300
_NODE, _HOP, _ARROW = 44, 92, 40


class Hop(Struct, frozen=True):
    """An idle timeout on the way; `tone` is error or warning where a finding is about it."""

    balancer: str
    name: str
    idle_s: float
    default: bool
    tone: str = ""

    @property
    def says(self) -> str:
        origin = " (default)" if self.default else ""
        if math.isinf(self.idle_s):
            return f"silence never ends it{origin}"
        return f"cuts after {human(self.idle_s)} of silence{origin}"


class Box(Struct, frozen=True):
    """A box of the drawing: `y` from the top, its lines of text, and how long its bar is."""

    y: int
    height: int
    lines: tuple[str, ...]
    tone: str = ""
    bar: float | None = None


class Chain(Struct, frozen=True):
    """Routes that are alike (address and source), and the hops that their WebSockets pass."""

    routes: tuple[tuple[str, str], ...]
    more: int
    pings: str
    ping_s: float | None
    hops: tuple[Hop, ...]
    pools: str

    @property
    def rank(self) -> int:
        """The worst first."""
        tones = {hop.tone for hop in self.hops}
        return 0 if "error" in tones else 1 if "warning" in tones else 2

    @property
    def words(self) -> str:
        """The drawing for whoever does not see it."""
        hops = "; ".join(
            f"{hop.balancer} {hop.name} {hop.says}{f' ({hop.tone})' if hop.tone else ''}"
            for hop in self.hops
        )
        return f"client, {self.pings}; {hops}; {self.pools}"

    @property
    def boxes(self) -> tuple[Box, ...]:
        return tuple(self._boxes())

    def _boxes(self) -> Iterator[Box]:
        yield Box(2, _NODE, ("client", self.pings))
        y = 2 + _NODE + _ARROW
        for hop in self.hops:
            bar = None if self.scale_s is None else min(hop.idle_s / self.scale_s, 1.0) * _BAR
            yield Box(y, _HOP, (hop.balancer, _cut(hop.name), hop.says), hop.tone, bar)
            y += _HOP + _ARROW
        yield Box(y, _NODE, ("targets", _cut(self.pools)))

    @property
    def height(self) -> int:
        return 4 + 2 * _NODE + _ARROW + len(self.hops) * (_HOP + _ARROW)

    @property
    def scale_s(self) -> float | None:
        """How many seconds a full bar is; None where nobody has said how often is pinged."""
        return None if self.ping_s is None else 2.5 * self.ping_s

    @property
    def marks(self) -> tuple[float, ...]:
        """Where the first two pings are on a bar."""
        return (_LEFT + _BAR / 2.5, _LEFT + _BAR / 1.25) if self.ping_s is not None else ()


class Chains(Struct, frozen=True):
    """Those to show, the worst first, and how many more there are."""

    shown: tuple[Chain, ...] = ()
    more: int = 0


def chains(topology: Topology | None, profile: Profile, findings: Iterable[Finding]) -> Chains:
    """Of every route that is believed to carry WebSockets and whose idle timeout is known."""
    if topology is None:
        return Chains()
    tones = _Tones(findings)
    alike: dict[tuple[Hop, ...], list[Route]] = {}
    for route in topology.routes:
        if route.idle is not None and route.belief.level >= Level.LIKELY:
            alike.setdefault(tuple(_hops(route, route.idle, tones)), []).append(route)
    made = [_chain(hops, routes, profile) for hops, routes in alike.items()]
    made.sort(key=lambda chain: chain.rank)
    return Chains(tuple(made[:_MOST_CHAINS]), max(0, len(made) - _MOST_CHAINS))


def _chain(hops: tuple[Hop, ...], routes: Sequence[Route], profile: Profile) -> Chain:
    named = {(told(route.address), route.place.source.name): route.alike for route in routes}
    shown = tuple(named)[:_MOST_ROUTES]
    return Chain(
        routes=shown,
        more=sum(named.values()) - len(shown),
        pings=_pings(profile),
        ping_s=profile.heartbeat.interval_s,
        hops=hops,
        pools=_pools(routes),
    )


class _Tones:
    """How bad what is said of a place is."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._of: dict[object, str] = {}
        for finding in findings:
            if finding.code not in _CUTTING:
                continue
            tone = finding.severity.value
            self._add(_spot(finding.location), tone)
            if finding.code != _INNER:
                self._add(finding.address, tone)
            for other in finding.related if finding.default else ():
                self._add(_spot(other.location), tone)

    def _add(self, key: object, tone: str) -> None:
        self._of[key] = self._worst(self._of.get(key, ""), tone)

    def of(self, *keys: object) -> str:
        return self._worst(*(self._of.get(key, "") for key in keys))

    def _worst(self, *tones: str) -> str:
        return next((tone for tone in ("error", "warning", "info") if tone in tones), "")


def _spot(location: Location) -> object:
    if location.resource:
        return location.path, location.resource
    return location.path, location.line, location.column


def _place(place: Place) -> object:
    if isinstance(place, Span):
        return place.source.name, *place.source.position(place.start)
    return place.source.name, place.resource


def _hops(route: Route, idle: Setting[float], tones: _Tones) -> Iterator[Hop]:
    vendor = _VENDOR[route.vendor]
    said = tones.of(_place(idle.place), _place(route.place), told(route.address))
    yield _hop(vendor, idle, said)
    inner = route.inner_idle
    if inner is not None:
        said = tones.of(_place(inner.place))
        yield _hop(f"{vendor}, inner hop", inner, said)


def _hop(balancer: str, idle: Setting[float], tone: str) -> Hop:
    return Hop(balancer, idle.name, idle.value, idle.origin is Origin.DEFAULT, tone)


def _pools(routes: Iterable[Route]) -> str:
    """`chat: 2 targets`, and how many other pools the routes lead to."""
    pools = {f.pool.address: f.pool for route in routes for f in route.forwards}
    if not pools:
        return "no pool is named"
    first, *others = pools.values()
    number = count(len(first.targets), "target")
    more = f", {count(len(others), 'more pool')}" if others else ""
    return f"{told(first.name)}: {number if first.complete else 'targets from outside'}{more}"


def _pings(profile: Profile) -> str:
    beat = profile.heartbeat
    if beat.interval_s is None:
        return "nobody pings" if beat.sender == "none" else "no heartbeat is declared"
    who = {"server": "the server pings", "client": "it pings", "both": "both ping"}
    return f"{who.get(beat.sender, 'pings')} every {human(beat.interval_s)}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
