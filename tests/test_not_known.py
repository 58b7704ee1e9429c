"""Values that nobody can know by reading are counted: judged and fine looks different."""

from __future__ import annotations

import json
import pathlib

import pytest

from lbcheck.audit import Report
from lbcheck.reporters import Style, render
from lbcheck.reporters.summary import coverage
from lbcheck.run import Options, run

TERRAFORM = """\
variable "idle" {}
resource "aws_lb" "edge" {
  idle_timeout = var.idle
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
  protocol             = "HTTP"
  deregistration_delay = var.idle
  health_check {
    path    = "/${var.path}"
    matcher = "200"
  }
}
"""
CLOUDFORMATION = """\
Parameters:
  Idle: {Type: Number}
Resources:
  Edge:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      LoadBalancerAttributes:
        - Key: idle_timeout.timeout_seconds
          Value: !Ref Idle
  Web:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Edge
      Protocol: HTTP
      DefaultActions:
        - Type: forward
          TargetGroupArn: !Ref Ws
  Ws:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Name: ws
      Protocol: HTTP
      HealthCheckPath: !ImportValue Path
"""
NGINX = """\
server {
  location /ws {
    proxy_pass http://10.0.0.1;
    proxy_http_version 1.1;
    proxy_set_header Host $host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection {{ connection }};
    proxy_read_timeout {{ idle }};
  }
}
"""
HAPROXY = """\
frontend edge
  bind :80
  mode http
  timeout client 50s
  default_backend ws
backend ws
  mode http
  option httpchk
  timeout connect 5s
  timeout server 50s
  timeout tunnel ${TUNNEL}
  server a 10.0.0.1:80 check
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app
  annotations:
    {key}: "{value}"
spec:
  ingressClassName: {name}
  rules:
    - http: {{paths: [{{path: /ws, backend: {{service: {{name: app}}}}}}]}}
"""
INGRESS_NGINX = INGRESS.format(
    key="nginx.ingress.kubernetes.io/proxy-read-timeout", value="${IDLE}", name="nginx"
)
ALB = INGRESS.format(
    key="alb.ingress.kubernetes.io/load-balancer-attributes",
    value="idle_timeout.timeout_seconds=${IDLE}",
    name="alb",
)
CASES = {
    "terraform": ("main.tf", TERRAFORM),
    "cloudformation": ("template.yaml", CLOUDFORMATION),
    "nginx": ("site.conf", NGINX),
    "haproxy": ("haproxy.cfg", HAPROXY),
    "ingress-nginx": ("ingress.yaml", INGRESS_NGINX),
    "alb": ("ingress.yaml", ALB),
}
SAID = {
    "terraform": [("idle_timeout", 3), ("health_check.path", 17), ("deregistration_delay", 15)],
    "cloudformation": [("idle_timeout.timeout_seconds", 8), ("HealthCheckPath", 23)],
    "nginx": [("proxy_set_header Connection", 7), ("proxy_read_timeout", 8)],
    "haproxy": [("timeout tunnel", 11)],
    "ingress-nginx": [("proxy-read-timeout", 6)],
    "alb": [("idle_timeout.timeout_seconds", 6)],
}
KNOWN = {
    "var.idle": "300",
    "${var.path}": "healthz",
    "!Ref Idle": "300",
    "!ImportValue Path": "/healthz",
    "{{ connection }}": '"upgrade"',
    "{{ idle }}": "300s",
    "${TUNNEL}": "300s",
    "${IDLE}": "300",
}


def report(folder: pathlib.Path, case: str, *known: tuple[str, str]) -> Report:
    name, text = CASES[case]
    for old, new in known:
        text = text.replace(old, new)
    (folder / name).write_text(text)
    return run([str(folder / name)], Options(today="2026-11-23"))


@pytest.mark.parametrize("case", CASES)
def test_what_is_written_and_not_known_is_listed(tmp_path: pathlib.Path, case: str) -> None:
    found = report(tmp_path, case)
    told = json.loads(render("json", found, Style()))["not_known"]
    assert [(each["name"], each["line"]) for each in told] == SAID[case]
    assert found.complete


@pytest.mark.parametrize("case", CASES)
def test_what_is_known_is_not(tmp_path: pathlib.Path, case: str) -> None:
    assert report(tmp_path, case, *KNOWN.items()).not_known == ()


@pytest.mark.parametrize("case", CASES)
def test_routes_that_are_not_judged_do_not_count(tmp_path: pathlib.Path, case: str) -> None:
    quiet = (('"ws"', '"web"'), (": ws", ": web"), ("/ws", "/web"), ("d ws", "d web"))
    other = (("$http_upgrade", '""'), (".ws.", ".web."), ("Ws", "Web"))
    assert report(tmp_path, case, *quiet, *other).not_known == ()


def test_the_last_line_counts_and_names_them(tmp_path: pathlib.Path) -> None:
    line = coverage(report(tmp_path, "terraform"))
    named = "idle_timeout, health_check.path, deregistration_delay"
    assert f"; not known: 3 values ({named})" in line
    more = report(tmp_path, "terraform", ('"200"', "var.codes"))
    assert f"; not known: 4 values ({named[:31]}, health_check.matcher ...)" in coverage(more)


def test_a_load_balancer_that_is_written_elsewhere_is_not_known(tmp_path: pathlib.Path) -> None:
    found = report(tmp_path, "terraform", ("aws_lb.edge.arn", "data.aws_lb.edge.arn"))
    named = [(setting.message, setting.location.line) for setting in found.not_known]
    assert ("idle_timeout", 5) in named
