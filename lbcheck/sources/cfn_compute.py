"""CloudFormation: what runs behind target groups, as ECS and Auto Scaling would answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lbcheck.sources.cfn_value import Item
from lbcheck.sources.yaml_tree import Mapping as Map

if TYPE_CHECKING:
    from lbcheck.sources.aws_snapshot import Path
    from lbcheck.sources.cfn_draft import Assembly, Resource

ADDRESSES = ("targetGroupArn", "alternateTargetGroupArn", "taskDefinition")
"""properties that name another resource"""
WORDS = {
    "healthCheckGracePeriodSeconds": "HealthCheckGracePeriodSeconds",
    "minimumHealthyPercent": "MinimumHealthyPercent",
    "startPeriod": "StartPeriod",
    "stopTimeout": "StopTimeout",
}
_SERVICE = (
    "LoadBalancers",
    "TaskDefinition",
    "LaunchType",
    "CapacityProviderStrategy",
    "SchedulingStrategy",
    "DesiredCount",
    "HealthCheckGracePeriodSeconds",
    "DeploymentConfiguration",
    "DeploymentController",
)
_HOOK = ("LifecycleTransition", "HeartbeatTimeout")


def _service(assembly: Assembly, resource: Resource) -> None:
    path = assembly.draft.add("Services", resource.span())
    assembly.draft.put((*path, "serviceName"), resource.name)
    assembly.fields(path, resource, resource.body, _SERVICE)


def _definition(assembly: Assembly, resource: Resource) -> None:
    path = assembly.draft.add("TaskDefinitions", resource.span())
    assembly.draft.put((*path, "taskDefinitionArn"), resource.name)
    assembly.fields(path, resource, resource.body, ("RequiresCompatibilities",))
    containers = resource.item("ContainerDefinitions")
    for each in _each(containers):
        inner = assembly.draft.add((*path, "containerDefinitions"))
        if isinstance(each.value, Map):
            assembly.fields(inner, resource, each.value, ("Name", "StopTimeout", "HealthCheck"))


def _scaling(assembly: Assembly, resource: Resource) -> None:
    path = assembly.draft.add("AutoScalingGroups", resource.span())
    assembly.draft.put((*path, "AutoScalingGroupName"), resource.name)
    groups = [each.value for each in _each(resource.item("TargetGroupARNs"))]
    assembly.draft.put((*path, "TargetGroupARNs"), [arn for arn in groups if isinstance(arn, str)])
    assembly.fields(path, resource, resource.body, ("HealthCheckType", "TrafficSources"))
    for each in _each(resource.item("LifecycleHookSpecificationList")):
        _hook_of(assembly, resource, each, resource.name)


def _hook(assembly: Assembly, resource: Resource) -> None:
    path = _hook_of(assembly, resource, Item(resource.body, resource.body), None)
    assembly.fields(path, resource, resource.body, ("AutoScalingGroupName",))


def _hook_of(assembly: Assembly, resource: Resource, hook: Item, group: str | None) -> Path:
    path = assembly.draft.add("LifecycleHooks")
    assembly.draft.put((*path, "AutoScalingGroupName"), group)
    if isinstance(hook.value, Map):
        assembly.fields(path, resource, hook.value, _HOOK)
    return path


def _each(item: Item | None) -> tuple[Item, ...]:
    return item.value if item is not None and isinstance(item.value, tuple) else ()


READERS: Mapping[str, Callable[[Assembly, Resource], None]] = {
    "AWS::ECS::Service": _service,
    "AWS::ECS::TaskDefinition": _definition,
    "AWS::AutoScaling::AutoScalingGroup": _scaling,
    "AWS::AutoScaling::LifecycleHook": _hook,
}
