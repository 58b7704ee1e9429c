"""LB310: a target that needs a moment for the handshake is given up."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.fix import replace
from lbcheck.model import Route, Target, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY, NGINX
from lbcheck.rules.timeout_unit_missing import looks_like_seconds

HANDSHAKE_S = 5.0
"""A target that starts, or looks a session up behind the handshake, may well need so long."""


CONNECT_S = 1.0
"""After this time a system sends a connection's first packet again, if that was lost (RFC 6298)."""


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    if route.vendor is Vendor.NGINX:
        yield from _connecting(route)
    else:
        yield from _waiting(route, profile)


def _connecting(route: Route) -> Iterator[Problem]:
    setting = route.connect
    if setting is None or not 0 < setting.value <= CONNECT_S:
        return
    if any(not target.address.startswith("unix:") for target in _targets(route)):
        yield Problem(
            setting.place,
            f"`{setting.name}` gives up after {human(setting.value)}: one lost packet, which is "
            "sent again after a second, costs a handshake or its target",
            fix=replace(setting.place, f"{setting.name} 3s"),
        )


def _targets(route: Route) -> Iterator[Target]:
    for forward in route.forwards:
        yield from forward.pool.targets


def _waiting(route: Route, profile: Profile) -> Iterator[Problem]:
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
                fix=replace(setting.place, f"{setting.name} 30s"),
            )


_CONNECT = NGINX.replace(
    "        proxy_read_timeout", "        proxy_connect_timeout 3s;\n        proxy_read_timeout"
)

RULE = Rule(
    code="LB310",
    name="handshake-timeout-too-short",
    severity=Severity.INFO,
    vendors=(Vendor.NGINX, Vendor.HAPROXY),
    subject=Route,
    check=check,
    summary="A target gets too little time to take a connection, or to answer the handshake.",
    why=(
        "Until the 101 is there `timeout server` counts, whatever the tunnel timeout is: a target "
        "that has just started, or that looks a session up first, is answered for with 504 "
        "(measured on 2.6 and 2.8). A short value is often meant for the time after the handshake, "
        "where it does not act. nginx gives a connection up after `proxy_connect_timeout`: with "
        "500 ms a target whose queue was full for a moment got no second packet, and the client "
        "504."
    ),
    remedy=(
        "`timeout server 30s`; the silence of open WebSockets is for `timeout tunnel`. nginx: "
        "`proxy_connect_timeout 3s`."
    ),
    references=("https://docs.haproxy.org/2.8/configuration.html#4.2-timeout%20server",),
    proven=(*proven.NGINX, *proven.HAPROXY),
    fixable="unsafe",
    examples=(
        Example(
            Vendor.NGINX,
            bad=_CONNECT.replace("connect_timeout 3s;", "connect_timeout 500ms;  # <- here"),
            good=_CONNECT,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace("server 30s", "server 2s  # <- here"),
            good=HAPROXY,
        ),
    ),
)
