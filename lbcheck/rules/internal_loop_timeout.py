"""LB606: HAProxy leads WebSockets through itself twice, and the inner hop cuts first."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.idle_timeout_below_heartbeat import QUIET_S
from lbcheck.rules.pool_examples import HAPROXY


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Where the outer hop has no tunnel timeout either, LB303 says so; where the inner one
    outlives the declared heartbeat, nothing is cut."""
    outer, inner, needed = route.idle, route.inner_idle, profile.min_idle_s
    if outer is None or inner is None or route.tunnel_missing or inner.value >= outer.value:
        return
    if needed is not None and inner.value >= needed:
        return
    yield Problem(
        inner.place,
        f"`{inner.name}` cuts after {human(inner.value)} of silence at an inner hop of this very "
        "process; the longer time of the outer hop never counts",
        severity=Severity.WARNING if inner.value >= QUIET_S else None,
        related=(
            Note(route.place, "the outer hop"),
            Note(outer.place, f"`{outer.name}` of the outer hop is {human(outer.value)}"),
        ),
    )


_CHAIN = (
    HAPROXY
    + """\
backend ws_chat
    server inner 127.0.0.1:9004

listen rooms
    bind 127.0.0.1:9004
    option httpchk GET /readyz
    timeout tunnel 1m  # <- here
    server a 127.0.0.1:9001 check
    server b 127.0.0.1:9002 check
"""
)

RULE = Rule(
    code="LB606",
    name="internal-loop-timeout",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY,),
    subject=Route,
    check=check,
    summary="Of chained frontends in one HAProxy the inner one has the shorter idle timeout.",
    why=(
        "A server that is the bind of another frontend (127.0.0.1, unix or abns socket) leads each "
        "WebSocket through HAProxy twice, with timeouts of their own, and the shortest cuts "
        "(measured on 2.6 and 2.8). The tunnel timeout that everybody looks at, the outer one, "
        "does not count."
    ),
    remedy="Set `timeout tunnel` once, in the `defaults` that all hops inherit.",
    references=(
        "https://github.com/haproxy/haproxy/issues/2280",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-timeout%20tunnel",
    ),
    proven=proven.HAPROXY,
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=_CHAIN,
            good=_CHAIN.replace("    timeout tunnel 1m  # <- here\n", ""),
        ),
    ),
)
