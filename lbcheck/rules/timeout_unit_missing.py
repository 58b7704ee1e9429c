"""LB304: a time that looks like seconds is written without unit, and HAProxy reads milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lbcheck import fix
from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Origin, Route, Setting, Span, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY

_SHORT_MS = range(10_000, 60_000)
"""Nobody wants hours and writes them in seconds here: `50000` was meant as 50 s."""


def looks_like_seconds(setting: Setting[float], profile: Profile) -> bool:
    """A bare number that its author hardly meant in milliseconds.

    Tunnels: less than a minute, or no whole seconds (`86400`), unless the declared heartbeat is
    at home with it, or judges it better (LB301). Others: less than a second;
    `timeout client 50000` is the usual way to write.
    """
    if not setting.unitless or setting.value == 0:
        return False
    if not _tunnel(setting):
        return setting.value < 1
    number, needed = round(setting.value * 1000), profile.min_idle_s
    if number in _SHORT_MS:
        return needed is None
    odd = number < _SHORT_MS.start or number % 1000 != 0
    return odd and (needed is None or setting.value < needed)


def _tunnel(setting: Setting[Any]) -> bool:
    return setting.name.endswith("tunnel")


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    idle = () if route.idle is None else (route.idle,)
    for setting in (*idle, *route.timeouts):
        if setting.origin is not Origin.DEFAULT and looks_like_seconds(setting, profile):
            yield _problem(setting, round(setting.value * 1000))


def _problem(setting: Setting[float], number: int) -> Problem:
    written = f"{setting.name} {number}"
    said = f"`{written}` is {human(setting.value)}"
    rule = "a number without unit counts milliseconds"
    if _tunnel(setting) and number in _SHORT_MS:
        message = f"{said}, which is short for a tunnel: {rule}"
        return Problem(setting.place, message, severity=Severity.WARNING)
    return Problem(
        setting.place,
        f"{said}, not {number} seconds: {rule}",
        severity=None if _tunnel(setting) else Severity.WARNING,
        fix=fix.replace(setting.place, f"{written}s") if _alone(setting, written) else None,
    )


def _alone(setting: Setting[float], written: str) -> bool:
    """Is that the whole statement? `set-timeout` may have a condition that would be lost."""
    place = setting.place
    if not isinstance(place, Span) or not setting.name.startswith("http-"):
        return True
    text = place.source.text or ""
    return text[place.start : place.end].split() == written.split()


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
