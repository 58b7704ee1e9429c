"""LB407: a target is healthy, though what runs it is stopping it."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.compute_examples import ON_INSTANCES, ON_TASKS
from lbcheck.rules.example_parts import GROUP
from lbcheck.rules.pool_examples import at


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    for target in pool.targets:
        leaving = target.leaving
        if leaving is not None and not leaving.elsewhere:
            yield Problem(
                target.state_place or target.place,
                f"`{target.name}` is healthy in `{pool.name}` and gets new WebSockets, though "
                f"{leaving.reason}",
                related=(Note(leaving.place, "here it is leaving"),),
            )


_HERE = (at("TargetHealth", GROUP, 0, "TargetHealth"),)

RULE = Rule(
    code="LB407",
    name="target-terminating",
    severity=Severity.ERROR,
    vendors=(Vendor.AWS,),
    subject=Pool,
    check=check,
    summary="A target takes new sockets while its instance or task is being stopped.",
    why=(
        "A target group knows of a stop only when somebody deregisters the target, or when its "
        "health check has failed often enough. Until then the process that is about to close all "
        "its sockets gets new ones, and their clients are sent away again at once."
    ),
    remedy=(
        "Deregister the target before it is stopped: let the Auto Scaling group or the ECS service "
        "do it (attach it to the target group), and stop nothing by hand."
    ),
    references=(
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html",
        "https://github.com/aws/aws-cdk/issues/13506",
    ),
    examples=(
        Example(
            Vendor.AWS,
            bad=ON_TASKS.replace('"lastStatus": "RUNNING"', '"lastStatus": "DEACTIVATING"', 1),
            good=ON_TASKS,
            here=_HERE,
        ),
        Example(
            Vendor.AWS,
            bad=ON_INSTANCES.replace('"InService"', '"Terminating:Wait"', 1),
            good=ON_INSTANCES,
            here=_HERE,
        ),
        Example(
            Vendor.AWS,
            bad=ON_INSTANCES.replace('"Name": "running"', '"Name": "shutting-down"', 1),
            good=ON_INSTANCES,
            here=_HERE,
        ),
    ),
)
