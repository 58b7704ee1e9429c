"""LB402: a route leads to a pool without targets."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import AWS
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND
from lbcheck.rules.pool_state import Death, dead_everywhere, states


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Pools that are filled from outside (a resolver, a template) are unknown, not empty. Where all
    fail their check HAProxy uses none of them, and AWS all (LB403)."""
    dead = [*dead_everywhere(route, Death.EMPTY)]
    if route.vendor is Vendor.HAPROXY:
        dead += dead_everywhere(route, Death.UNHEALTHY)
    for pool in dead:
        yield Problem(
            pool.place,
            f"`{pool.name}` has no usable target: every handshake is answered with 503",
            related=(*states(pool.targets), Note(route.place, "leads here")),
        )


RULE = Rule(
    code="LB402",
    name="route-to-empty-pool",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY, Vendor.AWS),
    subject=Route,
    check=check,
    summary="A route leads to a pool that has no target that could be used.",
    why=(
        "A backend without servers and a target group without registered (or with unused) targets "
        "answer 503 to "
        "everything, and so does a backend whose servers all fail their check (which `--live` "
        "tells). Neither `haproxy -c` nor the AWS console calls it a fault."
    ),
    remedy="Register targets, or take the route away.",
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY + "backend ws_chat  # <- here\n    option httpchk GET /readyz\n",
            good=HAPROXY + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace('"State": "healthy"', '"State": "unused"'),
            good=AWS,
            here=("TargetGroups/0",),
        ),
    ),
    proven=proven.HAPROXY,
)
