"""LB401: a route leads only to targets that take no new connections."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import AWS, GROUP, LISTENER
from lbcheck.rules.pool_examples import (
    AWS_WEIGHTED,
    HAPROXY,
    HAPROXY_BACKEND,
    NGINX,
    NGINX_LOCATION,
    NGINX_UPSTREAM,
    at,
)
from lbcheck.rules.pool_state import Death, dead_everywhere, states


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    yield from _weightless(route)
    for pool in dead_everywhere(route, Death.LEAVING):
        first, *others = pool.targets
        yield Problem(
            first.state_place or first.place,
            f"every target of `{pool.name}` is draining or down: new WebSockets have nowhere to go",
            related=(*states(tuple(others)), Note(route.place, "leads here")),
        )


def _weightless(route: Route) -> Iterator[Problem]:
    """Weights of target groups; those of servers are their states already."""
    weights = [forward.weight for forward in route.forwards]
    first = weights[0] if weights else None
    if first is not None and all(weight and weight.value == 0 for weight in weights):
        groups = ", ".join(f"`{forward.pool.name}`" for forward in route.forwards)
        yield Problem(
            first.place,
            f"{groups}: nothing that this leads to has a weight above 0, so new WebSockets have "
            "nowhere to go",
        )


_FIRST_WEIGHT = ("ForwardConfig", "TargetGroups", 0, "Weight")

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
        Example(
            Vendor.AWS,
            bad=AWS_WEIGHTED.replace('"Weight": 3', '"Weight": 0').replace(
                '"Weight": 1', '"Weight": 0'
            ),
            good=AWS_WEIGHTED,
            here=(at("Rules", LISTENER, 0, "Actions", 0, *_FIRST_WEIGHT),),
        ),
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
)
