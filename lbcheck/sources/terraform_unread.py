"""What makes load balancers or runs behind them, and is not here to be read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Set

from lbcheck.model import Source, Trouble
from lbcheck.regex import regex
from lbcheck.sources import aws_elsewhere, terraform_alb
from lbcheck.sources.terraform_module import Resource

PLATFORM = ("aws_elastic_beanstalk_environment", "aws_elastic_beanstalk_configuration_template")
_ARGUMENTS = frozenset(
    "deregistration_delay health_check_matcher health_check_path idle_timeout stickiness_enabled"
    " target_group_protocol_version alb_idle_timeout tcp_idle_timeout_seconds".split()
)
_SETTINGS = frozenset("delay health idle listeners matcher rules stickiness".split())
_BEHIND = frozenset(
    "alb_target_group_arn lb_target_group_arn load_balancer load_balancers target_group_arn"
    " target_group_arns traffic_source_attachments".split()
)
_RUNNERS = frozenset({"asg", "autoscaling", "ecs", "fargate"})
_MANIFEST = regex(
    r'(?m)^resource[ \t]++"(kubernetes_ingress(?:_v1)?|kubernetes_manifest|kubectl_manifest'
    r'|helm_release)"[ \t]++"([\w-]++)"[^\n]*+'
)
_BALANCED = regex(
    r"ingress\.kubernetes\.io/|aws-load-balancer-(?!controller)|(?:haproxy|nginx)\.org/"
    r"|proxy[_-]read[_-]timeout|timeout-tunnel|kind[\" ]*+[:=][\" ]*+Ingress\b"
)
_RENDERED = "audit the manifests that are applied (`kubectl get ingress,service -A -o yaml`)"
_REMEDY = "audit the plan (`terraform show -json PLAN`), which has what the module makes"


def say(resources: Iterable[Resource]) -> None:
    """Put on the sources what is not read. A folder that was read holds none of it."""
    for resource in resources:
        if resource.kind in PLATFORM:
            _platform(resource)
        elif resource.kind == "module" and not terraform_alb.is_alb(resource):
            _module(resource)


def say_manifests(source: Source) -> None:
    """Objects of Kubernetes that Terraform makes: the Ingresses, and what speaks of balancers."""
    text = source.text or ""
    for found in _MANIFEST.finditer(text) if not source.unread else ():
        stop = text.find("\nresource", found.end())
        body = text[found.start() : stop if stop >= 0 else len(text)]
        if "_ingress" in found[1] or _BALANCED.search(body):
            said = f"the {found[1]} `{found[2]}` makes objects of Kubernetes, which are not read"
            source.troubles.append(Trouble(said, found.start(), found.end(), _RENDERED))


def _platform(environment: Resource) -> None:
    settings = environment.body.blocks("setting")
    if settings is None or any(
        aws_elsewhere.of_platform(each.set("namespace").data, each.set("name").data)
        for each in settings
    ):
        _add(environment, aws_elsewhere.PLATFORM, aws_elsewhere.PLATFORM_REMEDY)


def _module(call: Resource) -> None:
    """A module that makes a load balancer is a trouble; what runs behind one would tell more."""
    source = call.body.set("source").data
    if not isinstance(source, str) or _is_here(call, source):
        return
    found = aws_elsewhere.words(source)
    balances = aws_elsewhere.names_balancer(found)
    name = call.address.rpartition("module.")[2].partition("[")[0]
    if balances or (balances is None and any(map(_sets_balancer, call.body.entries))):
        said = f"the module `{name}` seems to make a load balancer, and is not here to be read"
        _add(call, said, _REMEDY)
    elif _runs(found, call.body.entries.keys()):
        what = f"what the module `{name}` runs behind target groups"
        if what not in call.span.source.not_asked:
            call.span.source.not_asked += (what,)


def _runs(source: set[str], arguments: Set[str]) -> bool:
    """Does a module run what target groups lead to?"""
    return bool(_BEHIND & arguments or (_RUNNERS & source and "services" in arguments))


def _sets_balancer(argument: str) -> bool:
    """`idle_timeout`, `lb_target_group_health_check_path`, but not `alb_arn`."""
    if argument in _ARGUMENTS:
        return True
    parts = set(argument.split("_"))
    return bool(parts & _SETTINGS and aws_elsewhere.names_balancer(parts))


def _add(resource: Resource, said: str, remedy: str) -> None:
    span = resource.span
    trouble = Trouble(said, span.start, span.end, remedy)
    if trouble not in span.source.troubles:
        span.source.troubles.append(trouble)


def _is_here(call: Resource, source: str) -> bool:
    folder = os.path.dirname(call.span.source.path or "")
    return source.startswith(".") and os.path.isdir(os.path.join(folder, source))
