"""LB110: the map behind `Connection` does not yield what a handshake needs."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import NGINX
from lbcheck.rules.without_effect import problems


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    return problems(route, Effect.MAP_BROKEN)


RULE = Rule(
    code="LB110",
    name="connection-map-broken",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="The map for `Connection` has no default, reads the wrong variable, or does not exist.",
    why=(
        "A map without `default` yields an empty string, and nginx sends no `Connection` header "
        "at all: the target answers 426. A map of another variable than `$http_upgrade` does not "
        "know whether the client wants an upgrade. A key of a map of `$http_connection` is "
        "compared with the whole value, and Firefox sends `keep-alive, Upgrade`."
    ),
    remedy="Write `map $http_upgrade $connection_upgrade { default upgrade; '' close; }`.",
    references=(
        "https://nginx.org/en/docs/http/websocket.html",
        "https://nginx.org/en/docs/http/ngx_http_map_module.html",
    ),
    proven=proven.NGINX,
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace("default upgrade; '' ''; }", "'' close; }  # <- here"),
            good=NGINX,
        ),
    ),
)
