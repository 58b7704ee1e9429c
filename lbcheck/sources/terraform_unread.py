"""Calls of Terraform modules that make load balancers and are not here to be read."""

from __future__ import annotations

import os
from collections.abc import Iterable

from lbcheck.model import Trouble
from lbcheck.regex import regex
from lbcheck.sources import terraform_alb
from lbcheck.sources.terraform_module import Resource

_WORD = regex(r"[a-z0-9]++")
_BALANCERS = frozenset({"alb", "nlb", "elb", "lb", "loadbalancer", "beanstalk"})
# What is made for a load balancer, and is none.
_AROUND = frozenset(
    "acm alarm alarms bucket certificate certificates cloudwatch controller dns iam log logs"
    " metrics monitoring route53 s3 sg waf wafv2 security eks helm".split()
)
_ARGUMENTS = frozenset(
    "deregistration_delay health_check_matcher health_check_path idle_timeout stickiness_enabled"
    " target_group_protocol_version alb_idle_timeout tcp_idle_timeout_seconds".split()
)
_REMEDY = "audit the plan (`terraform show -json PLAN`), which has what the module makes"


def say(resources: Iterable[Resource]) -> None:
    """Put a trouble on the sources of such calls. A folder that was read holds none."""
    for call in resources:
        if call.kind == "module" and not terraform_alb.is_alb(call) and _balances(call):
            span = call.span
            name = call.address.rpartition("module.")[2].partition("[")[0]
            trouble = Trouble(
                f"the module `{name}` seems to make a load balancer, and is not here to be read",
                span.start,
                span.end,
                _REMEDY,
            )
            if trouble not in span.source.troubles:
                span.source.troubles.append(trouble)


def _balances(call: Resource) -> bool:
    source = call.body.set("source").data
    if not isinstance(source, str) or _is_here(call, source):
        return False
    words = set(_WORD.findall(source.lower().replace("load-balancer", "loadbalancer")))
    if words & _AROUND:
        return False
    return bool(words & _BALANCERS or _ARGUMENTS & call.body.entries.keys())


def _is_here(call: Resource, source: str) -> bool:
    folder = os.path.dirname(call.span.source.path or "")
    return source.startswith(".") and os.path.isdir(os.path.join(folder, source))
