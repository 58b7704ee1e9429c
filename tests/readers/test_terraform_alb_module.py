"""The module terraform-aws-modules/alb is read through its arguments, old and new."""

import pathlib

import pytest

from lbcheck.model import Origin, Span
from tests.readers.terraform_text import route, told, topology

NEW = """\
module "alb" {
  source       = "terraform-aws-modules/alb/aws"
  version      = "~> 10.0"
  name         = "edge"
  idle_timeout = 20

  listeners = {
    plain = {
      port     = 80
      protocol = "HTTP"
      redirect = { port = "443", protocol = "HTTPS", status_code = "HTTP_301" }
    }
    tls = {
      port     = 443
      protocol = "HTTPS"
      fixed_response = { content_type = "text/plain", status_code = "404" }
      rules = {
        ws = {
          priority   = 5
          actions    = [{ forward = { target_group_key = "ws" } }]
          conditions = [{ path_pattern = { values = ["/ws/*"] } }]
        }
      }
    }
  }

  target_groups = {
    ws = {
      name_prefix          = "w-"
      port                 = 8080
      protocol             = "HTTP"
      protocol_version     = "HTTP2"
      deregistration_delay = 3
      health_check = {
        path    = "/healthz"
        matcher = "200-499"
      }
    }
  }
}
"""
NINE = NEW.replace(
    '{ forward = { target_group_key = "ws" } }', '{ type = "forward", target_group_key = "ws" }'
)
OLD = """\
module "alb" {
  source             = "terraform-aws-modules/alb/aws"
  version            = "~> 8.0"
  load_balancer_type = "application"
  idle_timeout       = 50

  http_tcp_listeners = [
    {
      port        = 80
      protocol    = "HTTP"
      action_type = "redirect"
      redirect    = { port = "443", protocol = "HTTPS", status_code = "HTTP_301" }
    },
  ]
  https_listeners = [
    {
      port               = 443
      certificate_arn    = "x"
      target_group_index = 1
    },
  ]
  https_listener_rules = [
    {
      https_listener_index = 0
      priority             = 5
      actions              = [{ type = "forward", target_group_index = 0 }]
      conditions           = [{ path_patterns = ["/ws/*"] }]
    },
  ]
  target_groups = [
    {
      name_prefix      = "w-"
      backend_protocol = "HTTP"
      backend_port     = 8080
      protocol_version = "HTTP2"
    },
    {
      name_prefix      = "p-"
      backend_protocol = "HTTP"
    },
  ]
}
"""


@pytest.mark.parametrize("text", [NEW, NINE])
def test_arguments_are_judged_where_they_stand(tmp_path: pathlib.Path, text: str) -> None:
    lines = text.splitlines()
    found = [
        (code, lines[line - 1].strip().partition(" ")[0]) for code, line in told(tmp_path, text)
    ]
    assert found == [
        ("LB301", "idle_timeout"),
        ("LB104", "protocol_version"),
        ("LB412", "deregistration_delay"),
        ("LB207", "matcher"),
    ]


def test_the_routes_of_maps(tmp_path: pathlib.Path) -> None:
    found = topology(tmp_path, NEW).routes
    assert [(each.path, each.address) for each in found] == [
        ("/ws/*", "aws/edge/443/rule[5 /ws/*]")
    ]


def test_the_routes_of_lists(tmp_path: pathlib.Path) -> None:
    found = topology(tmp_path, OLD).routes
    assert [
        (each.path, each.forwards[0].pool.name, each.idle and each.idle.value) for each in found
    ] == [("/ws/*", "w-", 50.0), ("default", "p-", 50.0)]
    version = found[0].forwards[0].http_version
    assert version is not None
    assert isinstance(version.place, Span)
    start = OLD.index("protocol_version")
    assert (version.value, version.place.start) == ("2", start)


def test_what_is_not_said_is_the_modules_default(tmp_path: pathlib.Path) -> None:
    found = route(tmp_path, NEW.replace("idle_timeout = 20", "")).idle
    assert found is not None
    assert (found.value, found.origin) == (60.0, Origin.DEFAULT)


def test_weighted_groups(tmp_path: pathlib.Path) -> None:
    text = NEW.replace(
        'forward = { target_group_key = "ws" }',
        'weighted_forward = { target_groups = [{ target_group_key = "ws", weight = 0 },'
        ' { target_group_arn = "arn:x", weight = 1 }] }',
    )
    weights = [each.weight for each in route(tmp_path, text).forwards]
    assert [each and each.value for each in weights] == [0, 1]


def test_a_rule_beside_the_module_belongs_to_its_listener(tmp_path: pathlib.Path) -> None:
    beside = """
resource "aws_lb_listener_rule" "chat" {
  listener_arn = module.alb.listeners["tls"].arn
  priority     = 9
  action {
    type             = "forward"
    target_group_arn = module.alb.target_groups["ws"].arn
  }
  condition {
    path_pattern {
      values = ["/socket.io/*"]
    }
  }
}
"""
    found = topology(tmp_path, NEW + beside).routes
    assert [(each.path, each.forwards[0].pool.name) for each in found] == [
        ("/ws/*", "w-"),
        ("/socket.io/*", "w-"),
    ]


def test_arguments_out_of_locals_and_loops(tmp_path: pathlib.Path) -> None:
    text = 'locals {\n  groups = { for k in ["ws"] : k => { protocol_version = "HTTP2" } }\n}\n'
    text += NEW[: NEW.index("  target_groups = {")] + "  target_groups = local.groups\n}\n"
    assert ("LB104", 2) in told(tmp_path, text)


def test_unknown_arguments_are_unknown(tmp_path: pathlib.Path) -> None:
    text = (
        'module "ws" {\n  source = "terraform-aws-modules/alb/aws"\n  listeners = var.listeners\n'
    )
    text += "  target_groups = var.groups\n  idle_timeout = var.idle\n}\n"
    assert told(tmp_path, text) == []


def test_a_module_that_only_sounds_alike_is_left_alone(tmp_path: pathlib.Path) -> None:
    text = 'module "ws" {\n  source = "git::https://example.com/alb.git"\n  idle_timeout = 5\n}\n'
    assert told(tmp_path, text) == [("LB901", 1)]
    copied = text.replace("idle_timeout = 5", "target_groups = {}\n  idle_timeout = 5")
    assert [each.path for each in topology(tmp_path, copied).routes] == ["unread"]
