"""LB109: every request of a mixed route is sent as if it asked for a WebSocket."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.fix import delete, replace
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY, NGINX


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Only where plain HTTP passes too: a location for WebSockets alone may say it always."""
    constant = route.hardcoded
    if constant is not None and route.covers_all:
        yield Problem(
            constant.place,
            f"`{constant.name}` is always `{constant.value}` here, for plain requests too: some "
            "servers answer them with 400",
            fix=delete(constant.place)
            if route.vendor is Vendor.HAPROXY
            else replace(constant.place, f"{constant.name} $connection_upgrade", safe=False),
        )


_ALL_TO_ONE = HAPROXY.replace("    use_backend ws if { path_beg /ws }\n", "").replace(
    "default_backend pages", "default_backend ws"
)
_MIXED = NGINX.replace("location /ws/", "location /")

RULE = Rule(
    code="LB109",
    name="hardcoded-upgrade",
    severity=Severity.INFO,
    vendors=(Vendor.NGINX, Vendor.HAPROXY),
    subject=Route,
    check=check,
    summary="A route for all requests sends every one of them as if it asked for a WebSocket.",
    why=(
        "A plain request then says `Connection: upgrade` without any `Upgrade`. Most servers "
        "overlook it, some refuse it with 400, and nearly every page of the site breaks. HAProxy "
        "with `set-header Upgrade websocket` and `Connection upgrade` even makes up a "
        "`Sec-WebSocket-Key`: the target got a handshake for each page, and answered 400."
    ),
    remedy=(
        "Map it: `map $http_upgrade $connection_upgrade { default upgrade; '' ''; }` at http level "
        "and `proxy_set_header Connection $connection_upgrade;`. HAProxy hands both headers on by "
        "itself: leave the rules out."
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
        Example(
            Vendor.HAPROXY,
            bad=_ALL_TO_ONE.replace(
                "    balance leastconn\n",
                "    balance leastconn\n"
                "    http-request set-header Upgrade websocket  # <- here\n"
                "    http-request set-header Connection upgrade\n",
            ),
            good=_ALL_TO_ONE,
        ),
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
    fixable="unsafe",
)
