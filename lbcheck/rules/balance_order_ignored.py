"""LB507: a balance method replaces what stands above it."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import NGINX_LOCATION, NGINX_UPSTREAM
from lbcheck.rules.without_effect import problems


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    return problems(pool, Effect.ORDER)


_ZONE = "    zone chat 64k;\n"

RULE = Rule(
    code="LB507",
    name="balance-order-ignored",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX,),
    subject=Pool,
    check=check,
    summary="A balance method replaces another one, or `keepalive` (before 1.29.7), above it.",
    why=(
        "Of two balance methods the later one is in force: four requests of one client with "
        "`ip_hash; least_conn;` reached both targets in turn. Of `keepalive` above a method "
        "nginx 1.22.1 warns `load balancing method redefined` and opens a connection to the target "
        "for each request: polling and plain requests beside the WebSockets pay for a handshake "
        "each, and sockets in TIME_WAIT use up the ports."
    ),
    remedy="Write one balance method, and `keepalive` below it.",
    references=("https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive",),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX_UPSTREAM.replace(
                _ZONE, _ZONE + "    keepalive 8;  # <- here\n    least_conn;\n"
            )
            + NGINX_LOCATION,
            good=NGINX_UPSTREAM.replace(_ZONE, _ZONE + "    least_conn;\n    keepalive 8;\n")
            + NGINX_LOCATION,
        ),
        Example(
            Vendor.NGINX,
            bad=NGINX_UPSTREAM.replace(
                _ZONE, _ZONE + "    hash $arg_room;  # <- here\n    least_conn;\n"
            )
            + NGINX_LOCATION,
            good=NGINX_UPSTREAM.replace(_ZONE, _ZONE + "    least_conn;\n") + NGINX_LOCATION,
        ),
    ),
    proven=proven.NGINX,
)
