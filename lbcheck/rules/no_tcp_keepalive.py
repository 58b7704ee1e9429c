"""LB311: nobody finds out that a silent client is gone."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Note, Problem, Severity
from lbcheck.fix import replace
from lbcheck.model import Place, Route, Span, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import WHOLE_NGINX

LONG_S = 600.0


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Only where the profile says that nobody pings: pings find out sooner."""
    asks, idle = route.tcp_keepalive, route.idle
    if asks is None or asks.value or profile.heartbeat.sender != "none":
        return
    if idle is not None and idle.value >= LONG_S:
        yield Problem(
            asks.place,
            f"nobody pings and no `so_keepalive` is set: a client that vanished without a word "
            f"keeps its socket for {human(idle.value)}",
            related=(Note(idle.place, f"`{idle.name}`"),),
            fix=replace(asks.place, f"{_words(asks.place)} so_keepalive=on", safe=True),
        )


def _words(place: Place) -> str:
    if not isinstance(place, Span):
        return ""
    return (place.source.text or "")[place.start : place.end].removesuffix(";")


_GOOD = WHOLE_NGINX.replace("120s", "1h").replace("8080;", "8080 so_keepalive=on;")

RULE = Rule(
    code="LB311",
    name="no-tcp-keepalive",
    severity=Severity.INFO,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="A long idle timeout, no heartbeat, and no TCP keepalive either.",
    why=(
        "A laptop that is closed says nothing. Where nobody pings, its socket stays until the idle "
        "timeout has passed, and the service goes on sending to it. With `so_keepalive=on` the "
        "system asks after a while (two hours by default on Linux; `so_keepalive=5m::` sooner)."
    ),
    remedy="`listen ... so_keepalive=on`, or better a heartbeat of the service.",
    references=("https://nginx.org/en/docs/http/ngx_http_core_module.html#listen",),
    examples=(
        Example(
            Vendor.NGINX,
            profile="extends: default\nheartbeat: {sender: none}\n",
            bad=_GOOD.replace("8080 so_keepalive=on;", "8080;  # <- here"),
            good=_GOOD,
        ),
    ),
    proven=proven.NGINX,
    fixable="safe",
)
