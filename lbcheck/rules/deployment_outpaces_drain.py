"""LB421: a deployment takes targets away faster than sockets can leave them."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Deployment, Origin, Pool, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.compute_examples import (
    CLOUDFORMATION,
    ON_INSTANCES,
    ON_KEPT_INSTANCES,
    ON_TASKS,
    ON_TERRAFORM,
)
from lbcheck.rules.example_parts import GROUP, INGRESS_HAPROXY, INGRESS_NGINX, POD
from lbcheck.rules.pool_examples import at

_CURT_S = 10.0
"""Shorter is lowered on purpose, and below what one library alone waits for the answer to its
goodbye (websockets, close_timeout)."""
_QUICK_S = 30.0
"""So soon a service that is still starting may be called dead."""


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    for deployment in pool.deployments:
        if deployment.stop_time is not None:
            yield from _cut_off(deployment, deployment.stop_time, profile.drain.time_s)
        if deployment.start_grace is not None:
            yield from _ended_early(deployment, deployment.start_grace, pool)
        if deployment.stops_all is not None:
            yield Problem(
                deployment.stops_all.place,
                f"`{deployment.stops_all.name}` {deployment.stops_all.value} lets "
                f"{deployment.name} stop every target before a new one has started: all WebSockets "
                "end at once, and nobody takes them",
            )
        if deployment.blind is not None:
            yield Problem(
                deployment.blind.place,
                f"{deployment.name} does not hear the health checks of `{pool.name}` "
                f"(`{deployment.blind.name}` is {deployment.blind.value}): a target that fails "
                "them is never replaced",
            )


def _cut_off(
    deployment: Deployment, stop: Setting[float], needed: float | None
) -> Iterator[Problem]:
    if needed is None:
        if stop.origin is not Origin.SET or stop.value >= _CURT_S:
            return
        reason = "open WebSockets have no time for a goodbye"
    elif stop.value < needed:
        reason = f"the service needs {human(needed)} to end its WebSockets"
    else:
        return
    most = deployment.stop_limit_s
    if most is not None and needed is not None and most < needed:
        reason += f"; more than {human(most)} is not to be had there"
    if stop.assumed:
        reason += f" (as far as {stop.assumed})"
    yield Problem(
        stop.place,
        f"{deployment.name} ends a target {human(stop.value)} after it was told to go "
        f"(`{stop.name}`); {reason}",
    )


def _ended_early(deployment: Deployment, grace: Setting[float], pool: Pool) -> Iterator[Problem]:
    """A failed check of the load balancer ends a new target, unless it is in its grace period."""
    dead_after, start = pool.check.detection_s, deployment.start_time
    if dead_after is None:
        return
    allowed = max(grace.value, dead_after)
    if start is not None and allowed < start.value:
        reason = f"`{start.name}` says that it needs {human(start.value)}"
    elif grace.origin is Origin.SET and grace.value <= 0 and dead_after < _QUICK_S:
        reason = "one that is still starting is ended before it ever served"
    else:
        return
    yield Problem(
        grace.place,
        f"{deployment.name} ends a new target whose health check fails for {human(allowed)} "
        f"(`{grace.name}` is {human(grace.value)}); {reason}",
    )


RULE = Rule(
    code="LB421",
    name="deployment-outpaces-drain",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="A deployment stops targets before their sockets could leave or new ones are there.",
    why=(
        "What stops a target has a clock of its own beside the load balancer's: ECS kills a task "
        "`stopTimeout` seconds after it was told to stop, an Auto Scaling group ends an instance "
        "after the deregistration delay, and a rollout may stop the old before the new has "
        "started. Kubernetes kills a pod `terminationGracePeriodSeconds` after it was told to go, "
        "30 by default, of which a `preStop` hook takes its part. Sockets that are open then end "
        "with 1006, all in the same moment."
    ),
    remedy=(
        "Give tasks as much `stopTimeout` as the service needs for its goodbyes (on Fargate 120 s "
        "at most), a grace period as long as the start takes, keep at least one task "
        "(`minimumHealthyPercent` 100 and `maximumPercent` 200), let the Auto Scaling group hear "
        "the load balancer's checks (`HealthCheckType` ELB), and hold an instance that is to end "
        "with a lifecycle hook. Kubernetes: `terminationGracePeriodSeconds` longer than the hook "
        "and the goodbyes together."
    ),
    references=(
        "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks-overview.html",
    ),
    examples=(
        Example(
            Vendor.AWS,
            bad=ON_TASKS.replace('"stopTimeout": 90', '"stopTimeout": 30'),
            good=ON_TASKS,
            profile="extends: default\ndrain:\n  time_s: 90\n",
            here=("TaskDefinitions/0/containerDefinitions/0/stopTimeout",),
        ),
        Example(
            Vendor.AWS,
            bad=ON_TASKS.replace('"maximumPercent": 200', '"maximumPercent": 100').replace(
                '"minimumHealthyPercent": 100', '"minimumHealthyPercent": 0'
            ),
            good=ON_TASKS,
            here=("Services/0/deploymentConfiguration/minimumHealthyPercent",),
        ),
        Example(
            Vendor.AWS,
            bad=ON_INSTANCES.replace('"HealthCheckType": "ELB"', '"HealthCheckType": "EC2"'),
            good=ON_INSTANCES,
            here=("AutoScalingGroups/0/HealthCheckType",),
        ),
        Example(
            Vendor.AWS,
            bad=ON_KEPT_INSTANCES,
            good=ON_KEPT_INSTANCES.replace(
                '"LifecycleHooks": []',
                '"LifecycleHooks": [\n    {"AutoScalingGroupName": "chat", "LifecycleHookName": '
                '"goodbye",\n     "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",\n'
                '     "HeartbeatTimeout": 900}\n  ]',
            ),
            profile="extends: default\ndrain:\n  time_s: 600\nrules:\n  LB413: 'off'\n",
            here=(at("TargetGroupAttributes", GROUP, 0),),
        ),
        Example(
            Vendor.AWS,
            kind="cloudformation",
            bad=CLOUDFORMATION.replace("StopTimeout: 90", "StopTimeout: 2  # <- here").replace(
                "Seconds: 60", "Seconds: 0  # <- here"
            ),
            good=CLOUDFORMATION,
        ),
        Example(
            Vendor.AWS,
            kind="terraform",
            bad=ON_TERRAFORM.replace("percent = 100", "percent = 0  # <- here").replace(
                "percent         = 200", "percent         = 100"
            ),
            good=ON_TERRAFORM,
        ),
        *(
            Example(
                vendor,
                kind="kubernetes",
                bad=ingress + POD.replace("Seconds: 120", "Seconds: 60  # <- here"),
                good=ingress + POD,
                profile="extends: default\ndrain:\n  time_s: 90\n",
            )
            for vendor, ingress in (
                (Vendor.NGINX, INGRESS_NGINX),
                (Vendor.HAPROXY, INGRESS_HAPROXY),
            )
        ),
    ),
)
