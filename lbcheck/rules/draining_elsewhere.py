"""LB406: new sockets go to a target that another group is draining already."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.example_parts import GROUP
from lbcheck.rules.pool_examples import AWS_WEIGHTED, NEXT_GROUP, at


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    for target in pool.targets:
        leaving = target.leaving
        if leaving is not None and leaving.elsewhere:
            yield Problem(
                target.state_place or target.place,
                f"`{target.name}` is healthy in `{pool.name}` and gets new WebSockets, but "
                f"{leaving.reason}",
                related=(Note(leaving.place, "here it is leaving"),),
            )


_shared = AWS_WEIGHTED.replace("10.1.1.11", "10.0.1.11")
_start = _shared.index(f'"{NEXT_GROUP}": [\n      {{"Target"')
_DRAINING = _shared[:_start] + _shared[_start:].replace('"healthy"', '"draining"', 1)

RULE = Rule(
    code="LB406",
    name="draining-elsewhere",
    severity=Severity.ERROR,
    vendors=(Vendor.AWS,),
    subject=Pool,
    check=check,
    summary="A target is draining in one target group and gets new sockets through another.",
    why=(
        "A target that is registered in two groups leaves both when it stops. Whoever deregisters "
        "it from one of them only has told half of the load balancer: the other half keeps sending "
        "handshakes to a process that is about to close them with 1001."
    ),
    remedy="Deregister a target from every group it is in before it is stopped.",
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html",
    ),
    examples=(
        Example(
            Vendor.AWS,
            bad=_DRAINING,
            good=_shared,
            here=(at("TargetHealth", GROUP, 0, "TargetHealth"),),
        ),
    ),
)
