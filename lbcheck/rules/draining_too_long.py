"""LB422: a target is still draining when its time for that is long over."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.example_parts import AWS, GROUP
from lbcheck.rules.pool_examples import at


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    delay = pool.drain_time
    limit = delay.value if delay and math.isfinite(delay.value) else profile.drain.max_s
    for target in pool.targets:
        if limit is None or target.draining_s is None or target.draining_s <= limit:
            continue
        named = f"`{delay.name}`" if delay and delay.value == limit else "the profile"
        yield Problem(
            target.state_place or target.place,
            f"`{target.name}` has been draining for at least {human(target.draining_s)}, and "
            f"{named} gives it {human(limit)}",
            related=(Note(delay.place, "this long it may take"),) if delay else (),
        )


_DRAINING = AWS.replace('"State": "healthy"', '"State": "draining"', 1)

RULE = Rule(
    code="LB422",
    name="draining-too-long",
    severity=Severity.WARNING,
    vendors=(Vendor.AWS,),
    subject=Pool,
    check=check,
    summary="A target drains longer than its group gives it, as several runs have seen.",
    why=(
        "AWS ends the draining of a target when the deregistration delay is over. One that is seen "
        "draining for longer is deregistered again and again, or a deployment hangs halfway: its "
        "place is not filled, and its last clients are on a process that should be gone. One audit "
        "cannot see this: `lbcheck report` can, where it runs at least once an hour."
    ),
    remedy=(
        "See who deregisters it (CloudTrail: `DeregisterTargets`), whether the deployment waits "
        "for something, and end the process when its clients have gone."
    ),
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#deregistration-delay",
    ),
    examples=(
        Example(
            Vendor.AWS,
            bad=_DRAINING,
            good=AWS,
            here=(at("TargetHealth", GROUP, 0, "TargetHealth"),),
            draining_s=86400.0,
        ),
    ),
)
