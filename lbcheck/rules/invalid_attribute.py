"""LB508: a setting that AWS refuses, in code that every linter accepts."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Topology, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.terraform_examples import TERRAFORM


def check(topology: Topology, profile: Profile) -> Iterator[Problem]:
    for source in topology.sources:
        for invalid in source.invalid:
            setting = invalid.setting
            said = f" {setting.value}" if setting.value else ""
            yield Problem(
                setting.place,
                f"`{setting.name}`{said} is refused: {invalid.reason}",
                notes=("the deployment stops there; what was changed before it stays changed",),
            )


RULE = Rule(
    code="LB508",
    name="invalid-attribute",
    severity=Severity.ERROR,
    vendors=(Vendor.AWS,),
    subject=Topology,
    check=check,
    summary="A value that AWS refuses.",
    why=(
        "An attribute that does not exist, a value out of range, or two settings that exclude each "
        "other: linters pass most of them, and CloudFormation takes any text. The API refuses them "
        "in the middle of the deployment: what came before is changed, what comes behind is not, "
        "and half a change of a load balancer may carry nobody."
    ),
    remedy="Write a value that the API takes.",
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html",
    ),
    examples=(
        Example(
            Vendor.AWS,
            bad=TERRAFORM.replace("idle_timeout = 120", "idle_timeout = 9000 # <- here"),
            good=TERRAFORM,
            kind="terraform",
        ),
        Example(
            Vendor.AWS,
            bad=TERRAFORM.replace(
                "deregistration_delay = 120",
                "deregistration_delay = 120\n  slow_start           = 60 # <- here\n"
                '  load_balancing_algorithm_type = "least_outstanding_requests"',
            ),
            good=TERRAFORM.replace(
                "deregistration_delay = 120",
                "deregistration_delay = 120\n"
                '  load_balancing_algorithm_type = "least_outstanding_requests"',
            ),
            kind="terraform",
        ),
    ),
)
