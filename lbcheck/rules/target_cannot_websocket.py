"""LB117: the kind of target or listener cannot carry a WebSocket at all."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.example_parts import AWS


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    if pool.incapable is not None:
        yield Problem(
            pool.incapable.place,
            f"WebSockets are routed to `{pool.name}`, which cannot carry them: "
            f"{pool.incapable.value}",
        )


RULE = Rule(
    code="LB117",
    name="target-cannot-websocket",
    severity=Severity.ERROR,
    vendors=(Vendor.AWS,),
    subject=Pool,
    check=check,
    summary="WebSockets go to a Lambda function, a target optimizer or a classic HTTP listener.",
    why=(
        "A Lambda target answers one request and cannot hold a connection; the target optimizer "
        "takes no upgrades; a classic load balancer drops `Upgrade` on HTTP and HTTPS listeners."
    ),
    remedy=(
        "Use targets of type `ip` or `instance` behind an application or network load balancer "
        "(on a classic one a TCP or SSL listener)."
    ),
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html",
    ),
    examples=(
        Example(
            Vendor.AWS,
            bad=AWS.replace(
                '"ProtocolVersion": "HTTP1",\n',
                '"ProtocolVersion": "HTTP1",\n     "TargetControlPort": 3000,\n',
            ),
            good=AWS,
            here=("TargetGroups/0/TargetControlPort",),
        ),
    ),
)
