"""Terraform: what runs behind target groups, as far as it is literal."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from lbcheck.rules.compute_examples import ON_TERRAFORM
from lbcheck.rules.terraform_examples import TERRAFORM
from lbcheck.run import Options, run

DEFINITION = 'resource "aws_ecs_task_definition" "chat"'


@pytest.fixture
def told(tmp_path: pathlib.Path) -> Any:
    """Audits a module; `drain`: the declared drain time. Source line and message of LB421."""

    def audit(text: str, drain: float | None = None) -> list[tuple[str, str]]:
        (tmp_path / "main.tf").write_text(text)
        params = {} if drain is None else {"drain.time_s": str(drain)}
        report = run([str(tmp_path)], Options(params=params, select=("LB421",)))
        assert report.complete
        return [
            (f.location.source.line(f.location.line or 1).strip(), f.message)
            for f in report.findings
        ]

    return audit


def defined(containers: str) -> str:
    """The service with other containers."""
    start = ON_TERRAFORM.index("jsonencode(")
    end = ON_TERRAFORM.index("])", start) + 2
    return ON_TERRAFORM[:start] + containers + ON_TERRAFORM[end:]


ENDS = "the ECS service `aws_ecs_service.chat` ends a target"
NEEDS = "s after it was told to go (`stopTimeout`); the service needs 100s to end its WebSockets"


def test_the_stop_timeout_stands_in_the_encoded_definition(told: Any) -> None:
    assert told(ON_TERRAFORM, drain=100) == [("stopTimeout = 90", f"{ENDS} 90{NEEDS}")]
    assert told(ON_TERRAFORM, drain=90) == []


def test_a_definition_may_be_json_in_a_text(told: Any) -> None:
    text = '<<JSON\n[{"name": "chat", "stopTimeout": 20}]\nJSON\n'
    assert told(defined(text), drain=100) == [
        ("container_definitions = <<JSON", f"{ENDS} 20{NEEDS}")
    ]


def test_without_a_stop_timeout_the_definition_is_named(told: Any) -> None:
    found = told(defined('jsonencode([{ name = "chat" }])'), drain=100)
    assert found == [(f"{DEFINITION} {{", f"{ENDS} 30{NEEDS}")]


@pytest.mark.parametrize(
    "containers",
    [
        "var.containers",
        "jsonencode([module.chat.container])",
        'jsonencode([{ name = "chat", stopTimeout = var.stop }])',
        '"[${module.chat.json}]"',
        '"not json"',
        '"[[[[{}]]]]"',
        'file("containers.json")',
    ],
)
def test_containers_that_nobody_can_know_are_not_judged(told: Any, containers: str) -> None:
    assert told(defined(containers), drain=100) == []


def test_a_deeply_nested_definition_is_unknown(told: Any) -> None:
    deep = "[" * 5000 + "]" * 5000
    assert told(defined(f"<<JSON\n{deep}\nJSON\n"), drain=100) == []


SCALING = """
resource "aws_autoscaling_group" "web" {
  name              = "web"
  target_group_arns = [aws_lb_target_group.ws.arn, var.other]
}
"""
BLIND = (
    'resource "aws_autoscaling_group" "web" {',
    "the Auto Scaling group `aws_autoscaling_group.web` does not hear the health checks of "
    "`chat-ws` (`health_check_type` is EC2): a target that fails them is never replaced",
)


def test_a_scaling_group_hears_ec2_alone_by_default(told: Any) -> None:
    assert told(TERRAFORM + SCALING) == [BLIND]
    for written in ('"ELB"', "var.kind"):
        text = SCALING.replace("name  ", f"health_check_type = {written}\n  name  ")
        assert told(TERRAFORM + text) == []


@pytest.mark.parametrize("argument", ["lb_target_group_arn", "alb_target_group_arn"])
@pytest.mark.parametrize("by", ["name", "id"])
def test_a_scaling_group_may_be_attached_beside_it(told: Any, argument: str, by: str) -> None:
    own = SCALING.replace("  target_group_arns = [aws_lb_target_group.ws.arn, var.other]\n", "")
    attachment = f"""
resource "aws_autoscaling_attachment" "web" {{
  autoscaling_group_name = aws_autoscaling_group.web.{by}
  {argument}             = aws_lb_target_group.ws.arn
}}
"""
    assert told(TERRAFORM + own) == []
    assert told(TERRAFORM + own + attachment) == [BLIND]


NETWORK = (
    TERRAFORM.replace("idle_timeout = 120", 'load_balancer_type = "network"')
    .replace('"HTTPS"', '"TCP"')
    .replace('"HTTP"', '"TCP"')
)
HEARING = SCALING.replace("name  ", 'health_check_type = "ELB"\n  name  ')
TRANSITION = 'lifecycle_transition = "autoscaling:EC2_INSTANCE_TERMINATING"'
BESIDE = f"""
resource "aws_autoscaling_lifecycle_hook" "bye" {{
  autoscaling_group_name = aws_autoscaling_group.web.name
  {TRANSITION}
}}
"""


def test_a_hook_holds_an_instance_whose_sockets_stay(told: Any) -> None:
    (found,) = told(NETWORK + HEARING, drain=600)
    assert found[0] == "deregistration_delay = 120"
    within = HEARING.replace("name  ", f"initial_lifecycle_hook {{\n {TRANSITION}\n }}\n  name  ")
    unknown = BESIDE.replace("aws_autoscaling_group.web.name", "var.group")
    for hooked in (HEARING + BESIDE, within, HEARING + unknown):
        assert told(NETWORK + hooked, drain=600) == []


def test_a_plan_says_the_same(tmp_path: pathlib.Path) -> None:
    def resource(kind: str, **values: Any) -> dict[str, Any]:
        named = {"address": f"{kind}.chat", "mode": "managed", "type": kind, "name": "chat"}
        return {**named, "values": values}

    containers = json.dumps([{"name": "chat", "stopTimeout": 2}])
    resources = [
        resource(
            "aws_lb_target_group", name="chat-ws", port=8080, protocol="HTTP", arn="arn:group"
        ),
        resource("aws_ecs_task_definition", container_definitions=containers, arn="arn:tasks"),
        resource(
            "aws_ecs_service",
            task_definition="arn:tasks",
            load_balancer=[{"target_group_arn": "arn:group", "container_name": "chat"}],
        ),
    ]
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "values": {"root_module": {"resources": resources}},
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan, indent=1))
    report = run([str(tmp_path / "plan.json")], Options(select=("LB421",)))
    assert [finding.message for finding in report.findings] == [
        f"{ENDS} 2s after it was told to go (`stopTimeout`); open WebSockets have no time for a "
        "goodbye"
    ]
