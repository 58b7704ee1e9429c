"""LB208: the health check waits for a status that cannot come."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Pool, StatusSet, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.aws_code import in_code
from lbcheck.rules.aws_command import modify_group
from lbcheck.rules.example_parts import AWS

_LOWEST, _HIGHEST = 200, 599
"""An ALB takes 200 to 499, an NLB 200 to 599 (API reference, Matcher); gRPC codes are 0 to 99."""


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    accepts = pool.check.accepts
    if accepts is None or not _impossible(accepts.value):
        return
    if 101 in accepts.value:
        reason = "health checks of AWS send no upgrade, so 101 never comes"
    else:
        reason = f"statuses go from {_LOWEST} to {_HIGHEST}"
    expected = ",".join(map(str, profile.health.expect))
    yield Problem(
        accepts.place,
        f"`{accepts.name}` waits for {accepts.value.text}: {reason}",
        fix=modify_group(accepts.place, f"accept {expected}", f"--matcher HttpCode={expected}")
        or in_code(accepts, f'"{expected}"'),
    )


def _impossible(accepted: StatusSet) -> bool:
    return any(low > 99 and (low < _LOWEST or high > _HIGHEST) for low, high in accepted.ranges)


RULE = Rule(
    code="LB208",
    name="impossible-health-status",
    severity=Severity.ERROR,
    vendors=(Vendor.AWS,),
    subject=Pool,
    check=check,
    summary="The health check waits for 101 or a status out of range.",
    why=(
        "A target group asks with a plain GET and cannot upgrade, so no target ever answers 101. "
        "The API refuses such a "
        "matcher, and a deploy stops half-way."
    ),
    remedy="Ask a plain HTTP path and accept 200.",
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Matcher.html",
    ),
    examples=(
        Example(
            Vendor.AWS,
            bad=AWS.replace('"HttpCode": "200"', '"HttpCode": "101"'),
            good=AWS,
            here=("TargetGroups/0/Matcher/HttpCode",),
        ),
    ),
    fixable="unsafe",
)
