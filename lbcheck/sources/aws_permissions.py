"""What lbcheck asks AWS for, and so what it must be allowed to: tiers of a least-privilege policy.

Describe calls of the ELB API know no resources (Service Authorization Reference, "Actions,
resources, and condition keys for Elastic Load Balancing V2"): the policy's resource is `*`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from lbcheck.sources import aws_session
from lbcheck.sources.aws_session import Call, Failure, Session


class Probe(Struct, frozen=True):
    """One action, and a call of it about something that does not exist: who is allowed hears
    "not found", who is not hears "denied"."""

    service: str
    call: Call

    @property
    def action(self) -> str:
        prefix = "elasticloadbalancing" if self.service in ("elb", "elbv2") else self.service
        return f"{prefix}:{self.call.operation}"


class Tier(Struct, frozen=True):
    """Permissions that belong together. `purpose` is what needs them."""

    name: str
    purpose: str
    probes: tuple[Probe, ...]

    @property
    def statement(self) -> dict[str, Any]:
        """The statement of an IAM policy."""
        return {
            "Sid": f"Lbcheck{self.name.capitalize()}",
            "Effect": "Allow",
            "Action": sorted(probe.action for probe in self.probes),
            "Resource": "*",
        }


class Permission(Struct, frozen=True):
    """Is an action allowed? None: AWS did not say. `said` is its answer where it is not yes."""

    action: str
    allowed: bool | None
    said: str = ""


_NONE = "arn:aws:elasticloadbalancing:us-east-1:000000000000"
_BALANCER = f"{_NONE}:loadbalancer/app/none/0123456789abcdef"
_LISTENER = f"{_NONE}:listener/app/none/0123456789abcdef/0123456789abcdef"
_GROUP = f"{_NONE}:targetgroup/none/0123456789abcdef"
_NAME = "lbcheck-none"
_TASK = "0123456789abcdef0123456789abcdef"
# What AWS says of parameters: who hears that was let in.
_HEARD = ("ClientException", "ValidationError", "InvalidParameterException")


def _elb(method: str, key: str, **arguments: Any) -> Probe:
    return Probe("elbv2", Call(method, key, arguments))


def _ecs(method: str, key: str, **arguments: Any) -> Probe:
    return Probe("ecs", Call(method, key, arguments, 100))


READ = Tier(
    "read",
    "lbcheck audit --aws, lbcheck snapshot aws",
    (
        _elb("describe_load_balancers", "LoadBalancers", Names=[_NAME]),
        _elb("describe_load_balancer_attributes", "Attributes", LoadBalancerArn=_BALANCER),
        _elb("describe_listeners", "Listeners", LoadBalancerArn=_BALANCER),
        _elb("describe_listener_attributes", "Attributes", ListenerArn=_LISTENER),
        _elb("describe_rules", "Rules", ListenerArn=_LISTENER),
        _elb("describe_target_groups", "TargetGroups", Names=[_NAME]),
        _elb("describe_target_group_attributes", "Attributes", TargetGroupArn=_GROUP),
        _elb("describe_target_health", "TargetHealthDescriptions", TargetGroupArn=_GROUP),
        _elb("describe_tags", "TagDescriptions", ResourceArns=[_BALANCER]),
        Probe(
            "elb", Call("describe_instance_health", "InstanceStates", {"LoadBalancerName": _NAME})
        ),
    ),
)
COMPUTE = Tier(
    "compute",
    "optional: what runs behind target groups (LB407, LB421)",
    (
        Probe(
            "autoscaling",
            Call(
                "describe_auto_scaling_groups",
                "AutoScalingGroups",
                {"AutoScalingGroupNames": [_NAME]},
            ),
        ),
        Probe(
            "autoscaling",
            Call("describe_lifecycle_hooks", "LifecycleHooks", {"AutoScalingGroupName": _NAME}),
        ),
        Probe(
            "ec2",
            Call(
                "describe_instances",
                "Reservations",
                {"Filters": [{"Name": "instance-id", "Values": ["i-0123456789abcdef0"]}]},
            ),
        ),
        _ecs("list_clusters", "clusterArns"),
        _ecs("list_services", "serviceArns", cluster=_NAME),
        _ecs("describe_services", "services", cluster=_NAME, services=[_NAME]),
        _ecs("describe_task_definition", "taskDefinition", taskDefinition=_NAME),
        _ecs("list_tasks", "taskArns", cluster=_NAME),
        _ecs("describe_tasks", "tasks", cluster=_NAME, tasks=[_TASK]),
    ),
)
REGIONS = Tier(
    "regions",
    "--region all",
    (Probe("ec2", Call("describe_regions", "Regions", {"RegionNames": ["us-east-1"]})),),
)
TIERS = (READ, COMPUTE, REGIONS)


def policy(tiers: Iterable[Tier]) -> dict[str, Any]:
    """An IAM policy document that allows the tiers and nothing else."""
    return {"Version": "2012-10-17", "Statement": [tier.statement for tier in tiers]}


def identity(session: Session) -> str:
    """The ARN of whoever asks. Raises: SourceError: nobody takes these credentials."""
    client = session.client("sts", hasty=True)
    answer = aws_session.first(client, Call("get_caller_identity", "Arn"), session.request)
    return answer.message if isinstance(answer, Failure) else str(answer[0])


def asked(session: Session, tier: Tier) -> Iterator[Permission]:
    """Try each action of a tier once.

    Raises: SourceError: nobody answers, or nobody takes these credentials.
    """
    for probe in tier.probes:
        client = session.client(probe.service, hasty=True)
        yield _permission(probe.action, aws_session.first(client, probe.call, session.request))


def _permission(action: str, answer: list[Any] | Failure) -> Permission:
    if not isinstance(answer, Failure) or "NotFound" in answer.code or answer.code in _HEARD:
        return Permission(action, True)
    refused = "Denied" in answer.code or "Unauthorized" in answer.code
    return Permission(action, False if refused else None, f"{answer.message} ({answer.code})")
