"""LB119: connections to targets are kept, and closed after each plain request all the same."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import NGINX_LOCATION, NGINX_UPSTREAM
from lbcheck.rules.without_effect import problems


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    return problems(route, Effect.KEEPALIVE_DEFEATED)


_GOOD = NGINX_UPSTREAM.replace(
    "    zone chat 64k;\n", "    zone chat 64k;\n    keepalive 8;\n"
) + NGINX_LOCATION.replace("location /ws/", "location /")

RULE = Rule(
    code="LB119",
    name="keepalive-defeated",
    severity=Severity.INFO,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="`Connection: close` goes out with each plain request of an upstream with `keepalive`.",
    why=(
        "The usual map has `'' close`. In a location that serves plain requests as well it sends "
        "`Connection: close` with each of them, and `keepalive` in the upstream keeps nothing: six "
        "requests opened six connections, with `'' ''` one."
    ),
    remedy="Write `'' '';` in the map: nginx then sends no `Connection` for plain requests.",
    references=("https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive",),
    examples=(
        Example(
            Vendor.NGINX,
            bad=_GOOD.replace("'' '';", "'' close;").replace(
                "keepalive 8;", "keepalive 8;  # <- here"
            ),
            good=_GOOD,
        ),
    ),
    proven=proven.NGINX,
)
