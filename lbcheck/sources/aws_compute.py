"""What runs behind target groups, by the groups that name it: Auto Scaling, ECS, EC2."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.sources.aws_compute_answers import (
    LifecycleHook,
    Machine,
    ScalingGroup,
    Service,
    Task,
    TaskDefinition,
)
from lbcheck.sources.aws_inventory import Inventory, Item
from lbcheck.sources.aws_snapshot import Path, Snapshot

Owner = tuple[str | None, str | None]
"""cluster and group of a task: `service:NAME`"""


class Compute:
    """The answers about what runs; of what is not in a map nothing was read.

    `scaling` and `services` by the ARNs of target groups, `hooks` by the name of the Auto Scaling
    group ("" where it is not known), None where hooks were not read.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.scaling: dict[str, list[Item[ScalingGroup]]] = {}
        self.hooks: dict[str, list[LifecycleHook]] | None = {} if inventory.written else None
        self.services: dict[str, list[Item[Service]]] = {}
        self.definitions: dict[str, Item[TaskDefinition]] = {}
        self.tasks: dict[Owner, list[Item[Task]]] = {}
        self.machines: list[Item[Machine]] = []
        self.inventory = inventory
        for part in inventory.parts:
            self._take_scaling(part)
            self._take_services(part)
            for at, reservation in enumerate(part.document.reservations or ()):
                for number, machine in enumerate(reservation.instances or ()):
                    path = ("Reservations", at, "Instances", number)
                    self.machines.append(Item(part, path, machine.instance_id or "", machine))

    @property
    def empty(self) -> bool:
        return not (self.scaling or self.services or self.machines)

    def _take_scaling(self, part: Snapshot) -> None:
        document = part.document
        for at, group in enumerate(document.auto_scaling_groups or ()):
            name = group.auto_scaling_group_name or ""
            item = Item(part, ("AutoScalingGroups", at), name, group)
            sources = (source.identifier for source in group.traffic_sources or ())
            for arn in {*(group.target_group_arns or ()), *sources} - {None}:
                self.scaling.setdefault(arn or "", []).append(item)
        if document.lifecycle_hooks is not None:
            self.hooks = self.hooks or {}
            for hook in document.lifecycle_hooks:
                self.hooks.setdefault(hook.auto_scaling_group_name or "", []).append(hook)

    def _take_services(self, part: Snapshot) -> None:
        document = part.document
        for name, services in (
            ("Services", document.services),
            ("services", document.printed_services),
        ):
            for at, service in enumerate(services or ()):
                item = Item(part, (name, at), service.service_name or "", service)
                for arn in set(_groups(service)):
                    self.services.setdefault(arn, []).append(item)
        for name, tasks in (("Tasks", document.tasks), ("tasks", document.printed_tasks)):
            for at, task in enumerate(tasks or ()):
                found = Item(part, (name, at), task.task_arn or "", task)
                self.tasks.setdefault((task.cluster_arn, task.group), []).append(found)
        for at, definition in enumerate(document.task_definitions or ()):
            self._define(part, ("TaskDefinitions", at), definition)
        if document.printed_definition is not None:
            self._define(part, ("taskDefinition",), document.printed_definition)

    def _define(self, part: Snapshot, path: Path, definition: TaskDefinition) -> None:
        arn = definition.task_definition_arn or ""
        self.definitions[arn] = Item(part, path, arn, definition)

    def tasks_of(self, arn: str) -> Iterator[Item[Task]]:
        """The tasks of the services that register them with a target group."""
        for item in self.services.get(arn, ()):
            service = item.value
            yield from self.tasks.get((service.cluster_arn, f"service:{service.service_name}"), ())


def _groups(service: Service) -> Iterator[str]:
    """The ARNs of the target groups that an ECS service registers its tasks with."""
    for own in service.load_balancers or ():
        other = own.advanced_configuration
        for arn in (own.target_group_arn, other and other.alternate_target_group_arn):
            if arn:
                yield arn
