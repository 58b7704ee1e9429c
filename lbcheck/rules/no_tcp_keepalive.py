"""LB311: nobody finds out that a silent client is gone."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Note, Problem, Severity
from lbcheck.fix import insert, replace
from lbcheck.model import Place, Route, Span, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY, WHOLE_NGINX

LONG_S = 600.0


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Only where the profile says that nobody pings: pings find out sooner."""
    asks, idle = route.tcp_keepalive, route.idle
    if asks is None or asks.value or profile.heartbeat.sender != "none":
        return
    if idle is not None and idle.value >= LONG_S:
        nginx = route.vendor is Vendor.NGINX
        kept = "for ever" if math.isinf(idle.value) else f"for {human(idle.value)}"
        yield Problem(
            asks.place,
            f"nobody pings and no `{'so_keepalive' if nginx else asks.name}` is set: a client that "
            f"vanished without a word keeps its socket {kept}",
            related=(Note(idle.place, f"`{idle.name}`"),),
            fix=replace(asks.place, f"{_words(asks.place)} so_keepalive=on", safe=True)
            if nginx
            else insert(asks.place, (asks.name,), safe=True),
        )


def _words(place: Place) -> str:
    if not isinstance(place, Span):
        return ""
    return (place.source.text or "")[place.start : place.end].removesuffix(";")


_GOOD = WHOLE_NGINX.replace("120s", "1h").replace("8080;", "8080 so_keepalive=on;")
_ASKING = HAPROXY.replace("frontend web\n", "frontend web\n    option clitcpka\n")

RULE = Rule(
    code="LB311",
    name="no-tcp-keepalive",
    severity=Severity.INFO,
    vendors=(Vendor.NGINX, Vendor.HAPROXY),
    subject=Route,
    check=check,
    summary="A long idle timeout, no heartbeat, and no TCP keepalive either.",
    why=(
        "A laptop that is closed says nothing. Where nobody pings, its socket stays until the idle "
        "timeout has passed, and the service goes on sending to it. With `so_keepalive=on` the "
        "system asks after a while (two hours by default on Linux; `so_keepalive=5m::` sooner), "
        "and so it does with HAProxy's `option clitcpka` (and `clitcpka-idle 5m`)."
    ),
    remedy="`so_keepalive=on` or `option clitcpka`, or better a heartbeat of the service.",
    references=("https://nginx.org/en/docs/http/ngx_http_core_module.html#listen",),
    examples=(
        Example(
            Vendor.NGINX,
            profile="extends: default\nheartbeat: {sender: none}\n",
            bad=_GOOD.replace("8080 so_keepalive=on;", "8080;  # <- here"),
            good=_GOOD,
        ),
        Example(
            Vendor.HAPROXY,
            profile="extends: default\nheartbeat: {sender: none}\n",
            bad=_ASKING.replace("    option clitcpka\n", "").replace("web\n", "web  # <- here\n"),
            good=_ASKING,
        ),
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
    fixable="safe",
)
