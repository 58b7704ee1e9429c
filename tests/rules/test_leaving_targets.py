"""LB407 by saved answers: what counts as leaving, and what only looks like it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lbcheck.profile import Profile
from lbcheck.rules.compute_examples import ON_INSTANCES, ON_TASKS
from lbcheck.rules.target_terminating import check
from tests.aws import answers

Change = Callable[[dict[str, Any]], object]


def told(text: str, *changes: Change) -> list[str]:
    """What the rule says of the group `chat-ws`."""
    document = json.loads(text)
    for change in changes:
        change(document)
    topology = answers.read(document)
    assert answers.troubles(topology) == []
    return [problem.message for problem in check(answers.pool(topology, "chat-ws"), Profile())]


def task(**more: Any) -> Change:
    """Changes the first task."""
    return lambda document: document["Tasks"][0].update(more)


def lifecycle(state: str) -> Change:
    """Changes the first instance of the Auto Scaling group."""
    return lambda document: document["AutoScalingGroups"][0]["Instances"][0].update(
        LifecycleState=state
    )


def machine(state: str) -> Change:
    """Changes the first instance of EC2."""
    return lambda document: document["Reservations"][0]["Instances"][0].update(
        State={"Name": state}
    )


def health(state: str) -> Change:
    """Changes the first target."""

    def change(document: dict[str, Any]) -> None:
        (targets,) = document["TargetHealth"].values()
        targets[0]["TargetHealth"]["State"] = state

    return change


TASK = "`10.0.1.11:8080` is healthy in `chat-ws` and gets new WebSockets, though "
INSTANCE = "`i-0a1:8080` is healthy in `chat-ws` and gets new WebSockets, though "


@pytest.mark.parametrize("status", ["DEACTIVATING", "STOPPING"])
def test_a_task_on_its_way_out_is_named_with_its_status(status: str) -> None:
    assert told(ON_TASKS, task(lastStatus=status, desiredStatus="STOPPED")) == [
        f"{TASK}ECS says of its task: `{status}`"
    ]


def test_a_task_that_is_to_stop_is_leaving_though_it_still_runs() -> None:
    assert told(ON_TASKS, task(desiredStatus="STOPPED")) == [f"{TASK}ECS wants its task `STOPPED`"]


def test_a_task_is_known_by_its_network_interface_as_well() -> None:
    details = [{"name": "privateIPv4Address", "value": "10.0.1.11"}]
    attached = [{"details": details}]
    assert told(ON_TASKS, task(lastStatus="STOPPING", containers=[], attachments=attached)) == [
        f"{TASK}ECS says of its task: `STOPPING`"
    ]


def test_the_address_of_a_stopped_task_may_be_anothers_by_now() -> None:
    assert told(ON_TASKS, task(lastStatus="STOPPED", desiredStatus="STOPPED")) == []


def test_an_address_that_a_task_which_stays_has_too_is_not_leaving() -> None:
    def again(document: dict[str, Any]) -> None:
        document["Tasks"].append({**document["Tasks"][0], "lastStatus": "RUNNING"})

    assert told(ON_TASKS, again, task(lastStatus="STOPPING")) == []


@pytest.mark.parametrize("other", [{"group": "service:mail"}, {"clusterArn": "arn:other"}])
def test_a_task_of_another_service_says_nothing_about_the_address(other: dict[str, str]) -> None:
    assert told(ON_TASKS, task(lastStatus="STOPPING", **other)) == []


def test_a_service_that_does_not_name_the_group_says_nothing() -> None:
    def elsewhere(document: dict[str, Any]) -> None:
        document["Services"][0]["loadBalancers"][0]["targetGroupArn"] = answers.arn("mail")

    assert told(ON_TASKS, task(lastStatus="STOPPING"), elsewhere) == []


@pytest.mark.parametrize("state", ["draining", "unhealthy", "initial", "unused"])
def test_a_target_that_the_group_does_not_call_healthy_is_none_of_this(state: str) -> None:
    assert told(ON_TASKS, task(lastStatus="STOPPING"), health(state)) == []


@pytest.mark.parametrize(
    "state",
    ["Terminating", "Terminating:Wait", "Terminating:Proceed", "Detaching", "EnteringStandby"],
)
def test_an_instance_that_its_group_takes_out_is_named_with_its_state(state: str) -> None:
    assert told(ON_INSTANCES, lifecycle(state)) == [
        f"{INSTANCE}its Auto Scaling group `chat` has it in `{state}`"
    ]


@pytest.mark.parametrize("state", ["Pending", "Pending:Wait", "InService", "Warmed:Running"])
def test_an_instance_that_comes_or_serves_is_not_leaving(state: str) -> None:
    assert told(ON_INSTANCES, lifecycle(state)) == []


@pytest.mark.parametrize("state", ["stopping", "shutting-down"])
def test_an_instance_that_ec2_stops_is_named_with_its_state(state: str) -> None:
    assert told(ON_INSTANCES, machine(state)) == [f"{INSTANCE}EC2 says of its instance: `{state}`"]


def test_of_two_who_say_it_the_group_is_named() -> None:
    assert told(ON_INSTANCES, machine("shutting-down"), lifecycle("Terminating")) == [
        f"{INSTANCE}its Auto Scaling group `chat` has it in `Terminating`"
    ]


def test_a_group_that_is_attached_by_its_traffic_sources_counts() -> None:
    def attach(document: dict[str, Any]) -> None:
        scaling = document["AutoScalingGroups"][0]
        (arn,) = scaling.pop("TargetGroupARNs")
        scaling["TrafficSources"] = [{"Identifier": arn, "Type": "elbv2"}]

    assert told(ON_INSTANCES, lifecycle("Standby"), attach) == [
        f"{INSTANCE}its Auto Scaling group `chat` has it in `Standby`"
    ]


@pytest.mark.parametrize("section", ["Services", "TaskDefinitions", "Tasks"])
def test_what_was_not_read_is_neither_missed_nor_judged(section: str) -> None:
    assert told(ON_TASKS, lambda document: document.pop(section)) == []
