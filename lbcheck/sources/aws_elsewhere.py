"""Load balancers that something else makes: a module, a nested stack, Elastic Beanstalk."""

from __future__ import annotations

from lbcheck.regex import regex

PLATFORM = "Elastic Beanstalk makes a load balancer of these settings, and they are not read"
PLATFORM_REMEDY = "audit what it made: `lbcheck audit --aws`"
_WORD = regex(r"[a-z0-9]++")
_BALANCERS = frozenset({"alb", "nlb", "elb", "lb", "loadbalancer", "beanstalk"})
# What is made for a load balancer, and is none.
_AROUND = frozenset(
    "acm alarm alarms bucket certificate certificates cloudwatch controller dns iam log logs"
    " metrics monitoring route53 s3 sg waf wafv2 security eks helm".split()
)
# https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html (2026-08)
_NAMESPACES = ("aws:elb:", "aws:elbv2:", "aws:elasticbeanstalk:environment:process:")
_OPTIONS = frozenset({"LoadBalancerType", "LoadBalancerIsShared"})


def words(text: str) -> set[str]:
    """The words of a name: `modules/load-balancer` -> modules, loadbalancer."""
    return set(_WORD.findall(text.lower().replace("load-balancer", "loadbalancer")))


def names_balancer(found: set[str]) -> bool | None:
    """Do the words of a name mean a load balancer? False: something around one; None: neither."""
    if found & _AROUND:
        return False
    return True if found & _BALANCERS else None


def of_platform(namespace: object, option: object) -> bool:
    """Does an option of Elastic Beanstalk say how a load balancer behaves?"""
    return str(namespace).startswith(_NAMESPACES) or option in _OPTIONS
