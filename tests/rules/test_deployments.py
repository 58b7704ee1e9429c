"""LB421 in its parts: saved answers, CloudFormation, and what stays silent."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from lbcheck.rules.compute_examples import (
    CLOUDFORMATION,
    ON_INSTANCES,
    ON_KEPT_INSTANCES,
    ON_TASKS,
)
from lbcheck.run import Options, run


@pytest.fixture
def told(tmp_path: pathlib.Path) -> Any:
    """Audits a text; `drain`: the declared drain time. The messages of LB421."""

    def audit(text: str, drain: float | None = None, name: str = "state.json") -> list[str]:
        (tmp_path / name).write_text(text)
        params = {} if drain is None else {"drain.time_s": str(drain)}
        report = run([str(tmp_path / name)], Options(params=params, select=("LB421",)))
        assert report.complete
        return [finding.message for finding in report.findings]

    return audit


def changed(text: str, section: str, **more: Any) -> str:
    """A snapshot whose first element of a section is changed; None takes a field away."""
    document = json.loads(text)
    element = document[section][0]
    element.update(more)
    for name in [name for name, value in more.items() if value is None]:
        del element[name]
    return json.dumps(document)


def container(**more: Any) -> str:
    return changed(ON_TASKS, "TaskDefinitions", containerDefinitions=[{"name": "chat", **more}])


ENDS = "the ECS service `chat` ends a target"


def test_a_stop_timeout_below_the_declared_drain_time_is_told(told: Any) -> None:
    assert told(ON_TASKS, drain=100) == [
        f"{ENDS} 90s after it was told to go (`stopTimeout`); the service needs 100s to end "
        "its WebSockets"
    ]
    assert told(ON_TASKS, drain=90) == []
    assert told(ON_TASKS) == []


def test_fargate_gives_two_minutes_at_most(told: Any) -> None:
    assert told(container(stopTimeout=120), drain=300) == [
        f"{ENDS} 120s after it was told to go (`stopTimeout`); the service needs 300s to end its "
        "WebSockets; more than 120s is not to be had there"
    ]


def test_without_a_stop_timeout_it_is_thirty_seconds(told: Any) -> None:
    assert told(container(), drain=60) == [
        f"{ENDS} 30s after it was told to go (`stopTimeout`); the service needs 60s to end its "
        "WebSockets"
    ]
    assert told(container(), drain=30) == []
    assert told(container()) == []


def test_on_an_instance_the_agent_may_say_otherwise(told: Any) -> None:
    document = json.loads(container())
    document["Services"][0]["launchType"] = "EC2"
    assert told(json.dumps(document), drain=60) == [
        f"{ENDS} 30s after it was told to go (`stopTimeout`); the service needs 60s to end its "
        "WebSockets (as far as the agent's `ECS_CONTAINER_STOP_TIMEOUT` is not set)"
    ]


@pytest.mark.parametrize(("seconds", "silent"), [(2, False), (9, False), (10, True), (30, True)])
def test_where_nothing_is_declared_only_a_curt_stop_is_told(
    told: Any, seconds: int, silent: bool
) -> None:
    assert (told(container(stopTimeout=seconds)) == []) is silent


def test_only_the_container_behind_the_group_counts(told: Any) -> None:
    beside = [{"name": "chat", "stopTimeout": 90}, {"name": "proxy", "stopTimeout": 2}]
    assert told(changed(ON_TASKS, "TaskDefinitions", containerDefinitions=beside)) == []


def test_one_that_stops_all_before_it_starts_any_is_told(told: Any) -> None:
    limits = {"minimumHealthyPercent": 0, "maximumPercent": 100}
    assert told(changed(ON_TASKS, "Services", deploymentConfiguration=limits)) == [
        "`minimumHealthyPercent` 0 lets the ECS service `chat` stop every target before a new one "
        "has started: all WebSockets end at once, and nobody takes them"
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"deploymentConfiguration": {"minimumHealthyPercent": 0, "maximumPercent": 200}},
        {"deploymentConfiguration": {"minimumHealthyPercent": 50, "maximumPercent": 100}},
        {"schedulingStrategy": "DAEMON"},
        {"deploymentController": {"type": "CODE_DEPLOY"}},
        {"deploymentController": {"type": "EXTERNAL"}},
    ],
)
def test_one_that_keeps_a_target_or_starts_one_first_is_silent(
    told: Any, more: dict[str, Any]
) -> None:
    limits = {"minimumHealthyPercent": 0, "maximumPercent": 100}
    assert told(changed(ON_TASKS, "Services", **{"deploymentConfiguration": limits, **more})) == []


@pytest.mark.parametrize("strategy", ["BLUE_GREEN", "LINEAR", "CANARY"])
def test_other_strategies_start_the_new_ones_beside_the_old(told: Any, strategy: str) -> None:
    limits = {"minimumHealthyPercent": 0, "maximumPercent": 100, "strategy": strategy}
    assert told(changed(ON_TASKS, "Services", deploymentConfiguration=limits)) == []


def test_a_single_task_has_no_room_for_half_a_task(told: Any) -> None:
    limits = {"minimumHealthyPercent": 0, "maximumPercent": 150}
    for count, silent in ((1, False), (2, True)):
        text = changed(ON_TASKS, "Services", deploymentConfiguration=limits, desiredCount=count)
        assert (told(text) == []) is silent


def test_a_start_that_is_longer_than_grace_and_checks_together_is_told(told: Any) -> None:
    document = json.loads(container(stopTimeout=90, healthCheck={"startPeriod": 120}))
    assert told(json.dumps(document)) == [
        "the ECS service `chat` ends a new target whose health check fails for 60s "
        "(`healthCheckGracePeriodSeconds` is 60s); `startPeriod` says that it needs 120s"
    ]
    document["Services"][0]["healthCheckGracePeriodSeconds"] = 120
    assert told(json.dumps(document)) == []


@pytest.mark.parametrize("grace", [0, None])
def test_no_grace_period_in_an_answer_is_the_default(told: Any, grace: int | None) -> None:
    assert told(changed(ON_TASKS, "Services", healthCheckGracePeriodSeconds=grace)) == []


def test_a_scaling_group_that_does_not_hear_the_checks_is_told(told: Any) -> None:
    assert told(changed(ON_INSTANCES, "AutoScalingGroups", HealthCheckType="EC2")) == [
        "the Auto Scaling group `chat` does not hear the health checks of `chat-ws` "
        "(`HealthCheckType` is EC2): a target that fails them is never replaced"
    ]


@pytest.mark.parametrize("kind", ["ELB", "EC2,ELB", "ELB,EBS", None])
def test_one_that_hears_them_or_was_not_read_is_silent(told: Any, kind: str | None) -> None:
    assert told(changed(ON_INSTANCES, "AutoScalingGroups", HealthCheckType=kind)) == []


def test_an_instance_ends_after_the_deregistration_delay_though_sockets_stay(told: Any) -> None:
    assert told(ON_KEPT_INSTANCES, drain=600) == [
        "the Auto Scaling group `chat` ends a target 120s after it was told to go "
        "(`deregistration_delay.timeout_seconds`); the service needs 600s to end its WebSockets"
    ]
    assert told(ON_KEPT_INSTANCES, drain=120) == []
    assert told(ON_KEPT_INSTANCES) == []


def test_a_hook_that_was_not_read_or_of_this_group_keeps_it_silent(told: Any) -> None:
    document = json.loads(ON_KEPT_INSTANCES)
    hook = {
        "AutoScalingGroupName": "chat",
        "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
    }
    for hooks, silent in (
        ([hook], True),
        ([{**hook, "AutoScalingGroupName": "mail"}], False),
        ([{**hook, "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}], False),
    ):
        document["LifecycleHooks"] = hooks
        assert (told(json.dumps(document), drain=600) == []) is silent
    del document["LifecycleHooks"]
    assert told(json.dumps(document), drain=600) == []


def test_answers_of_the_command_line_are_taken_together(tmp_path: pathlib.Path) -> None:
    document = json.loads(container(stopTimeout=2))
    (health,), (rules,) = document["TargetHealth"].values(), document["Rules"].values()
    document["Services"][0]["serviceArn"] = "arn:aws:ecs:eu-west-1:111122223333:service/main/chat"
    document["Tasks"][0]["lastStatus"] = "STOPPING"
    files = {
        "groups": {"TargetGroups": document["TargetGroups"]},
        "health": {"TargetHealthDescriptions": health},
        "rules": {"Rules": rules},
        "services": {"services": document["Services"], "failures": []},
        "task": {"taskDefinition": document["TaskDefinitions"][0], "tags": []},
        "tasks": {"tasks": document["Tasks"]},
    }
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    report = run([str(tmp_path)], Options(select=("LB407", "LB421")))
    assert {
        (finding.code, finding.location.path.rpartition("/")[2])
        for finding in report.findings
        if finding.code in ("LB407", "LB421")
    } == {("LB407", "health.json"), ("LB421", "task.json")}


def stack(told: Any, *changes: tuple[str, str], drain: float | None = None) -> list[str]:
    text = CLOUDFORMATION
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    found = told(text, drain=drain, name="template.yaml")
    assert isinstance(found, list)
    return found


SCALING = """\
  Machines:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      TargetGroupARNs: [!Ref ChatWebsocket, !ImportValue other]
  Tasks:
"""


def test_a_template_is_told_in_its_own_words(told: Any) -> None:
    ends = "the ECS service `Chat` ends a target"
    assert stack(told, drain=100) == [
        f"{ends} 90s after it was told to go (`StopTimeout`); the service needs 100s to end "
        "its WebSockets"
    ]
    assert stack(told, ("PeriodSeconds: 60", "PeriodSeconds: 0")) == [
        "the ECS service `Chat` ends a new target whose health check fails for 25s "
        "(`HealthCheckGracePeriodSeconds` is 0s); one that is still starting is ended before it "
        "ever served"
    ]
    changes = (("Percent: 100", "Percent: 0"), ("Percent: 200", "Percent: 100"))
    assert stack(told, *changes) == [
        "`MinimumHealthyPercent` 0 lets the ECS service `Chat` stop every target before a new one "
        "has started: all WebSockets end at once, and nobody takes them"
    ]


def test_a_scaling_group_of_a_template_hears_ec2_alone_by_default(told: Any) -> None:
    assert stack(told, ("  Tasks:\n", SCALING)) == [
        "the Auto Scaling group `Machines` does not hear the health checks of `ChatWebsocket` "
        "(`HealthCheckType` is EC2): a target that fails them is never replaced"
    ]
    elb = SCALING.replace("Properties:\n", "Properties:\n      HealthCheckType: ELB\n")
    assert stack(told, ("  Tasks:\n", elb)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("StopTimeout: 90", "StopTimeout: !ImportValue stop"),
        ("TaskDefinition: !Ref Tasks", "TaskDefinition: !ImportValue tasks"),
    ],
)
def test_what_a_template_does_not_say_is_not_judged(told: Any, old: str, new: str) -> None:
    assert stack(told, (old, new), drain=100) == []


def test_a_service_of_a_group_of_another_stack_says_nothing_of_this_one(told: Any) -> None:
    head, _, tail = CLOUDFORMATION.rpartition("!Ref ChatWebsocket")
    assert told(f"{head}!ImportValue group{tail}", drain=100, name="template.yaml") == []


def test_a_hook_of_a_template_holds_an_instance(told: Any) -> None:
    network = (
        ("Type: application", "Type: network"),
        ("Protocol: HTTPS", "Protocol: TCP"),
        ("Protocol: HTTP\n", "Protocol: TCP\n"),
        ("idle_timeout.timeout_seconds", "deletion_protection.enabled"),
        ('"120"\n  Https', '"false"\n  Https'),
        ("StopTimeout: 90", "StopTimeout: 120"),
    )
    hooked = SCALING.replace("Properties:\n", "Properties:\n      HealthCheckType: ELB\n")
    told_of = stack(told, *network, ("  Tasks:\n", hooked), drain=130)
    assert [message.partition(" ends")[0] for message in told_of] == [
        "the Auto Scaling group `Machines`",
        "the ECS service `Chat`",
    ]
    own = "      LifecycleHookSpecificationList:\n        - LifecycleHookName: bye\n"
    own += "          LifecycleTransition: autoscaling:EC2_INSTANCE_TERMINATING\n  Tasks:\n"
    beside = "  Bye:\n    Type: AWS::AutoScaling::LifecycleHook\n    Properties:\n"
    beside += "      AutoScalingGroupName: !Ref Machines\n"
    beside += "      LifecycleTransition: autoscaling:EC2_INSTANCE_TERMINATING\n  Tasks:\n"
    for hook in (own, beside):
        text = hooked.replace("  Tasks:\n", hook)
        (only,) = stack(told, *network, ("  Tasks:\n", text), drain=130)
        assert only.startswith("the ECS service")
