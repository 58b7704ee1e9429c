"""LB105: one header of its own makes an inner block lose the handshake headers of the outer one."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.without_effect import problems


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    return problems(route, Effect.HEADERS_REPLACED)


_GOOD = """\
map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
server {
    listen 127.0.0.1:8080;
    proxy_http_version 1.1;
    proxy_read_timeout 120s;
    proxy_set_header Host $host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    location /ws/ {
        proxy_pass http://127.0.0.1:9000;
    }
}
"""

RULE = Rule(
    code="LB105",
    name="inherited-headers-dropped",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="An inner block sets one header and so loses the inherited `Upgrade` and `Connection`.",
    why=(
        "nginx inherits `proxy_set_header` all or nothing: a location (or a file it includes) "
        "that sets any header keeps none of those of the server or http block."
    ),
    remedy="Repeat `Upgrade` and `Connection` in the block that sets headers of its own.",
    references=(
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
        "https://nginx.org/en/docs/http/websocket.html",
    ),
    proven=proven.NGINX,
    examples=(
        Example(
            Vendor.NGINX,
            bad=_GOOD.replace(
                "/ws/ {\n", "/ws/ {\n        proxy_set_header X-Real-IP $remote_addr;  # <- here\n"
            ),
            good=_GOOD,
        ),
    ),
)
