"""A finding about a value that is decided elsewhere leads there: a variable, a condition."""

from __future__ import annotations

import pathlib

import pytest

from lbcheck.run import Options, run

PINGS = {"heartbeat.interval_s": "25", "heartbeat.sender": "server"}
VARIABLE = 'variable "idle" {\n  default = 20\n}\n'
EDGE = """\
resource "aws_lb" "edge" {
  idle_timeout = %s
}
resource "aws_lb_listener" "web" {
  load_balancer_arn = aws_lb.edge.arn
  protocol          = "HTTPS"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.ws.arn
  }
}
resource "aws_lb_target_group" "ws" {
  protocol = "HTTP"
}
"""
STACK = """\
Parameters:
  Idle: {Type: Number, Default: 20}
  Stage: {Type: String, AllowedValues: [prod, test]}
Conditions:
  Short: !Equals [!Ref Stage, prod]
Mappings: {}
Resources:
  Sockets:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Name: ws
      LoadBalancerAttributes:
        - Key: idle_timeout.timeout_seconds
          Value: %s
"""


def related(folder: pathlib.Path, code: str = "LB301") -> list[tuple[str, int | None, str]]:
    """Of the one finding: file, line and words of every other place."""
    found = run([str(folder)], Options(params=PINGS, today="2026-11-23")).findings
    (finding,) = (each for each in found if each.code == code)
    return [
        (pathlib.Path(other.location.path).name, other.location.line, other.message)
        for other in finding.related
    ]


@pytest.mark.parametrize(
    ("before", "value", "lines"),
    [
        ("", "20", []),
        (VARIABLE, "var.idle", [2]),
        (VARIABLE, "var.idle == 20 ? var.idle : 30", [2]),
        (VARIABLE, "tonumber(var.idle)", [2]),
        ("locals {\n  idle = 20\n}\n", "local.idle", [2]),
        ("locals {\n  idle = { edge = 20 }\n}\n", "local.idle.edge", [2]),
    ],
)
def test_terraform(tmp_path: pathlib.Path, before: str, value: str, lines: list[int]) -> None:
    (tmp_path / "main.tf").write_text(before + EDGE % value)
    assert related(tmp_path) == [("main.tf", line, "its value comes from here") for line in lines]


def test_terraform_of_a_values_file_and_through_a_module(tmp_path: pathlib.Path) -> None:
    (tmp_path / "main.tf").write_text(
        'variable "seconds" {}\nmodule "edge" {\n  source = "./edge"\n  idle   = var.seconds\n}\n'
    )
    (tmp_path / "terraform.tfvars").write_text("seconds = 20\n")
    (tmp_path / "edge").mkdir()
    (tmp_path / "edge" / "main.tf").write_text(VARIABLE + EDGE % "var.idle")
    said = "its value comes from here"
    assert related(tmp_path) == [("main.tf", 4, said), ("terraform.tfvars", 1, said)]


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ("20", []),
        ("!Ref Idle", [(2, "the default of `Idle`")]),
        ("!If [Short, 20, 300]", [(5, "condition `Short` decides it")]),
        (
            "!If [Short, !Ref Idle, 300]",
            [(2, "the default of `Idle`"), (5, "condition `Short` decides it")],
        ),
    ],
)
def test_cloudformation(tmp_path: pathlib.Path, value: str, places: list[tuple[int, str]]) -> None:
    (tmp_path / "stack.yaml").write_text(STACK % value)
    assert related(tmp_path) == [("stack.yaml", line, said) for line, said in places]


def test_a_parameter_that_is_not_its_default_says_which_it_is(tmp_path: pathlib.Path) -> None:
    text = STACK.replace("    Type: AWS::Elastic", "    Condition: Long\n    Type: AWS::Elastic")
    long = "  Long: !Not [!Equals [!Ref Idle, 300]]\nMappings:"
    text = text.replace("Default: 20", "AllowedValues: [20, 300]").replace("Mappings:", long)
    (tmp_path / "stack.yaml").write_text(text % "!Ref Idle")
    assert related(tmp_path) == [("stack.yaml", 2, "where `Idle` is `20`")]
