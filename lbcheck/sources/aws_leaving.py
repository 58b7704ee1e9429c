"""Targets that are about to stop, by what ECS, Auto Scaling and EC2 say of them.

Each source gives reasons by the target's id: an instance or an address.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from lbcheck.model import Leaving, State, Target
from lbcheck.sources.aws_answers import HealthDescription
from lbcheck.sources.aws_compute_answers import Machine, ScalingGroup, Task
from lbcheck.sources.aws_inventory import Item

Reasons = dict[str, Leaving]
_STOPPING = frozenset({"stopping", "shutting-down", "stopped", "terminated"})
_LIFECYCLE = ("Terminating", "Detaching", "EnteringStandby", "Standby")
# Of a task that has stopped the address may be another's by now.
_TASK = frozenset({"DEACTIVATING", "STOPPING"})
_GONE = frozenset({"DEPROVISIONING", "STOPPED", "DELETED"})


def machines(items: Iterable[Item[Machine]]) -> Reasons:
    """Instances that EC2 is stopping."""
    return {
        item.resource: Leaving(f"EC2 says of its instance: `{state}`", item.at("State"))
        for item in items
        if (state := item.value.state and item.value.state.name) in _STOPPING
    }


def scaled(groups: Iterable[Item[ScalingGroup]]) -> Reasons:
    """Instances that their Auto Scaling group takes out (their lifecycle states)."""
    found = {}
    for item in groups:
        for at, instance in enumerate(item.value.instances or ()):
            state = instance.lifecycle_state or ""
            if state.startswith(_LIFECYCLE):
                reason = f"its Auto Scaling group `{item.resource}` has it in `{state}`"
                place = item.at("Instances", at, "LifecycleState")
                found[instance.instance_id or ""] = Leaving(reason, place)
    return found


def tasks(items: Iterable[Item[Task]]) -> Reasons:
    """Addresses of tasks that ECS is stopping; not where one that stays has the same."""
    found: Reasons = {}
    staying: set[str] = set()
    for item in items:
        task = item.value
        if task.last_status in _GONE:
            continue
        leaving = _leaving(item)
        if leaving is None:
            staying |= task.addresses
        else:
            found.update(dict.fromkeys(task.addresses, leaving))
    return {address: known for address, known in found.items() if address not in staying}


def _leaving(item: Item[Task]) -> Leaving | None:
    task = item.value
    if task.last_status in _TASK:
        return Leaving(f"ECS says of its task: `{task.last_status}`", item.at("lastStatus"))
    if task.desired_status == "STOPPED":
        return Leaving("ECS wants its task `STOPPED`", item.at("desiredStatus"))
    return None


def marked(
    targets: tuple[Target, ...], health: Item[list[HealthDescription]] | None, reasons: Reasons
) -> tuple[Target, ...]:
    """The targets, the healthy ones of which are leaving where there is a reason.

    Args: health: what the targets were made of, in their order.
    """
    if health is None or not reasons:
        return targets
    found = []
    for target, described in zip(targets, health.value, strict=True):
        reason = reasons.get((described.target and described.target.id) or "")
        if reason is not None and target.state is State.HEALTHY and target.leaving is None:
            target = replace(target, leaving=reason)
        found.append(target)
    return tuple(found)
