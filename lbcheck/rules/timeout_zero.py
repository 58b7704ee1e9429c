"""LB305: a timeout of zero does not mean "never"."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lbcheck import fix
from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Route, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY, NGINX


def zero_tunnel(route: Route) -> Setting[float] | None:
    """HAProxy's `timeout tunnel 0`, wherever the reader put it."""
    return next((t for t in route.timeouts if t.name.endswith("tunnel") and t.value == 0), None)


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    if route.vendor is Vendor.HAPROXY:
        yield from _haproxy(route, profile)
    elif route.idle is not None and route.idle.value == 0:
        yield Problem(
            route.idle.place,
            f"`{route.idle.name} 0` is no time at all: every handshake is answered 504 at once",
            fix=fix.replace(route.idle.place, f"{route.idle.name} 1h"),
        )


def _haproxy(route: Route, profile: Profile) -> Iterator[Problem]:
    """Infinite client and server timeouts make the fall-back harmless (LB307 tells of them)."""
    tunnel, idle = zero_tunnel(route), route.idle
    if tunnel is None or idle is None or math.isinf(idle.value):
        return
    survives = profile.min_idle_s is not None and idle.value >= profile.min_idle_s
    yield Problem(
        tunnel.place,
        f"`{tunnel.name} 0` counts as not set: `{idle.name}` cuts after {human(idle.value)} of "
        "silence",
        severity=Severity.WARNING if survives else None,
        fix=fix.replace(tunnel.place, f"{tunnel.name} 1h"),
    )


RULE = Rule(
    code="LB305",
    name="timeout-zero",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY),
    subject=Route,
    check=check,
    summary="An idle timeout of zero: an instant 504 in nginx, a fall-back in HAProxy.",
    why=(
        "nginx takes `proxy_read_timeout 0` literally and gives up before the target can answer. "
        "HAProxy ignores `timeout tunnel 0` and goes on with `timeout client` and `timeout "
        "server`."
    ),
    remedy="Write the longest silence that is allowed, such as `1h`.",
    references=(
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-timeout%20tunnel",
    ),
    fixable="unsafe",
    proven=(*proven.NGINX, *proven.HAPROXY),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace("timeout 120s;", "timeout 0;  # <- here"),
            good=NGINX,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace("tunnel 1h", "tunnel 0  # <- here"),
            good=HAPROXY,
        ),
    ),
)
