"""LB411: more of the pool is leaving than is left."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Pool, State, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.example_parts import AWS, GROUP
from lbcheck.rules.pool_examples import AWS_NLB, NLB_GROUP, at
from lbcheck.rules.pool_state import parts, states

_USABLE = (State.HEALTHY, State.INITIAL)
_LEAVING = (State.DRAINING, State.DOWN)


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """A rolling deployment that starts new targets first never has more leaving than healthy."""
    draining = tuple(t for t in pool.targets if t.state is State.DRAINING)
    usable = [t for t in pool.targets if t.state in _USABLE]
    if usable and len(draining) > len(usable):
        yield Problem(
            draining[0].state_place or draining[0].place,
            f"{len(draining)} targets of `{pool.name}` are draining and {len(usable)} "
            f"{'takes' if len(usable) == 1 else 'take'} all new WebSockets",
            related=states(draining[1:]),
        )
    elif usable and pool.zonal is not None:
        yield from _empty_zones(pool)


def _empty_zones(pool: Pool) -> Iterator[Problem]:
    """Without cross-zone load balancing the clients of a zone only reach that zone's targets; of
    unhealthy ones LB403 tells."""
    for name, own in parts(pool).items():
        if pool.zonal is not None and all(t.state in _LEAVING for t in own):
            yield Problem(
                own[0].state_place or own[0].place,
                f"no target of {name} takes new WebSockets, and "
                f"`{pool.zonal.name}` is off: whoever is led to this zone reaches nobody else",
                related=(*states(tuple(own[1:])), Note(pool.zonal.place, "cross-zone is off")),
            )


_MORE = ",\n".join(
    f'      {{"Target": {{"Id": "10.0.3.{n}", "Port": 8080}},'
    f' "TargetHealth": {{"State": "draining"}}}}'
    for n in (11, 12, 13)
)
_FIRST = f'"TargetHealth": {{\n    "{GROUP}": ['

RULE = Rule(
    code="LB411",
    name="draining-capacity",
    severity=Severity.WARNING,
    vendors=(Vendor.AWS,),
    subject=Pool,
    check=check,
    summary="More targets are draining than take new sockets, or a zone has none that does.",
    why=(
        "Every socket that a draining target closes comes back to those that are left. Where most "
        "of the group leaves at once, few targets take all the reconnects. With cross-zone load "
        "balancing switched off this is true of each zone by itself: a zone whose targets all "
        "leave turns its clients away while the others are well."
    ),
    remedy=(
        "Wait until the new targets are healthy before the old ones leave; replace fewer of them "
        "at a time; or switch cross-zone load balancing on."
    ),
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#target-group-cross-zone",
    ),
    examples=(
        Example(
            Vendor.AWS,
            bad=AWS.replace(_FIRST, f"{_FIRST}\n{_MORE},"),
            good=AWS.replace(_FIRST, f"{_FIRST}\n{_MORE.splitlines()[0]}"),
            here=(at("TargetHealth", GROUP, 0, "TargetHealth"),),
        ),
        Example(
            Vendor.AWS,
            bad=AWS_NLB.replace('"State": "healthy"', '"State": "draining"', 1),
            good=AWS_NLB,
            here=(at("TargetHealth", NLB_GROUP, 0, "TargetHealth"),),
        ),
    ),
)
