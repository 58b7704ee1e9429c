"""LB309: a timeout for half-closed connections that WebSockets do not have any more."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY

LONG_S = 600.0
"""What stays half closed for less does no harm."""
_SINCE = (2, 8, 25)
"""2.9 took them away from HTTP; 2.8.25, where it was seen, has that too, 2.6.12 has not."""
_NAMES = ("timeout client-fin", "timeout server-fin")


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Where the version is not known nothing is said: HAProxy's own documentation recommends it.

    Mode tcp has them still (measured on 2.8.25).
    """
    idle = route.idle
    if idle is None or idle.value < LONG_S or not _concerned(profile.versions.haproxy):
        return
    if any(forward.pool.mode != "http" for forward in route.forwards):
        return
    for setting in route.timeouts:
        if setting.name in _NAMES and 0 < setting.value < idle.value:
            yield Problem(
                setting.place,
                f"`{setting.name}` does not end a WebSocket that its client has half closed: since "
                f"HAProxy 2.9 (and in 2.8.25) only `{idle.name}` does, after {human(idle.value)}",
            )


def _concerned(version: str | None) -> bool:
    return version is not None and tuple(map(int, version.split("."))) >= _SINCE


RULE = Rule(
    code="LB309",
    name="half-close-timeout-ineffective",
    severity=Severity.INFO,
    vendors=(Vendor.HAPROXY,),
    subject=Route,
    check=check,
    summary="`timeout client-fin` or `server-fin` beside a long tunnel timeout: ignored.",
    why=(
        "`timeout client-fin 30s` is copied from guide to guide so that half-closed WebSockets do "
        "not stay as long as the tunnel timeout. In mode http HAProxy 2.9 and later (and 2.8.25) "
        "do not apply it: with `server-fin 1s` a socket whose client had closed its half was ended "
        "after 1.0 s by 2.6.12, and by 2.8.25 after the tunnel timeout. The version comes from "
        "`versions.haproxy` of the profile."
    ),
    remedy="Lower `timeout tunnel` to a few times the heartbeat.",
    references=("https://docs.haproxy.org/3.0/configuration.html#4.2-timeout%20server-fin",),
    proven=(proven.HAPROXY_2_8,),
    examples=(
        Example(
            Vendor.HAPROXY,
            profile='id: recent\nversions: {haproxy: "3.0"}\n',
            bad=HAPROXY.replace(
                "tunnel 1h\n", "tunnel 1h\n    timeout server-fin 30s  # <- here\n"
            ),
            good=HAPROXY.replace("tunnel 1h\n", "tunnel 2m\n"),
            since=(2, 8),
        ),
    ),
)
