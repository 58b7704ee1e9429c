"""LB310: a target that needs a moment for the handshake is given up."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY
from lbcheck.rules.timeout_unit_missing import looks_like_seconds

HANDSHAKE_S = 5.0
"""A target that starts, or looks a session up behind the handshake, may well need so long."""


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Without a tunnel timeout the same value cuts sockets, which LB303 says. Mode tcp sees no
    handshake."""
    if route.tunnel_missing or any(forward.pool.mode != "http" for forward in route.forwards):
        return
    for setting in route.timeouts:
        if setting.name != "timeout server" or looks_like_seconds(setting, profile):
            continue
        if 0 < setting.value < HANDSHAKE_S:
            yield Problem(
                setting.place,
                f"`timeout server` answers 504 where a target needs more than "
                f"{human(setting.value)} for the handshake; `timeout tunnel` counts only after it",
            )


RULE = Rule(
    code="LB310",
    name="handshake-timeout-too-short",
    severity=Severity.INFO,
    vendors=(Vendor.HAPROXY,),
    subject=Route,
    check=check,
    summary="`timeout server` gives a target less than 5 seconds to answer the handshake.",
    why=(
        "Until the 101 is there `timeout server` counts, whatever the tunnel timeout is: a target "
        "that has just started, or that looks a session up first, is answered for with 504 "
        "(measured on 2.6 and 2.8). A short value is often meant for the time after the handshake, "
        "where it does not act."
    ),
    remedy="`timeout server 30s`; the silence of open WebSockets is for `timeout tunnel`.",
    references=("https://docs.haproxy.org/2.8/configuration.html#4.2-timeout%20server",),
    proven=proven.HAPROXY,
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace("server 30s", "server 2s  # <- here"),
            good=HAPROXY,
        ),
    ),
)
