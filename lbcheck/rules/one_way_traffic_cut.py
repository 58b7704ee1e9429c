"""LB308: a WebSocket that carries messages in one direction only is cut while they flow."""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import Enum

from lbcheck import fix
from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Route, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY

_OTHER = {"client": "server", "server": "client"}


class Says(Enum):
    """Does a heartbeat make a side say something in time?"""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    idle = route.idle
    if not route.one_way or idle is None or math.isinf(idle.value):
        return
    for setting in route.one_way:
        side = setting.value
        says = _says(side, idle.value, profile)
        if says is not Says.YES:
            limit = f"`timeout {side}`" if route.tunnel_missing else _limit(idle)
            yield Problem(
                setting.place,
                f"`{setting.name}` counts the silence of each side alone: a {side} that only "
                f"listens is cut by {limit} while the {_OTHER[side]} is sending",
                severity=Severity.WARNING if says is Says.PERHAPS else None,
                fix=fix.delete(setting.place),
            )
            return


def _limit(idle: Setting[float]) -> str:
    return f"`{idle.name}` after {human(idle.value)}"


def _says(side: str, idle_s: float, profile: Profile) -> Says:
    """Ping frames are answered; of beats that are data nobody knows here: Engine.IO answers them,
    SockJS and Action Cable do not."""
    beat = profile.heartbeat
    if beat.interval_s is None or beat.interval_s >= idle_s or beat.sender == "none":
        return Says.NO
    if beat.sender in (side, "both") or beat.kind == "ping":
        return Says.YES
    return Says.PERHAPS


RULE = Rule(
    code="LB308",
    name="one-way-traffic-cut",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY,),
    subject=Route,
    check=check,
    summary="`option independent-streams` cuts WebSockets that carry messages in one direction.",
    why=(
        "Without it a message in either direction starts the idle timer of both sides again. With "
        "it each side is asked for messages of its own: a browser that only receives prices or "
        "notifications is cut with close code 1006 in the middle of them. In the frontend it acts "
        "on silent clients, in the backend on silent servers (measured on 2.6 and 2.8)."
    ),
    remedy="Remove the option, or let both sides send: ping frames are answered by the other side.",
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#4.2-option%20independent-streams",
    ),
    fixable="unsafe",
    proven=proven.HAPROXY,
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace(
                "tunnel 1h\n", "tunnel 1h\n    option independent-streams  # <- here\n"
            ),
            good=HAPROXY,
        ),
        Example(
            Vendor.HAPROXY,
            profile="rails-actioncable",
            bad=HAPROXY.replace(
                "127.0.0.1:8080\n", "127.0.0.1:8080\n    option independent-streams  # <- here\n"
            ),
            good=HAPROXY.replace(
                "    balance leastconn\n",
                "    balance leastconn\n    option independent-streams\n",
            ),
        ),
    ),
)
