"""LB304: a time that looks like seconds is written without unit, and HAProxy reads milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lbcheck import fix
from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Origin, Route, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY


def looks_like_seconds(setting: Setting[float], profile: Profile) -> bool:
    """A bare number that its author hardly meant in milliseconds.

    Tunnels: less than a minute, or no whole seconds (`86400`), unless the declared heartbeat is
    at home with it. Others: less than a second; `timeout client 50000` is the usual way to write.
    """
    if not setting.unitless or setting.value == 0:
        return False
    if not _tunnel(setting):
        return setting.value < 1
    needed = profile.min_idle_s
    odd = setting.value < 60 or round(setting.value * 1000) % 1000 != 0
    return odd and (needed is None or setting.value < needed)


def _tunnel(setting: Setting[Any]) -> bool:
    return setting.name.endswith("tunnel")


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    idle = () if route.idle is None else (route.idle,)
    for setting in (*idle, *route.timeouts):
        if setting.origin is not Origin.DEFAULT and looks_like_seconds(setting, profile):
            number = round(setting.value * 1000)
            yield Problem(
                setting.place,
                f"`{setting.name} {number}` is {human(setting.value)}, not {number} seconds: a "
                "number without unit counts milliseconds",
                severity=None if _tunnel(setting) else Severity.WARNING,
                fix=fix.replace(setting.place, f"{setting.name} {number}s"),
            )


RULE = Rule(
    code="LB304",
    name="timeout-unit-missing",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY,),
    subject=Route,
    check=check,
    summary="A timeout without unit that looks like seconds and counts milliseconds.",
    why=(
        "HAProxy accepts `timeout tunnel 3600` without a word and cuts every WebSocket after 3.6 "
        "seconds of silence."
    ),
    remedy="Write the unit: `timeout tunnel 3600s` or `1h`.",
    references=("https://docs.haproxy.org/2.8/configuration.html#2.5",),
    fixable="unsafe",
    proven=proven.HAPROXY,
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace("tunnel 1h", "tunnel 3600  # <- here"),
            good=HAPROXY.replace("tunnel 1h", "tunnel 3600s").replace("client 30s", "client 30000"),
        ),
    ),
)
