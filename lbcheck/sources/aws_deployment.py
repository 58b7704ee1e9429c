"""ECS services and Auto Scaling groups → how they start and stop the targets of a pool."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from lbcheck.model import Deployment, Origin, Pool, Setting
from lbcheck.sources.aws_compute import Compute
from lbcheck.sources.aws_compute_answers import (
    ContainerDefinition,
    ScalingGroup,
    Service,
    TaskDefinition,
)
from lbcheck.sources.aws_inventory import Item
from lbcheck.sources.aws_pool import DEFAULT_DRAIN_S, DRAIN, attribute

_TERMINATING = "autoscaling:EC2_INSTANCE_TERMINATING"
_STOP_S = 30.0  # ContainerDefinition, stopTimeout; of the agent on an instance as well
_FARGATE_STOP_S = 120.0  # "The max stop timeout value is 120 seconds" (the same page)
_AGENT = "the agent's `ECS_CONTAINER_STOP_TIMEOUT` is not set"


def deployments(arn: str, pool: Pool, compute: Compute) -> Iterator[Deployment]:
    """What starts and stops the targets of a group."""
    for scaling in compute.scaling.get(arn, ()):
        yield Deployment(
            f"the Auto Scaling group `{scaling.resource}`",
            stop_time=_ending(arn, pool, scaling, compute),
            blind=_blind(scaling),
        )
    for service in compute.services.get(arn, ()):
        definition = compute.definitions.get(service.value.task_definition or "")
        yield _of_service(arn, service, definition)


def _blind(item: Item[ScalingGroup]) -> Setting[str] | None:
    """EC2 alone is the default, and sees whether a machine runs (user guide, "Health checks")."""
    kind, word = item.value.health_check_type, item.part.word("HealthCheckType")
    if kind is None:
        # An answer always has it: one without was trimmed.
        if item.unknown("HealthCheckType") or not item.part.written:
            return None
        return Setting(word, "EC2", Origin.DEFAULT, item.at("AutoScalingGroupName"))
    if "ELB" in kind.upper().split(","):
        return None
    return Setting(word, kind, Origin.SET, item.at("HealthCheckType"))


def _ending(
    arn: str, pool: Pool, item: Item[ScalingGroup], compute: Compute
) -> Setting[float] | None:
    """How long an instance lives on: it is deregistered, then the deregistration delay passes, then
    it ends, unless a hook holds it (user guide, "Amazon EC2 Auto Scaling lifecycle hooks").

    Only where the load balancer would keep its connections for longer: else that is what cuts.
    """
    inventory = compute.inventory
    group, attributes = inventory.groups.get(arn), inventory.group_attributes.get(arn)
    if pool.drain_time is None or not math.isinf(pool.drain_time.value):
        return None
    if group is None or attributes is None or compute.hooks is None:
        return None
    for hook in (*compute.hooks.get(item.resource, ()), *compute.hooks.get("", ())):
        if hook.lifecycle_transition in (_TERMINATING, None):
            return None  # what it waits for is the hook's own business
    return attribute(attributes, DRAIN, DEFAULT_DRAIN_S, group.at("TargetGroupName"))


def _of_service(
    arn: str, item: Item[Service], definition: Item[TaskDefinition] | None
) -> Deployment:
    container = _container(arn, item.value, definition)
    fargate = _on_fargate(item.value, definition)
    return Deployment(
        f"the ECS service `{item.resource}`",
        stop_time=_stop_time(definition, container, fargate),
        stop_limit_s=_FARGATE_STOP_S if fargate else None,
        start_time=_start_time(definition, container),
        start_grace=_grace(item),
        stops_all=_stops_all(item),
    )


def _grace(item: Item[Service]) -> Setting[float] | None:
    seconds = item.value.health_check_grace_period_seconds
    if seconds is None and not item.part.written:
        return None  # an answer has it: this one was trimmed
    return _setting(item, ("healthCheckGracePeriodSeconds",), seconds, 0, "serviceName")


def _container(arn: str, service: Service, definition: Item[TaskDefinition] | None) -> int | None:
    """Which container of a definition is behind the group; None where that is not known."""
    own = definition.value.container_definitions if definition else None
    names = {
        each.container_name for each in service.load_balancers or () if each.target_group_arn == arn
    }
    if own and len(own) == 1:
        return 0
    found = [at for at, container in enumerate(own or ()) if container.name in names - {None}]
    return found[0] if len(found) == 1 else None


def _on_fargate(service: Service, definition: Item[TaskDefinition] | None) -> bool:
    if service.launch_type is not None:
        return service.launch_type == "FARGATE"
    providers = [one.capacity_provider or "" for one in service.capacity_provider_strategy or ()]
    if providers:
        return all(name.startswith("FARGATE") for name in providers)
    needs = definition.value.requires_compatibilities if definition else None
    return needs == ["FARGATE"]


def _described(
    definition: Item[TaskDefinition] | None, container: int | None
) -> tuple[Item[TaskDefinition], int, ContainerDefinition] | None:
    if definition is None or container is None:
        return None
    every = definition.value.container_definitions or ()
    return definition, container, every[container]


def _stop_time(
    definition: Item[TaskDefinition] | None, container: int | None, fargate: bool
) -> Setting[float] | None:
    known = _described(definition, container)
    if known is None:
        return None
    item, at, described = known
    path = ("containerDefinitions", at, "stopTimeout")
    time = _setting(item, path, described.stop_timeout, _STOP_S, "taskDefinitionArn")
    if time is not None and described.stop_timeout is None and not fargate:
        return replace(time, assumed=_AGENT)
    return time


def _start_time(
    definition: Item[TaskDefinition] | None, container: int | None
) -> Setting[float] | None:
    known = _described(definition, container)
    check = known[2].health_check if known else None
    if known is None or check is None or not check.start_period:
        return None
    path = ("containerDefinitions", known[1], "healthCheck", "startPeriod")
    return _setting(known[0], path, check.start_period, 0, "taskDefinitionArn")


def _stops_all(item: Item[Service]) -> Setting[str] | None:
    """A rolling deployment keeps ceil(desired x minimum %) tasks and starts up to floor(desired x
    maximum %) (developer guide, "Deploy Amazon ECS services by replacing tasks")."""
    service, limits = item.value, item.value.deployment_configuration
    if limits is None or limits.minimum_healthy_percent != 0 or not _rolling(item):
        return None
    most = limits.maximum_percent
    if most is None:
        return None
    wanted = service.desired_count or 1
    if most > 100 and (service.desired_count is None or wanted * most // 100 > wanted):
        return None
    word = item.part.word("minimumHealthyPercent")
    path = ("deploymentConfiguration", "minimumHealthyPercent")
    return Setting(word, "0", Origin.SET, item.at(*path))


def _rolling(item: Item[Service]) -> bool:
    """Is it ECS itself that replaces tasks, a few at a time?"""
    service, limits = item.value, item.value.deployment_configuration
    controller = service.deployment_controller
    unknown = (
        ("schedulingStrategy",),
        ("deploymentController", "type"),
        ("deploymentConfiguration", "strategy"),
    )
    return (
        service.scheduling_strategy in (None, "REPLICA")
        and (controller is None or controller.type in (None, "ECS"))
        and (limits is None or limits.strategy in (None, "ROLLING"))
        and not any(item.unknown(*steps) for steps in unknown)
    )


def _setting(
    item: Item[Any], steps: tuple[str | int, ...], value: float | None, default: float, owner: str
) -> Setting[float] | None:
    """A time or a number in force, as set or its default at its owner; None where nobody knows."""
    word = item.part.word(str(steps[-1]))
    if value is not None:
        usual = value == default and not item.part.written
        return Setting(word, value, Origin.DEFAULT if usual else Origin.SET, item.at(*steps))
    if item.unknown(*steps):
        return None
    return Setting(word, default, Origin.DEFAULT, item.at(owner))
