"""Check a snapshot against botocore's own shapes: keys, types, required parts and enums."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, ServiceModel, Shape, StructureShape

SHAPES = {
    "AutoScalingGroups": ("list", "autoscaling/AutoScalingGroup"),
    "LifecycleHooks": ("list", "autoscaling/LifecycleHook"),
    "Reservations": ("list", "ec2/Reservation"),
    "Services": ("list", "ecs/Service"),
    "TaskDefinitions": ("list", "ecs/TaskDefinition"),
    "Tasks": ("list", "ecs/Task"),
    "LoadBalancers": ("list", "LoadBalancer"),
    "LoadBalancerAttributes": ("map", "LoadBalancerAttribute"),
    "Listeners": ("map", "Listener"),
    "ListenerAttributes": ("map", "ListenerAttribute"),
    "Rules": ("map", "Rule"),
    "TargetGroups": ("list", "TargetGroup"),
    "TargetGroupAttributes": ("map", "TargetGroupAttribute"),
    "TargetHealth": ("map", "TargetHealthDescription"),
    "Tags": ("map", "Tag"),
}
OWN = {"schema", "account", "region", "taken", "Errors"}
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "timestamp": str,
}


@cache
def model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def shape_of(name: str) -> Shape:
    """`ecs/Task`; of the ELB API without a service."""
    service, _, own = name.rpartition("/")
    return model(service or "elbv2").shape_for(own)


def violations(document: dict[str, Any]) -> list[str]:
    """What AWS would never answer: one line each, `Rules/arn/0/Priority: ...`."""
    found = []
    for section, value in document.items():
        if section in OWN:
            continue
        if section not in SHAPES:
            found.append(f"{section}: is no section of a snapshot")
            continue
        kind, name = SHAPES[section]
        shape = shape_of(name)
        if kind == "list":
            # Of the answers of other APIs only what is judged is kept.
            lines = _elements(value, shape, section)
            found += [line for line in lines if "/" not in name or ": lacks " not in line]
        elif not isinstance(value, dict):
            found.append(f"{section}: must be a map by ARN")
        else:
            for arn, values in value.items():
                found += _elements(values, shape, f"{section}/{arn}")
    return found


def _elements(values: Any, shape: Shape, path: str) -> list[str]:
    if not isinstance(values, list):
        return [f"{path}: must be a list"]
    return [
        line for at, value in enumerate(values) for line in _value(value, shape, f"{path}/{at}")
    ]


def _value(value: Any, shape: Shape, path: str) -> list[str]:
    if isinstance(shape, StructureShape):
        return _structure(value, shape, path)
    if isinstance(shape, ListShape):
        return _elements(value, shape.member, path)
    wanted = TYPES[shape.type_name]
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        return [f"{path}: {value!r} is no {shape.type_name}"]
    allowed = getattr(shape, "enum", [])
    if allowed and value not in allowed:
        return [f"{path}: {value!r} is none of {', '.join(allowed)}"]
    return []


def _structure(value: Any, shape: StructureShape, path: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{path}: must be an object"]
    found = [f"{path}: lacks {name}" for name in shape.required_members if name not in value]
    for name, member in value.items():
        if name in shape.members:
            found += _value(member, shape.members[name], f"{path}/{name}")
        else:
            found.append(f"{path}: {name} is unknown to botocore")
    return found
