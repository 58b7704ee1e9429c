"""LB401: a route leads only to targets that take no new connections."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import AWS, GROUP
from lbcheck.rules.pool_examples import (
    HAPROXY,
    HAPROXY_BACKEND,
    NGINX,
    NGINX_LOCATION,
    NGINX_UPSTREAM,
    at,
)
from lbcheck.rules.pool_state import Death, dead_everywhere, states


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    for pool in dead_everywhere(route, Death.LEAVING):
        first, *others = pool.targets
        yield Problem(
            first.state_place or first.place,
            f"every target of `{pool.name}` is draining or down: new WebSockets have nowhere to go",
            related=(*states(tuple(others)), Note(route.place, "leads here")),
        )


RULE = Rule(
    code="LB401",
    name="route-to-draining-only",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Route,
    check=check,
    summary="Every target behind a route is draining, down, disabled or of weight 0.",
    why=(
        "Sockets that are open live on, so it looks well until clients come back: nginx then "
        "answers 502 (no live "
        "upstreams), HAProxy 503 with all servers disabled or of weight 0, a load balancer 503. "
        "`nginx -t` and "
        "`haproxy -c` accept it."
    ),
    remedy="Bring at least one target back before the others leave.",
    references=(
        "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server",
        "https://docs.haproxy.org/2.8/configuration.html#5.2-weight",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html",
    ),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX_UPSTREAM.replace("9001;", "9001 down;  # <- here").replace(
                "9002;", "9002 down;"
            )
            + NGINX_LOCATION,
            good=NGINX,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + HAPROXY_BACKEND.replace("9001 check", "9001 check weight 0  # <- here").replace(
                "9002 check", "9002 check disabled"
            ),
            good=HAPROXY + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace('"State": "healthy"', '"State": "draining"'),
            good=AWS,
            here=(at("TargetHealth", GROUP, 0, "TargetHealth"),),
        ),
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
)
