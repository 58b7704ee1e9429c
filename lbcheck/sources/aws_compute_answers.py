"""The answers about what runs behind target groups: Auto Scaling, ECS, EC2; only what is judged.

Each API has its own spelling, which is kept: `AutoScalingGroupName`, `serviceArn`.
"""

from __future__ import annotations

from msgspec import Struct, field


class Pascal(Struct, frozen=True, rename="pascal"):
    """Auto Scaling and EC2."""


class Camel(Struct, frozen=True, rename="camel"):
    """ECS."""


class ScalingInstance(Pascal, frozen=True):
    instance_id: str | None = None
    lifecycle_state: str | None = None


class TrafficSource(Pascal, frozen=True):
    identifier: str | None = None


class ScalingGroup(Pascal, frozen=True):
    auto_scaling_group_name: str | None = None
    target_group_arns: list[str] | None = field(default=None, name="TargetGroupARNs")
    traffic_sources: list[TrafficSource] | None = None
    health_check_type: str | None = None
    instances: list[ScalingInstance] | None = None


class LifecycleHook(Pascal, frozen=True):
    auto_scaling_group_name: str | None = None
    lifecycle_transition: str | None = None
    heartbeat_timeout: int | None = None


class MachineState(Pascal, frozen=True):
    name: str | None = None


class Machine(Pascal, frozen=True):
    """An EC2 instance."""

    instance_id: str | None = None
    state: MachineState | None = None


class Reservation(Pascal, frozen=True):
    instances: list[Machine] | None = None


class Alternate(Camel, frozen=True):
    alternate_target_group_arn: str | None = None


class Balanced(Camel, frozen=True):
    """Which container of a service is behind which target group."""

    target_group_arn: str | None = None
    container_name: str | None = None
    advanced_configuration: Alternate | None = None


class DeploymentConfiguration(Camel, frozen=True):
    minimum_healthy_percent: int | None = None
    maximum_percent: int | None = None
    strategy: str | None = None


class Controller(Camel, frozen=True):
    type: str | None = None


class Provider(Camel, frozen=True):
    capacity_provider: str | None = None


class Service(Camel, frozen=True):
    service_name: str | None = None
    cluster_arn: str | None = None
    load_balancers: list[Balanced] | None = None
    task_definition: str | None = None
    launch_type: str | None = None
    capacity_provider_strategy: list[Provider] | None = None
    scheduling_strategy: str | None = None
    desired_count: int | None = None
    health_check_grace_period_seconds: int | None = None
    deployment_configuration: DeploymentConfiguration | None = None
    deployment_controller: Controller | None = None


class ContainerCheck(Camel, frozen=True):
    start_period: int | None = None


class ContainerDefinition(Camel, frozen=True):
    name: str | None = None
    stop_timeout: int | None = None
    health_check: ContainerCheck | None = None


class TaskDefinition(Camel, frozen=True):
    task_definition_arn: str | None = None
    requires_compatibilities: list[str] | None = None
    container_definitions: list[ContainerDefinition] | None = None


class Detail(Camel, frozen=True):
    name: str | None = None
    value: str | None = None


class Attachment(Camel, frozen=True):
    details: list[Detail] | None = None


class Interface(Camel, frozen=True):
    private_ipv4_address: str | None = None


class Container(Camel, frozen=True):
    network_interfaces: list[Interface] | None = None


class Task(Camel, frozen=True):
    task_arn: str | None = None
    cluster_arn: str | None = None
    group: str | None = None
    last_status: str | None = None
    desired_status: str | None = None
    attachments: list[Attachment] | None = None
    containers: list[Container] | None = None

    @property
    def addresses(self) -> set[str]:
        """The private addresses of its network interfaces."""
        found = {
            detail.value or ""
            for attachment in self.attachments or ()
            for detail in attachment.details or ()
            if detail.name == "privateIPv4Address"
        }
        found |= {
            interface.private_ipv4_address or ""
            for container in self.containers or ()
            for interface in container.network_interfaces or ()
        }
        return found - {""}
