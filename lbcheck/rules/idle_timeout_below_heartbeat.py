"""LB301: quiet WebSockets are cut before the next ping."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Origin, Route, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import AWS, HAPROXY, IDLE_120, IDLE_TIMEOUT, NGINX
from lbcheck.rules.longer_idle import longer
from lbcheck.rules.timeout_unit_missing import looks_like_seconds

COMMON_HEARTBEAT_S = 30.0
"""No common stack pings less often than every 30 s (Phoenix, uvicorn 20, Socket.IO 25, Rails 3)."""
QUIET_S = 600.0
"""Where nobody pings, an inherited timeout below this was hardly meant for WebSockets."""


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    idle = route.idle
    if idle is None or route.tunnel_missing or idle.value == 0:
        return  # LB303 and LB305 tell of these
    if looks_like_seconds(idle, profile):
        return  # LB304
    if profile.heartbeat.interval_s is not None or profile.min_idle_s is not None:
        yield from _against_declared(route, idle, profile)
    elif idle.origin is not Origin.DEFAULT:
        yield from _without_heartbeat(route, idle, profile)


def _against_declared(route: Route, idle: Setting[float], profile: Profile) -> Iterator[Problem]:
    """Measured on nginx and HAProxy: a timeout equal to the interval cuts as well."""
    ping, needed = profile.heartbeat.interval_s, profile.min_idle_s
    mend = longer(route, idle, needed)
    if ping is not None and idle.value <= ping:
        yield Problem(
            idle.place, f"{_cut(idle)}; the next ping comes after {human(ping)}", fix=mend
        )
    elif needed is not None and _loses_one(idle, profile):
        yield Problem(
            idle.place,
            f"{_cut(idle)}; one lost ping is enough, {human(needed)} would survive it",
            severity=Severity.WARNING,
            fix=mend,
        )


def _loses_one(idle: Setting[float], profile: Profile) -> bool:
    """Does one lost ping end the connection? At twice the interval the second one just comes; what
    is advised has 5 s more."""
    ping = profile.heartbeat.interval_s
    if profile.idle.min_s is not None or ping is None:
        return idle.value < (profile.min_idle_s or 0.0)
    spare = max(ping, profile.heartbeat.timeout_s or 0.0)
    return idle.value < ping + spare and not _service_ends_first(idle, profile)


def _service_ends_first(idle: Setting[float], profile: Profile) -> bool:
    """A service that gives a silent client up by itself loses nothing by a cut at that moment:
    Phoenix pings every 30 s and closes after 60, nginx's default."""
    own = profile.idle.server_timeout_s
    return own is not None and idle.value >= own


def _without_heartbeat(route: Route, idle: Setting[float], profile: Profile) -> Iterator[Problem]:
    """`sender: none` says that nobody pings; "undeclared" only that nobody has told."""
    silent = profile.heartbeat.sender == "none"
    if idle.value < QUIET_S and _meant_for_others(route, idle, profile):
        pings = "nobody pings" if silent else "no heartbeat is declared"
        yield Problem(
            route.place,
            f"{_cut(idle)}, and {pings}: the value set for everything further out decides here",
            severity=Severity.WARNING,
            related=(Note(idle.place, "inherited from here"),),
        )
    elif silent and idle.value < 60:
        message = f"{_cut(idle)}, and the profile says that nobody pings"
        yield Problem(idle.place, message, severity=Severity.WARNING)
    elif idle.value <= COMMON_HEARTBEAT_S:
        yield Problem(
            idle.place,
            f"{_cut(idle)}; common heartbeats come every 20 to 30s, and the profile declares none",
            severity=Severity.WARNING,
        )


def _meant_for_others(route: Route, idle: Setting[float], profile: Profile) -> bool:
    """Was the value set further out, for requests of every kind? HAProxy's `timeout tunnel` speaks
    of upgraded connections even in `defaults`; where the profile names paths, only those count."""
    if idle.origin is not Origin.INHERITED or route.vendor is not Vendor.NGINX:
        return False
    silent = profile.heartbeat.sender == "none"
    return route.belief.declared or (silent and not profile.websocket.paths)


def _cut(idle: Setting[float]) -> str:
    return f"`{idle.name}` cuts after {human(idle.value)} of silence"


RULE = Rule(
    code="LB301",
    name="idle-timeout-below-heartbeat",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Route,
    check=check,
    summary="The idle timeout ends a quiet WebSocket before its next ping.",
    why=(
        "Any frame in either direction starts the idle timer again; silence as long as the "
        "timeout ends the connection with a bare FIN, and clients see close code 1006. A timeout "
        "equal to the ping interval is cut too."
    ),
    remedy="Set the idle timeout above twice the ping interval, or ping more often.",
    references=(
        "https://nginx.org/en/docs/http/websocket.html",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-timeout%20tunnel",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html",
    ),
    fixable="unsafe",
    proven=(*proven.NGINX, *proven.HAPROXY),
    examples=(
        Example(
            Vendor.NGINX,
            profile="socketio-v4",
            bad=NGINX.replace("timeout 120s;", "timeout 10s;  # <- here"),
            good=NGINX,
        ),
        Example(
            Vendor.HAPROXY,
            profile="phoenix-channels",
            bad=HAPROXY.replace("tunnel 1h", "tunnel 20s  # <- here"),
            good=HAPROXY,
        ),
        Example(
            Vendor.AWS,
            profile="phoenix-channels",
            bad=AWS.replace(IDLE_120, IDLE_120.replace("120", "20")),
            good=AWS,
            here=(IDLE_TIMEOUT,),
        ),
    ),
)
