"""The answers of the ELB API, under botocore's own names: only the fields that are judged.

Every field may be absent: saved answers are often trimmed, and what is absent counts as not read.
Unknown fields are ignored, so that a newer API does not make an answer unreadable.
"""

from __future__ import annotations

from msgspec import Struct, field

from lbcheck.sources.aws_compute_answers import (
    LifecycleHook,
    Reservation,
    ScalingGroup,
    Service,
    Task,
    TaskDefinition,
)


class Answer(Struct, frozen=True, rename="pascal"):
    """Python's `target_group_arn` is the API's `TargetGroupArn`."""


class LoadBalancer(Answer, frozen=True):
    load_balancer_arn: str | None = None
    load_balancer_name: str | None = None
    type: str | None = None


class Attribute(Answer, frozen=True):
    """Values are strings in the API; hand-written answers have numbers and booleans."""

    key: str | None = None
    value: str | int | float | bool | None = None

    @property
    def text(self) -> str:
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return str(self.value)


class Weighted(Answer, frozen=True):
    target_group_arn: str | None = None
    weight: int | None = None


class GroupStickiness(Answer, frozen=True):
    enabled: bool | None = None


class ForwardConfig(Answer, frozen=True):
    target_groups: list[Weighted] | None = None
    target_group_stickiness_config: GroupStickiness | None = None


class Authentication(Answer, frozen=True):
    on_unauthenticated_request: str | None = None


class RedirectConfig(Answer, frozen=True):
    protocol: str | None = None
    port: str | int | None = None
    host: str | None = None
    path: str | None = None
    status_code: str | int | None = None


class FixedResponse(Answer, frozen=True):
    status_code: str | int | None = None


class Action(Answer, frozen=True):
    type: str | None = None
    target_group_arn: str | None = None
    order: int | None = None
    forward_config: ForwardConfig | None = None
    redirect_config: RedirectConfig | None = None
    fixed_response_config: FixedResponse | None = None
    authenticate_oidc_config: Authentication | None = None
    authenticate_cognito_config: Authentication | None = None


class Values(Answer, frozen=True):
    values: list[str] | None = None
    regex_values: list[str] | None = None
    http_header_name: str | None = None


class Condition(Answer, frozen=True):
    field: str | None = None
    values: list[str] | None = None
    regex_values: list[str] | None = None
    path_pattern_config: Values | None = None
    host_header_config: Values | None = None
    http_header_config: Values | None = None
    http_request_method_config: Values | None = None


class Rule(Answer, frozen=True):
    rule_arn: str | None = None
    priority: str | int | None = None
    conditions: list[Condition] | None = None
    actions: list[Action] | None = None


class Listener(Answer, frozen=True):
    listener_arn: str | None = None
    load_balancer_arn: str | None = None
    port: int | None = None
    protocol: str | None = None
    default_actions: list[Action] | None = None


class Matcher(Answer, frozen=True):
    http_code: str | int | None = None


class TargetGroup(Answer, frozen=True):
    target_group_arn: str | None = None
    target_group_name: str | None = None
    protocol: str | None = None
    protocol_version: str | None = None
    port: int | None = None
    target_type: str | None = None
    target_control_port: int | None = None
    load_balancer_arns: list[str] | None = None
    health_check_enabled: bool | None = None
    health_check_protocol: str | None = None
    health_check_port: str | int | None = None
    health_check_path: str | None = None
    health_check_interval_seconds: int | None = None
    health_check_timeout_seconds: int | None = None
    healthy_threshold_count: int | None = None
    unhealthy_threshold_count: int | None = None
    matcher: Matcher | None = None


class TargetDescription(Answer, frozen=True):
    id: str | None = None
    port: int | None = None
    availability_zone: str | None = None


class Health(Answer, frozen=True):
    state: str | None = None
    reason: str | None = None
    description: str | None = None


class HealthDescription(Answer, frozen=True):
    target: TargetDescription | None = None
    target_health: Health | None = None


class Tag(Answer, frozen=True):
    key: str | None = None
    value: str | None = None


class TagDescription(Answer, frozen=True):
    resource_arn: str | None = None
    tags: list[Tag] | None = None


class CallError(Answer, frozen=True):
    """A call that failed: lbcheck's own record, for the API has none."""

    operation: str | None = None
    resource: str | None = None
    code: str | None = None
    message: str | None = None


class ClassicListener(Answer, frozen=True):
    load_balancer_port: int | None = None
    protocol: str | None = None
    instance_port: int | None = None


class ClassicListenerDescription(Answer, frozen=True):
    listener: ClassicListener | None = None


class ClassicHealthCheck(Answer, frozen=True):
    target: str | None = None
    interval: int | None = None
    timeout: int | None = None
    unhealthy_threshold: int | None = None
    healthy_threshold: int | None = None


class Instance(Answer, frozen=True):
    instance_id: str | None = None


class ClassicBalancer(Answer, frozen=True):
    load_balancer_name: str | None = None
    listener_descriptions: list[ClassicListenerDescription] | None = None
    health_check: ClassicHealthCheck | None = None
    instances: list[Instance] | None = None


class ConnectionSettings(Answer, frozen=True):
    idle_timeout: int | None = None


class ConnectionDraining(Answer, frozen=True):
    enabled: bool | None = None
    timeout: int | None = None


class ClassicAttributes(Answer, frozen=True):
    connection_settings: ConnectionSettings | None = None
    connection_draining: ConnectionDraining | None = None


class InstanceState(Answer, frozen=True):
    instance_id: str | None = None
    state: str | None = None
    reason_code: str | None = None
    description: str | None = None


class Document(Answer, frozen=True):
    """A snapshot ("lbcheck-aws/1"), or one answer as the AWS command line prints it.

    `listeners` and `rules` are maps by ARN in a snapshot and flat lists in a command's answer;
    `attributes` and `target_health_descriptions` only exist in a command's answer, which does
    not say whose they are.
    """

    schema: str | None = field(default=None, name="schema")
    account: str | int | None = field(default=None, name="account")
    region: str | None = field(default=None, name="region")
    load_balancers: list[LoadBalancer] | None = None
    load_balancer_attributes: dict[str, list[Attribute]] | None = None
    listeners: dict[str, list[Listener]] | list[Listener] | None = None
    listener_attributes: dict[str, list[Attribute]] | None = None
    rules: dict[str, list[Rule]] | list[Rule] | None = None
    target_groups: list[TargetGroup] | None = None
    target_group_attributes: dict[str, list[Attribute]] | None = None
    target_health: dict[str, list[HealthDescription]] | None = None
    tags: dict[str, list[Tag]] | None = None
    errors: list[CallError] | None = None
    attributes: list[Attribute] | None = None
    target_health_descriptions: list[HealthDescription] | None = None
    tag_descriptions: list[TagDescription] | None = None
    load_balancer_descriptions: list[ClassicBalancer] | None = None
    auto_scaling_groups: list[ScalingGroup] | None = None
    lifecycle_hooks: list[LifecycleHook] | None = None
    reservations: list[Reservation] | None = None
    services: list[Service] | None = None
    task_definitions: list[TaskDefinition] | None = None
    tasks: list[Task] | None = None
    printed_services: list[Service] | None = field(default=None, name="services")
    """as the command line prints it, like the two below"""
    printed_tasks: list[Task] | None = field(default=None, name="tasks")
    printed_definition: TaskDefinition | None = field(default=None, name="taskDefinition")
    classic_attributes: dict[str, ClassicAttributes] | None = None
    """of classic load balancers, by name: lbcheck's own section"""
    instance_states: dict[str, list[InstanceState]] | None = None
    """likewise"""

    @property
    def partial(self) -> bool:
        """One command's answer, which needs those beside it; not a whole snapshot."""
        return self.schema is None and not (
            isinstance(self.listeners, dict) or isinstance(self.rules, dict)
        )

    @property
    def empty(self) -> bool:
        """Nothing of the API is in it."""
        own = ("schema", "account", "region", "errors")
        return all(getattr(self, n) is None for n in self.__struct_fields__ if n not in own)
