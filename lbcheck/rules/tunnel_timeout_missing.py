"""LB303: without a tunnel timeout HAProxy cuts WebSockets like idle HTTP connections."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lbcheck import fix
from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY
from lbcheck.rules.timeout_zero import zero_tunnel
from lbcheck.rules.without_effect import records

LONG_S = 3600.0
"""What is advised for a tunnel. Where client and server may be silent for so long, as they are in
front of the Kubernetes API, they are set for long connections and not for requests."""

_PINGED_S = 120.0


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    idle = route.idle
    if not route.tunnel_missing or idle is None or math.isinf(idle.value):
        return  # infinite: LB307
    if zero_tunnel(route) or records(route, Effect.TIMEOUT_INEFFECTIVE):
        return  # LB305, LB306
    if idle.value >= (LONG_S if profile.min_idle_s is None else profile.min_idle_s):
        return
    yield Problem(
        idle.place,
        f"no `timeout tunnel` is in force: `{idle.name}`, the shorter of client and server, cuts "
        f"WebSockets after {human(idle.value)} of silence",
        severity=Severity.WARNING if _long_enough(idle.value, profile) else None,
        fix=fix.insert(route.forwards[0].pool.place, ("timeout tunnel 1h",), safe=True)
        if route.forwards
        else None,
    )


def _long_enough(idle_s: float, profile: Profile) -> bool:
    """Pings keep it open until one is lost: the limit is the wrong one, and just long enough.
    Where none are declared, two minutes were chosen for some: SockJS's own example has them."""
    ping = profile.heartbeat.interval_s
    return idle_s > ping if ping is not None else idle_s >= _PINGED_S


RULE = Rule(
    code="LB303",
    name="tunnel-timeout-missing",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY,),
    subject=Route,
    check=check,
    summary="No `timeout tunnel`: the shorter of client and server timeout cuts WebSockets.",
    why=(
        "After the 101 HAProxy goes on counting `timeout client` and `timeout server`, which are "
        "set for requests, unless a tunnel timeout replaces both (measured on 2.6 and 2.8)."
    ),
    remedy="Write `timeout tunnel 1h` in the backend or in the defaults it inherits.",
    references=("https://docs.haproxy.org/2.8/configuration.html#4.2-timeout%20tunnel",),
    fixable="safe",
    proven=proven.HAPROXY,
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace("    timeout tunnel 1h\n", "").replace(
                "client 30s", "client 20s  # <- here"
            ),
            good=HAPROXY,
        ),
    ),
)
