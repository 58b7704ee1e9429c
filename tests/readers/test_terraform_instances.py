"""A module that is called several times over is read as often, each time with its own inputs."""

from __future__ import annotations

import pathlib

import pytest

from lbcheck.model import Declared, Topology
from lbcheck.sources import Wanted, read
from lbcheck.sources.files import Files

INNER = """\
variable "idle" {
  default = 20
}
resource "aws_lb" "edge" {
  name         = "edge"
  idle_timeout = var.idle
}
resource "aws_lb_target_group" "ws" {
  port     = 80
  protocol = "HTTP"
}
resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.edge.arn
  port              = 443
  protocol          = "HTTPS"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.ws.arn
  }
}
output "listener" {
  value = aws_lb_listener.https.arn
}
output "group" {
  value = aws_lb_target_group.ws.arn
}
"""


def topology(tmp_path: pathlib.Path, text: str) -> Topology:
    (tmp_path / "lb").mkdir()
    (tmp_path / "lb" / "main.tf").write_text(INNER)
    (tmp_path / "main.tf").write_text(text)
    return read(Wanted((str(tmp_path),)), Files(), Declared())


def idle_times(found: Topology) -> list[float | None]:
    return [route.idle and route.idle.value for route in found.routes]


@pytest.mark.parametrize(
    ("arguments", "idle"),
    [
        ("for_each = { chat = 120, feed = 300 }\n  idle = each.value", [120.0, 300.0]),
        ("count = 2\n  idle = [120, 300][count.index]", [120.0, 300.0]),
        ("for_each = { chat = {} }", [20.0]),
        ("count = 0\n  idle = 5", []),
        ("for_each = var.unknown\n  idle = each.value", [None]),
    ],
)
def test_each_instance_has_what_its_caller_hands_over(
    tmp_path: pathlib.Path, arguments: str, idle: list[float | None]
) -> None:
    call = f'module "ws" {{\n  source = "./lb"\n  {arguments}\n}}\n'
    assert idle_times(topology(tmp_path, call)) == idle


@pytest.mark.parametrize(
    ("many", "key"), [('for_each = toset(["chat", "feed"])', '"feed"'), ("count = 2", "1")]
)
def test_an_output_is_that_of_its_instance(tmp_path: pathlib.Path, many: str, key: str) -> None:
    text = f"""\
module "ws" {{
  source = "./lb"
  {many}
}}
resource "aws_lb_listener_rule" "ws" {{
  listener_arn = module.ws[{key}].listener
  priority     = 1
  action {{
    type             = "forward"
    target_group_arn = module.ws[{key}].group
  }}
  condition {{
    path_pattern {{
      values = ["/ws"]
    }}
  }}
}}
"""
    found = topology(tmp_path, text)
    led = [(route.path, route.forwards[0].pool.name) for route in found.routes]
    name = key.strip('"')
    assert ("/ws", f"module.ws[{name}].aws_lb_target_group.ws") in led
    assert len(led) == 3
