"""What is told of a service in Terraform that people have changed, and on which line."""

import pathlib

import pytest

from lbcheck.run import Options, run

GROUP = """\
resource "aws_lb_target_group" "NAME" {
  name        = "NAME"
  port        = 3000
  protocol    = "HTTP"
  target_type = "ip"

  health_check {
    path                = "/healthz"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }

  stickiness {
    type = "lb_cookie"
  }
}
"""
EDGE = """\
resource "aws_lb" "edge" {
  name         = "edge"
  idle_timeout = 300
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.edge.arn
  port              = 443
  protocol          = "HTTPS"

  default_action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.one.arn
        weight = 80
      }
      target_group {
        arn    = aws_lb_target_group.two.arn
        weight = 20
      }
      stickiness {
        enabled  = true
        duration = 3600
      }
    }
  }
}

"""
SERVICE = EDGE + GROUP.replace("NAME", "one") + GROUP.replace("NAME", "two")
BETWEEN = """\
      stickiness {
        enabled  = true
        duration = 3600
      }
"""
CLASSIC = """\
resource "aws_elb" "edge" {
  connection_draining         = true
  connection_draining_timeout = 60
  idle_timeout                = 300
  listener {
    lb_port           = 443
    lb_protocol       = "ssl"
    instance_port     = 8000
    instance_protocol = "tcp"
  }
  health_check {
    target              = "HTTP:8000/healthz"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}
"""
PROFILE = """\
extends: default
websocket: {paths: [/]}
heartbeat: {sender: server, interval_s: 25}
stickiness: {need: required}
"""


def told(folder: pathlib.Path, text: str) -> list[tuple[str, str, str]]:
    """Code, severity and line of each finding."""
    (folder / "main.tf").write_text(text)
    (folder / "profile.yaml").write_text(PROFILE)
    options = Options(profiles=(str(folder / "profile.yaml"),), today="2026-11-23")
    return [
        (
            each.code,
            each.severity.value,
            each.location.source.line(each.location.line or 1).strip(),
        )
        for each in run([str(folder / "main.tf")], options).findings
    ]


@pytest.mark.parametrize("text", [SERVICE, CLASSIC])
def test_nothing_of_a_service_that_is_well(tmp_path: pathlib.Path, text: str) -> None:
    assert told(tmp_path, text) == []


@pytest.mark.parametrize(
    ("before", "after", "finding"),
    [
        ("    timeout  ", "    port = 9901\n    timeout  ", ("LB209", "info", "port = 9901")),
        (
            '    path                = "/healthz"\n',
            '    path = var.path\n    port = "9901"\n',
            ("LB209", "info", 'port = "9901"'),
        ),
        (
            "    healthy_threshold   = 2",
            "    healthy_threshold   = 9",
            ("LB211", "info", "healthy_threshold   = 9"),
        ),
        (
            "interval            = 10",
            "interval            = 40",
            ("LB210", "warning", "interval            = 40"),
        ),
        (
            '    type = "lb_cookie"',
            '    type = "lb_cookie"\n    enabled = false',
            ("LB501", "warning", "enabled = false"),
        ),
        (
            '    type = "lb_cookie"',
            '    type = "app_cookie"',
            ("LB508", "error", 'type = "app_cookie"'),
        ),
    ],
)
def test_a_change_of_a_group(
    tmp_path: pathlib.Path, before: str, after: str, finding: tuple[str, str, str]
) -> None:
    assert told(tmp_path, SERVICE.replace(before, after, 1)) == [finding]


def test_a_cookie_of_the_application_that_has_a_name_or_is_switched_off(
    tmp_path: pathlib.Path,
) -> None:
    for more, wanted in (
        ('cookie_name = "node"', []),
        ("cookie_name = var.cookie", []),
        ("enabled = false", [("LB501", "warning", "enabled = false")]),
    ):
        text = SERVICE.replace('    type = "lb_cookie"', f'    type = "app_cookie"\n    {more}', 1)
        assert told(tmp_path, text) == wanted


def test_stickiness_of_groups_that_a_rule_leads_clients_between(tmp_path: pathlib.Path) -> None:
    alone = SERVICE.replace(BETWEEN, "")
    both = [("LB502", "error", "stickiness {")] * 2
    assert told(tmp_path, alone) == both
    assert told(tmp_path, SERVICE.replace("enabled  = true", "enabled  = false")) == both
    assert told(tmp_path, SERVICE.replace("enabled  = true", "enabled  = var.sticky")) == []
    assert told(tmp_path, alone.replace("weight = 20", "weight = 0")) == []
    assert told(tmp_path, alone.replace("weight = 20", "weight = var.share")) == both


def test_groups_that_have_no_weight_at_all(tmp_path: pathlib.Path) -> None:
    text = SERVICE.replace("weight = 80", "weight = 0").replace(BETWEEN, "")
    assert told(tmp_path, text.replace("weight = 20", "weight = 0")) == [
        ("LB401", "error", "weight = 0")
    ]
    assert told(tmp_path, text.replace("weight = 20", "weight = var.share")) == []


def test_a_function_is_no_place_for_a_socket_and_needs_no_check(tmp_path: pathlib.Path) -> None:
    text = """\
resource "aws_lb_target_group" "hook" {
  name        = "hook"
  target_type = "lambda"
}
"""
    assert told(tmp_path, text) == [("LB117", "error", 'target_type = "lambda"')]


def test_the_draining_of_a_classic_load_balancer(tmp_path: pathlib.Path) -> None:
    draining = "  connection_draining         = true\n  connection_draining_timeout = 60\n"
    default = ("LB412", "warning", 'resource "aws_elb" "edge" {')
    assert told(tmp_path, CLASSIC.replace(draining, "")) == [default]
    off = CLASSIC.replace(draining, "  connection_draining = false\n")
    assert told(tmp_path, off) == [("LB412", "error", "connection_draining = false")]
