"""LB109: every request of a mixed location is sent with `Connection: upgrade`."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.fix import replace
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import NGINX


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Only where plain HTTP passes too: a location for WebSockets alone may say it always."""
    constant = route.hardcoded
    if constant is not None and route.covers_all:
        yield Problem(
            constant.place,
            f"`{constant.name}` is always `{constant.value}` here, for plain requests too: some "
            "servers answer them with 400",
            fix=replace(constant.place, f"{constant.name} $connection_upgrade", safe=False),
        )


_MIXED = NGINX.replace("location /ws/", "location /")

RULE = Rule(
    code="LB109",
    name="hardcoded-upgrade",
    severity=Severity.INFO,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="A location for all requests sends `Connection: upgrade` with every one of them.",
    why=(
        "A plain request then says `Connection: upgrade` without any `Upgrade`. Most servers "
        "overlook it, some refuse it with 400, and nearly every page of the site breaks."
    ),
    remedy=(
        "Map it: `map $http_upgrade $connection_upgrade { default upgrade; '' ''; }` at http level "
        "and `proxy_set_header Connection $connection_upgrade;`."
    ),
    references=("https://nginx.org/en/docs/http/websocket.html",),
    examples=(
        Example(
            Vendor.NGINX,
            bad=_MIXED.replace(
                "Connection $connection_upgrade;", 'Connection "upgrade";  # <- here'
            ),
            good=_MIXED,
        ),
    ),
    proven=proven.NGINX,
    fixable="unsafe",
)
