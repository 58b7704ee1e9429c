"""LB405: a share of new sockets goes to a pool without a live target."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.check_reason import explained
from lbcheck.rules.example_parts import LISTENER
from lbcheck.rules.pool_examples import AWS_WEIGHTED, NEXT_GROUP, at
from lbcheck.rules.pool_state import dead_shares, states


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    for forward, why, share in dead_shares(route):
        pool, weight = forward.pool, forward.weight
        yield Problem(
            weight.place if weight else route.place,
            f"{share:.0%} of new WebSockets go to `{pool.name}`, which {why.value}",
            related=(*states(pool.targets), Note(pool.place, "the pool")),
            notes=explained(pool.targets),
        )


_start = AWS_WEIGHTED.index(f'"{NEXT_GROUP}": [\n      {{"Target"')
_end = AWS_WEIGHTED.index("    ],", _start)
_DEAD = (
    AWS_WEIGHTED[:_start]
    + AWS_WEIGHTED[_start:_end].replace('"State": "healthy"', '"State": "draining"')
    + AWS_WEIGHTED[_end:]
)

_SECOND = ("ForwardConfig", "TargetGroups", 1)

RULE = Rule(
    code="LB405",
    name="weighted-route-to-dead-pool",
    severity=Severity.ERROR,
    vendors=(Vendor.AWS,),
    subject=Route,
    check=check,
    summary="A weighted forward gives a share of new sockets to a group with no live target.",
    why=(
        "Weights are applied before health: a group without a healthy target keeps its share, and "
        "that share of all "
        "handshakes fails although the other group is well. It happens in the middle of a "
        "blue-green deploy."
    ),
    remedy="Give the dead group weight 0, or bring its targets back first.",
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html",
    ),
    examples=(
        Example(
            Vendor.AWS,
            bad=_DEAD,
            good=AWS_WEIGHTED,
            here=(
                at(
                    "Rules", LISTENER, 0, "Actions", 0, "ForwardConfig", "TargetGroups", 1, "Weight"
                ),
            ),
        ),
    ),
)
