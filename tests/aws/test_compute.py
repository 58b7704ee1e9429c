"""What runs behind target groups: asked over real HTTP, only where needed, and never required."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from moto.ecs.models import Task

from lbcheck.audit import Report
from lbcheck.model import Declared, Level
from lbcheck.run import Options, run
from lbcheck.sources import aws_fetch, aws_fetch_compute, aws_snapshot
from lbcheck.sources.aws_request import Request, Scope
from tests.aws import shapes
from tests.aws.conftest import REGION, Cloud
from tests.aws.gate import Gate, open_gate
from tests.aws.test_rate import Count


def behind(cloud: Cloud, group: str) -> None:
    """A load balancer with `/ws/*` on a group; the default goes to pages."""
    cloud.rule(cloud.listener(cloud.balancer("chat"), cloud.group("pages")), group, "/ws/*")


def scaled(cloud: Cloud, group: str) -> list[str]:
    """The two instances of an Auto Scaling group `chat` that is attached to a group."""
    image = cloud.ec2.describe_images()["Images"][0]["ImageId"]
    cloud.scaling.create_launch_configuration(
        LaunchConfigurationName="chat", ImageId=image, InstanceType="t3.micro"
    )
    cloud.scaling.create_auto_scaling_group(
        AutoScalingGroupName="chat",
        LaunchConfigurationName="chat",
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=2,
        VPCZoneIdentifier=cloud.subnets[0],
        TargetGroupARNs=[group],
        HealthCheckType="ELB",
    )
    found = cloud.scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]
    return [one["InstanceId"] for one in found["Instances"]]


def service(cloud: Cloud, group: str) -> tuple[str, str]:
    """A task of an ECS service `chat` that is registered with a group; its ARN and address."""
    known = cloud.ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    network = {"awsvpcConfiguration": {"subnets": cloud.subnets[:1], "securityGroups": [known]}}
    cloud.ecs.create_cluster(clusterName="main")
    cloud.ecs.register_task_definition(
        family="chat",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=[
            {
                "name": "chat",
                "image": "example/chat",
                "memory": 128,
                "stopTimeout": 2,
                "environment": [{"name": "TOKEN", "value": "hunter2"}],
            }
        ],
    )
    cloud.ecs.create_service(
        cluster="main",
        serviceName="chat",
        taskDefinition="chat",
        desiredCount=1,
        launchType="FARGATE",
        loadBalancers=[{"targetGroupArn": group, "containerName": "chat", "containerPort": 8080}],
        networkConfiguration=network,
    )
    task = cloud.ecs.run_task(
        cluster="main",
        taskDefinition="chat",
        launchType="FARGATE",
        group="service:chat",
        networkConfiguration=network,
    )["tasks"][0]
    details = task["attachments"][0]["details"]
    address = next(one["value"] for one in details if one["name"] == "privateIPv4Address")
    cloud.elb.register_targets(TargetGroupArn=group, Targets=[{"Id": address, "Port": 8080}])
    return task["taskArn"], address


def audit(url: str) -> Report:
    request = Request(region=REGION, endpoint_url=url)
    return run([], Options(aws=(request,), select=("LB407", "LB421")))


def said(report: Report) -> list[tuple[str, str]]:
    return [(finding.code, finding.message) for finding in report.findings]


def test_an_instance_in_standby_is_leaving(cloud: Cloud) -> None:
    group = cloud.group("chat-ws", TargetType="instance")
    behind(cloud, group)
    one, other = scaled(cloud, group)
    assert said(audit(cloud.endpoint)) == []
    cloud.scaling.enter_standby(
        AutoScalingGroupName="chat", InstanceIds=[one], ShouldDecrementDesiredCapacity=True
    )
    for instance in (one, other):
        cloud.force(group, instance, "healthy", "", "")
    assert said(audit(cloud.endpoint)) == [
        (
            "LB407",
            f"`{one}:8080` is healthy in `chat-ws` and gets new WebSockets, though its Auto "
            "Scaling group `chat` has it in `Standby`",
        )
    ]


def test_an_instance_that_ec2_stops_is_leaving(cloud: Cloud) -> None:
    group = cloud.group("chat-ws", TargetType="instance")
    behind(cloud, group)
    image = cloud.ec2.describe_images()["Images"][0]["ImageId"]
    made = cloud.ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"]
    instance = made[0]["InstanceId"]
    cloud.elb.register_targets(TargetGroupArn=group, Targets=[{"Id": instance, "Port": 8080}])
    cloud.force(group, instance, "healthy", "", "")
    assert said(audit(cloud.endpoint)) == []
    cloud.ec2.stop_instances(InstanceIds=[instance])
    assert said(audit(cloud.endpoint)) == [
        (
            "LB407",
            f"`{instance}:8080` is healthy in `chat-ws` and gets new WebSockets, though EC2 says "
            "of its instance: `stopped`",
        )
    ]


def test_a_task_that_ecs_stops_is_leaving(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    group = cloud.group("chat-ws")
    behind(cloud, group)
    _, address = service(cloud, group)
    stops = (
        "LB421",
        "the ECS service `chat` ends a target 2s after it was told to go (`stopTimeout`); open "
        "WebSockets have no time for a goodbye",
    )
    assert said(audit(cloud.endpoint)) == [stops]
    monkeypatch.setattr(Task, "last_status", "DEACTIVATING")
    assert said(audit(cloud.endpoint)) == [
        (
            "LB407",
            f"`{address}:8080` is healthy in `chat-ws` and gets new WebSockets, though ECS says "
            "of its task: `DEACTIVATING`",
        ),
        stops,
    ]


def test_a_target_that_was_deregistered_meanwhile_is_not_accused(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = cloud.group("chat-ws")
    behind(cloud, group)
    _, address = service(cloud, group)
    monkeypatch.setattr(Task, "last_status", "DEACTIVATING")
    own = aws_fetch_compute.read

    def late(*args: Any) -> None:
        own(*args)
        cloud.force(group, address, "draining", "Target.DeregistrationInProgress", "leaving")

    monkeypatch.setattr(aws_fetch_compute, "read", late)
    assert [code for code, _ in said(audit(cloud.endpoint))] == ["LB421"]


def test_every_call_about_what_runs_is_planned_said_and_counted(cloud: Cloud) -> None:
    tasks, machines = cloud.group("chat-ws"), cloud.group("raw-ws", TargetType="instance")
    behind(cloud, tasks)
    cloud.listener(cloud.balancer("raw"), machines)
    scaled(cloud, machines)
    service(cloud, tasks)
    gate, count, told = Gate(), Count(), list[str]()
    with open_gate(gate) as url:
        aws_fetch.fetch(Request(region=REGION, endpoint_url=url, progress=count, say=told.append))
    assert {name: calls for name, calls in gate.asked.items() if " " in name} == {
        "autoscaling DescribeAutoScalingGroups": 1,
        "autoscaling DescribeLifecycleHooks": 1,
        "ec2 DescribeInstances": 1,
        "ecs ListClusters": 1,
        "ecs ListServices": 1,
        "ecs DescribeServices": 1,
        "ecs DescribeTaskDefinition": 1,
        "ecs ListTasks": 2,
        "ecs DescribeTasks": 1,
        "classic DescribeLoadBalancers": 1,
    }
    assert count.planned == count.made == gate.asked.total() - 1
    assert [line.partition(": ")[2] for line in told[3:]] == [
        "1 call planned for Auto Scaling groups",
        "1 call planned for lifecycle hooks",
        "1 call planned for instances",
        "1 call planned for ECS clusters",
        "1 call planned for ECS services",
        "1 call planned for what they do",
        "1 call planned for ECS task definitions",
        "2 calls planned for ECS tasks",
        "1 call planned for where they run",
    ]


def test_only_groups_that_websockets_reach_are_asked_about(cloud: Cloud) -> None:
    cloud.listener(cloud.balancer("web"), cloud.group("pages", TargetType="instance"))
    gate = Gate()
    with open_gate(gate) as url:
        scope = Scope(Declared(), Level.LIKELY)
        aws_fetch.fetch(Request(region=REGION, endpoint_url=url, scope=scope))
    assert [name for name in gate.asked if " " in name] == ["classic DescribeLoadBalancers"]


def test_no_secret_and_nothing_that_is_not_judged_is_kept(
    cloud: Cloud, tmp_path: pathlib.Path
) -> None:
    group = cloud.group("chat-ws")
    behind(cloud, group)
    service(cloud, group)
    snapshot = aws_fetch.fetch(Request(region=REGION, endpoint_url=cloud.endpoint))
    path = tmp_path / "state.json"
    aws_snapshot.save(snapshot, str(path))
    saved = json.loads(path.read_text())
    assert "hunter2" not in path.read_text()
    assert saved["TaskDefinitions"][0]["containerDefinitions"] == [
        {"name": "chat", "stopTimeout": 2}
    ]
    assert shapes.violations(saved) == []
    report = run([], Options(snapshots=(str(path),), select=("LB407", "LB421")))
    assert [code for code, _ in said(report)] == ["LB421"]


def test_what_is_refused_is_said_and_the_audit_is_as_complete_as_without(cloud: Cloud) -> None:
    group = cloud.group("chat-ws", TargetType="instance")
    behind(cloud, group)
    (one, _) = scaled(cloud, group)
    cloud.force(group, one, "healthy", "", "")
    gate = Gate()
    gate.denied |= {
        "autoscaling DescribeAutoScalingGroups",
        "ec2 DescribeInstances",
        "ecs ListClusters",
    }
    with open_gate(gate) as url:
        report = audit(url)
    assert (report.complete, report.exit_code) == (True, 0)
    assert report.not_asked == ("Auto Scaling, EC2, ECS (AccessDenied)",)
    assert said(report) == []
