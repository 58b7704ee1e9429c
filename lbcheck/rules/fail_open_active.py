"""LB403: the load balancer sends WebSockets to targets that fail their check."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Route, State, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.check_reason import explained
from lbcheck.rules.example_parts import AWS, GROUP
from lbcheck.rules.pool_examples import AWS_NLB, NLB_GROUP, at
from lbcheck.rules.pool_state import Death, dead_everywhere, failing_zones, states


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    for pool in dead_everywhere(route, Death.UNHEALTHY):
        first, *others = (target for target in pool.targets if target.state is State.UNHEALTHY)
        reason = f" (`{first.reason}`)" if first.reason else ""
        yield Problem(
            first.state_place or first.place,
            f"no target of `{pool.name}` is healthy{reason}: the load balancer fails open and "
            "sends handshakes to all that are unhealthy",
            notes=explained(pool.targets),
            related=(*states(tuple(others)), Note(route.place, "leads here")),
        )
    yield from _zones(route)


def _zones(route: Route) -> Iterator[Problem]:
    """A warning: DNS leaves out a zone without healthy targets, for those who ask it anew."""
    for pool, name, (first, *others) in failing_zones(route):
        assert pool.zonal is not None
        reason = f" (`{first.reason}`)" if first.reason else ""
        yield Problem(
            first.state_place or first.place,
            f"no target of {name} is healthy{reason}, and `{pool.zonal.name}` is off: the load "
            "balancer fails open in this zone and sends handshakes to all that are unhealthy there",
            severity=Severity.WARNING,
            notes=explained((first, *others)),
            related=(
                *states(tuple(others)),
                Note(pool.zonal.place, "cross-zone is off"),
                Note(route.place, "leads here"),
            ),
        )


RULE = Rule(
    code="LB403",
    name="fail-open-active",
    severity=Severity.ERROR,
    vendors=(Vendor.AWS,),
    subject=Route,
    check=check,
    summary="Only unhealthy targets are left, and AWS sends traffic to all of them.",
    why=(
        "When a target group has no healthy target, the load balancer uses the unhealthy ones. "
        "WebSockets go to "
        "processes that fail their check, and the balancer's own health looks better than it is. "
        "With cross-zone load balancing switched off this is true of each zone by itself; clients "
        "that ask DNS anew are led to other zones, the others are not."
    ),
    remedy="Mend the targets; the reason of each is shown. If the check is wrong, mend the check.",
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    ),
    examples=(
        Example(
            Vendor.AWS,
            bad=AWS.replace(
                '"State": "healthy"',
                '"State": "unhealthy", "Reason": "Target.ResponseCodeMismatch"',
            ),
            good=AWS,
            here=(at("TargetHealth", GROUP, 0, "TargetHealth"),),
        ),
        Example(
            Vendor.AWS,
            bad=AWS_NLB.replace('"State": "healthy"', '"State": "unhealthy"', 1),
            good=AWS_NLB,
            here=(at("TargetHealth", NLB_GROUP, 0, "TargetHealth"),),
        ),
    ),
)
