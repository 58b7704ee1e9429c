"""Terraform: what runs behind target groups, as ECS and Auto Scaling would answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from lbcheck.sources.aws_snapshot import Path
from lbcheck.sources.aws_written import UNKNOWN, Draft
from lbcheck.sources.terraform_draft import fields, texts
from lbcheck.sources.terraform_module import Resource
from lbcheck.sources.terraform_value import Object, Value

Resolve = Callable[[Value], str | None]
"""the address of what an expression leads to"""

_SERVICE = {
    "launch_type": "launchType",
    "scheduling_strategy": "schedulingStrategy",
    "desired_count": "desiredCount",
    "health_check_grace_period_seconds": "healthCheckGracePeriodSeconds",
}
_LIMITS = {
    "deployment_minimum_healthy_percent": "minimumHealthyPercent",
    "deployment_maximum_percent": "maximumPercent",
}
_HOOK = {"lifecycle_transition": "LifecycleTransition", "heartbeat_timeout": "HeartbeatTimeout"}


def service(draft: Draft, resource: Resource, groups: Resolve, definitions: Resolve) -> None:
    path, body = draft.add("Services", resource.span), resource.body
    draft.put((*path, "serviceName"), resource.address)
    draft.put((*path, "taskDefinition"), definitions(body.set("task_definition")))
    fields(draft, path, body, _SERVICE)
    fields(draft, (*path, "deploymentConfiguration"), body, _LIMITS)
    for inner in body.blocks("deployment_configuration") or ():
        fields(draft, (*path, "deploymentConfiguration"), inner, {"strategy": "strategy"})
    for inner in body.blocks("deployment_controller") or ():
        fields(draft, (*path, "deploymentController"), inner, {"type": "type"})
    for inner in body.blocks("capacity_provider_strategy") or ():
        provider = draft.add((*path, "capacityProviderStrategy"))
        fields(draft, provider, inner, {"capacity_provider": "capacityProvider"})
    for inner in body.blocks("load_balancer") or ():
        balanced = draft.add((*path, "loadBalancers"))
        draft.put((*balanced, "targetGroupArn"), groups(inner.set("target_group_arn")))
        fields(draft, balanced, inner, {"container_name": "containerName"})
        for other in inner.blocks("advanced_configuration") or ():
            steps = (*balanced, "advancedConfiguration", "alternateTargetGroupArn")
            draft.put(steps, groups(other.set("alternate_target_group_arn")))


def definition(draft: Draft, resource: Resource) -> None:
    path = draft.add("TaskDefinitions", resource.span)
    draft.put((*path, "taskDefinitionArn"), resource.address)
    needs = resource.body.set("requires_compatibilities")
    draft.put((*path, "requiresCompatibilities"), texts(needs))
    written = resource.body.set("container_definitions")
    for container in _containers(written):
        inner = draft.add((*path, "containerDefinitions"), written.span)
        fields(draft, inner, container, {"name": "name", "stopTimeout": "stopTimeout"})
        for check in container.blocks("healthCheck") or ():
            fields(draft, (*inner, "healthCheck"), check, {"startPeriod": "startPeriod"})


def _containers(value: Value) -> list[Object]:
    """`jsonencode([...])`, or the JSON itself."""
    if isinstance(value.data, str):
        try:
            value = _value(msgspec.json.decode(value.data))
        except (msgspec.DecodeError, RecursionError):
            return []
    return Object({"it": value}).blocks("it") or []


def _value(data: Any) -> Value:
    if isinstance(data, dict):
        return Value(Object({name: _value(inner) for name, inner in data.items()}))
    return Value([_value(each) for each in data] if isinstance(data, list) else data)


def scaling(
    draft: Draft, resource: Resource, groups: Resolve, attached: Mapping[str, list[str]]
) -> None:
    """An Auto Scaling group. Args: attached: target groups by its address, from elsewhere."""
    path, body = draft.add("AutoScalingGroups", resource.span), resource.body
    draft.put((*path, "AutoScalingGroupName"), resource.address)
    own = [groups(each) for each in body.set("target_group_arns").items() or ()]
    own += [groups(each.set("identifier")) for each in body.blocks("traffic_source") or ()]
    known = [arn for arn in (*own, *attached.get(resource.address, ())) if arn is not None]
    draft.put((*path, "TargetGroupARNs"), known)
    fields(draft, path, body, {"health_check_type": "HealthCheckType"})
    for inner in body.blocks("initial_lifecycle_hook") or ():
        _hook(draft, inner, resource.address)
    if body.blocks("initial_lifecycle_hook") is None:
        _hook(draft, Object({}), resource.address)


def hook(draft: Draft, resource: Resource, scaled: Resolve) -> None:
    _hook(draft, resource.body, scaled(resource.body.set("autoscaling_group_name")))


def _hook(draft: Draft, body: Object, group: str | None) -> None:
    path: Path = draft.add("LifecycleHooks")
    draft.put((*path, "AutoScalingGroupName"), UNKNOWN if group is None else group)
    fields(draft, path, body, _HOOK)


def attachments(
    resources: Iterable[Resource], groups: Resolve, scaled: Resolve
) -> dict[str, list[str]]:
    """The target groups that are attached to Auto Scaling groups, by the addresses of these."""
    found: dict[str, list[str]] = {}
    for resource in resources:
        owner = scaled(resource.body.set("autoscaling_group_name"))
        for name in ("lb_target_group_arn", "alb_target_group_arn"):
            arn = groups(resource.body.set(name))
            if owner is not None and arn is not None:
                found.setdefault(owner, []).append(arn)
    return found
