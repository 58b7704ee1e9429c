"""Ask AWS what runs behind target groups: Auto Scaling, ECS and EC2.

All of it is optional. Whoever refuses the first call of a service is not asked again, and the audit
is as complete as without. Of the answers only what is judged is kept: they have secrets in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lbcheck.sources.aws_asker import Asker
from lbcheck.sources.aws_session import Call, Session

_PAGE = 100  # the most that ECS and Auto Scaling give at once
_MACHINES = 200  # values of one filter of DescribeInstances
_SERVICES = 10  # services in one DescribeServices
_TASKS = 100  # tasks in one DescribeTasks
_MACHINE_PAGE = 1000

Kept = Mapping[str, Any]
"""Fields that are kept; None: the whole value"""

_SCALING: Kept = {
    "AutoScalingGroupName": None,
    "TargetGroupARNs": None,
    "TrafficSources": None,
    "HealthCheckType": None,
    "Instances": {"InstanceId": None, "LifecycleState": None},
}
_HOOK: Kept = {
    "AutoScalingGroupName": None,
    "LifecycleHookName": None,
    "LifecycleTransition": None,
    "HeartbeatTimeout": None,
}
_RESERVATION: Kept = {"Instances": {"InstanceId": None, "State": None}}
_SERVICE: Kept = {
    "serviceName": None,
    "clusterArn": None,
    "loadBalancers": {
        "targetGroupArn": None,
        "containerName": None,
        "containerPort": None,
        "advancedConfiguration": {"alternateTargetGroupArn": None},
    },
    "taskDefinition": None,
    "launchType": None,
    "capacityProviderStrategy": None,
    "schedulingStrategy": None,
    "desiredCount": None,
    "healthCheckGracePeriodSeconds": None,
    "deploymentConfiguration": {
        "minimumHealthyPercent": None,
        "maximumPercent": None,
        "strategy": None,
    },
    "deploymentController": None,
}
_DEFINITION: Kept = {
    "taskDefinitionArn": None,
    "requiresCompatibilities": None,
    "containerDefinitions": {
        "name": None,
        "stopTimeout": None,
        "healthCheck": {"startPeriod": None},
    },
}
_TASK: Kept = {
    "taskArn": None,
    "clusterArn": None,
    "group": None,
    "lastStatus": None,
    "desiredStatus": None,
    "attachments": {"details": {"name": None, "value": None}},
    "containers": {"name": None, "networkInterfaces": {"privateIpv4Address": None}},
}


def read(
    session: Session,
    document: dict[str, Any],
    errors: list[dict[str, str]],
    groups: Sequence[str],
) -> None:
    """Add to a snapshot document what runs behind some of its target groups."""
    kinds = {one["TargetGroupArn"]: one.get("TargetType") for one in document["TargetGroups"]}
    machines = {arn for arn in groups if kinds.get(arn) == "instance"}
    tasks = machines | {arn for arn in groups if kinds.get(arn) == "ip"}
    if machines:
        _read_scaling(Asker(session, "autoscaling", errors), document, machines)
        healthy = _healthy(document, machines)
        if healthy:  # the API's model is a large one to load
            _read_machines(Asker(session, "ec2", errors), document, healthy)
    if tasks:
        _read_services(Asker(session, "ecs", errors), document, tasks)


def _read_scaling(asker: Asker, document: dict[str, Any], groups: set[str]) -> None:
    call = Call("describe_auto_scaling_groups", "AutoScalingGroups", page=_PAGE)
    answer = asker.maybe("Auto Scaling groups", call)
    if answer is None:
        return
    scaling = [one for one in answer if groups & _scaled(one)]
    document["AutoScalingGroups"] = _kept(scaling, _SCALING)
    named = [{"AutoScalingGroupName": one["AutoScalingGroupName"]} for one in scaling]
    calls = [Call("describe_lifecycle_hooks", "LifecycleHooks", own) for own in named]
    hooks = asker.stage("lifecycle hooks", calls)
    if None not in hooks:  # else nobody knows which groups have none
        document["LifecycleHooks"] = _kept(_joined(hooks), _HOOK)


def _scaled(group: dict[str, Any]) -> set[str]:
    sources = (one.get("Identifier", "") for one in group.get("TrafficSources", []))
    return {*group.get("TargetGroupARNs", []), *sources}


def _healthy(document: dict[str, Any], groups: set[str]) -> list[str]:
    """The instances that a group takes for healthy."""
    described = (one for arn in groups for one in document["TargetHealth"].get(arn, []))
    return sorted(
        {
            one["Target"]["Id"]
            for one in described
            if one.get("TargetHealth", {}).get("State") == "healthy"
        }
    )


def _read_machines(asker: Asker, document: dict[str, Any], healthy: Sequence[str]) -> None:
    # By a filter: asked for by its id, one instance that is gone would fail the whole call.
    filters = [{"Name": "instance-id", "Values": some} for some in _cut(healthy, _MACHINES)]
    first, *others = (
        Call("describe_instances", "Reservations", {"Filters": [one]}, _MACHINE_PAGE)
        for one in filters
    )
    answer = asker.maybe("instances", first)
    if answer is not None:
        answers = [answer, *asker.stage("more instances", others)]
        document["Reservations"] = _kept(_joined(answers), _RESERVATION)


def _read_services(asker: Asker, document: dict[str, Any], groups: set[str]) -> None:
    clusters = asker.maybe("ECS clusters", Call("list_clusters", "clusterArns", page=_PAGE))
    if not clusters:
        return
    listing = [
        Call("list_services", "serviceArns", {"cluster": cluster}, _PAGE) for cluster in clusters
    ]
    listed = asker.stage("ECS services", listing)
    described = asker.stage(
        "what they do",
        [
            Call("describe_services", "services", {"cluster": cluster, "services": some})
            for cluster, arns in zip(clusters, listed, strict=True)
            for some in _cut(arns or [], _SERVICES)
        ],
    )
    services = [one for one in _joined(described) if groups & _balanced(one)]
    document["Services"] = _kept(services, _SERVICE)
    _read_definitions(asker, document, services)
    _read_tasks(asker, document, services)


def _balanced(service: dict[str, Any]) -> set[str]:
    """The target groups of a service."""
    every = service.get("loadBalancers", [])
    other = (one.get("advancedConfiguration", {}) for one in every)
    return {
        *(one.get("targetGroupArn", "") for one in every),
        *(one.get("alternateTargetGroupArn", "") for one in other),
    }


def _read_definitions(
    asker: Asker, document: dict[str, Any], services: Sequence[dict[str, Any]]
) -> None:
    arns = sorted({one["taskDefinition"] for one in services if one.get("taskDefinition")})
    calls = [
        Call("describe_task_definition", "taskDefinition", {"taskDefinition": arn}) for arn in arns
    ]
    answers = asker.stage("ECS task definitions", calls)
    document["TaskDefinitions"] = _kept(_joined(answers), _DEFINITION)


def _read_tasks(asker: Asker, document: dict[str, Any], services: Sequence[dict[str, Any]]) -> None:
    """Those that are to run and those that are to stop, which are two lists."""
    wanted = [
        {"cluster": one["clusterArn"], "serviceName": one["serviceName"], "desiredStatus": status}
        for one in services
        for status in ("RUNNING", "STOPPED")
    ]
    calls = [Call("list_tasks", "taskArns", own, _PAGE) for own in wanted]
    listed = asker.stage("ECS tasks", calls)
    described = asker.stage(
        "where they run",
        [
            Call("describe_tasks", "tasks", {"cluster": own["cluster"], "tasks": some})
            for own, arns in zip(wanted, listed, strict=True)
            for some in _cut(arns or [], _TASKS)
        ],
    )
    document["Tasks"] = _kept(_joined(described), _TASK)


def _cut(values: Sequence[str], size: int) -> list[Sequence[str]]:
    return [values[at : at + size] for at in range(0, len(values), size)]


def _joined(answers: Sequence[list[Any] | None]) -> list[Any]:
    return [one for answer in answers for one in answer or ()]


def _kept(value: Any, fields: Kept | None) -> Any:
    """A value with these fields only, all the way down."""
    if fields is None:
        return value
    if isinstance(value, list):
        return [_kept(one, fields) for one in value]
    return {name: _kept(value[name], inner) for name, inner in fields.items() if name in value}
