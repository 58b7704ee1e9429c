"""LB507: a balance method below `keepalive` throws the kept connections away."""

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
    summary="`keepalive` stands above the balance method, which replaces it before 1.29.7.",
    why=(
        "nginx 1.22.1 warns `load balancing method redefined` and opens a connection to the target "
        "for each request: polling and plain requests beside the WebSockets pay for a handshake "
        "each, and sockets in TIME_WAIT use up the ports."
    ),
    remedy="Write the balance method first and `keepalive` below it.",
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
    ),
    proven=(proven.NGINX_1_22,),
)
