"""LB212: a health check that times out later than the next one starts."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Origin, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.terraform_examples import TERRAFORM


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """An Application Load Balancer wants the timeout to be smaller, a network one no greater.

    Both must be written: the default of the timeout is documented in two ways (5 and 6 s).
    """
    interval, timeout = pool.check.interval, pool.check.timeout
    if interval is None or timeout is None:
        return
    if Origin.DEFAULT in (interval.origin, timeout.origin) or interval.value > timeout.value:
        return
    if interval.value == timeout.value and pool.mode != "http":
        return
    yield Problem(
        timeout.place,
        f"`{timeout.name}` of {human(timeout.value)} does not fit between checks that come every "
        f"{human(interval.value)}: AWS refuses it",
    )


RULE = Rule(
    code="LB212",
    name="health-check-timing-invalid",
    severity=Severity.ERROR,
    vendors=(Vendor.AWS,),
    subject=Pool,
    check=check,
    summary="The timeout of a health check is as long as its interval, or longer.",
    why=(
        "A check must be over before the next one starts. AWS refuses a target group whose timeout "
        "is not smaller than the interval when it is created or changed, which no linter says "
        "before: the deployment stops in the middle."
    ),
    remedy="Make the timeout smaller than the interval, such as 5 s every 10 s.",
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    ),
    examples=(
        Example(
            Vendor.AWS,
            bad=TERRAFORM.replace("timeout             = 5", "timeout             = 10 # <- here"),
            good=TERRAFORM,
            kind="terraform",
        ),
    ),
)
