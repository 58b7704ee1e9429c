"""LB106: the handshake headers stand where the request does not run."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.without_effect import problems


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    return problems(route, Effect.UNREACHED)


_GOOD = """\
map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
server {
    listen 127.0.0.1:8080;
    root /srv/chat;
    location /ws/ {
        try_files $uri @app;
    }
    location @app {
        proxy_pass http://127.0.0.1:9000;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_read_timeout 120s;
    }
}
"""
_HEADERS = """\
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
"""

RULE = Rule(
    code="LB106",
    name="headers-on-unreached-location",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="`Upgrade` is set in a location that handshakes do not come to, or leave again.",
    why=(
        "`try_files`, `error_page` and `rewrite` move the request to another location. A named "
        "location is a sibling, not a child: it inherits nothing from the one that led there. A "
        "`return` of the server runs before any location is chosen, and `limit_except POST` "
        "refuses a handshake, which is a GET."
    ),
    remedy=(
        "Set the headers in the location that has the `proxy_pass`; let GET through where "
        "handshakes arrive, and put a `return` for all the rest into `location /`."
    ),
    references=(
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#try_files",
        "https://nginx.org/en/docs/http/websocket.html",
    ),
    proven=proven.NGINX,
    examples=(
        Example(
            Vendor.NGINX,
            bad=_GOOD.replace(_HEADERS, "").replace(
                "        try_files",
                f"{_HEADERS.replace('upgrade;', 'upgrade;  # <- here', 1)}        try_files",
            ),
            good=_GOOD,
        ),
    ),
)
