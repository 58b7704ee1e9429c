"""Modules that make load balancers and are not here are told: what is unread is no clean bill."""

import json
import pathlib

import pytest

from lbcheck.model import Declared, Status
from lbcheck.sources import Wanted, read
from lbcheck.sources.files import Files


def troubles(folder: pathlib.Path, text: str) -> list[str]:
    (folder / "main.tf").write_text(text)
    found = read(Wanted((str(folder),)), Files(), Declared())
    return [trouble.message for source in found.sources for trouble in source.troubles]


@pytest.mark.parametrize(
    ("source", "argument"),
    [
        ("cloudposse/alb/aws", ""),
        ("cloudposse/alb-ingress/aws", ""),
        ("terraform-aws-modules/elb/aws", ""),
        ("git::https://git.example/tf/load-balancer.git?ref=v1", ""),
        ("../modules/lb", ""),
        ("app.example/web/service/aws", "deregistration_delay = 0"),
        ("app.example/web/service/aws", "idle_timeout = 5"),
        ("app.example/web/service/aws", 'lb_target_group_health_check_path = "/"'),
        ("cn-terraform/ecs-alb/aws", ""),
        ("terraform-aws-modules/lb/aws", "vpc_id = var.vpc"),
    ],
)
def test_a_load_balancer_that_another_module_makes(
    tmp_path: pathlib.Path, source: str, argument: str
) -> None:
    text = f'module "edge" {{\n  source = "{source}"\n  count = 2\n  {argument}\n}}\n'
    assert troubles(tmp_path, text) == [
        "the module `edge` seems to make a load balancer, and is not here to be read"
    ]


@pytest.mark.parametrize(
    "source",
    [
        "terraform-aws-modules/vpc/aws",
        "terraform-aws-modules/ecs/aws//modules/service",
        "cloudposse/alb-target-group-cloudwatch-sns-alarms/aws",
        "cloudposse/lb-s3-bucket/aws",
        "git::https://git.example/tf/aws-load-balancer-controller.git",
        "./nowhere",
    ],
)
def test_other_modules_are_nobodys_loss(tmp_path: pathlib.Path, source: str) -> None:
    assert troubles(tmp_path, f'module "edge" {{\n  source = "{source}"\n}}\n') == []


@pytest.mark.parametrize(
    ("source", "argument", "told"),
    [
        ("terraform-aws-modules/ecs/aws//modules/service", "load_balancer = {}", True),
        ("terraform-aws-modules/ecs/aws", "services = {}", True),
        ("terraform-aws-modules/autoscaling/aws", "traffic_source_attachments = {}", True),
        ("app.example/web/service/aws", "target_group_arn = var.group", True),
        ("terraform-aws-modules/ecs/aws", "cluster_name = 1", False),
        ("app.example/web/service/aws", "alb_arn = 1", False),
    ],
)
def test_what_a_module_runs_behind_target_groups_is_not_asked(
    tmp_path: pathlib.Path, source: str, argument: str, told: bool
) -> None:
    text = f'module "app" {{\n  source = "{source}"\n  count = 2\n  {argument}\n}}\n'
    assert troubles(tmp_path, text) == []
    (found,) = read(Wanted((str(tmp_path),)), Files(), Declared()).sources
    expected = ("what the module `app` runs behind target groups",) if told else ()
    assert (found.status, found.not_asked) == (Status.READ, expected)


ENVIRONMENT = """\
resource "aws_elastic_beanstalk_environment" "chat" {
  setting {
    namespace = "%s"
    name      = "%s"
    value     = "x"
  }
}
"""


@pytest.mark.parametrize(
    ("namespace", "name", "told"),
    [
        ("aws:elbv2:loadbalancer", "IdleTimeout", True),
        ("aws:elb:policies", "ConnectionSettingIdleTimeout", True),
        ("aws:elasticbeanstalk:environment:process:default", "StickinessEnabled", True),
        ("aws:elasticbeanstalk:environment", "LoadBalancerType", True),
        ("aws:elasticbeanstalk:environment", "EnvironmentType", False),
        ("aws:autoscaling:asg", "MinSize", False),
    ],
)
def test_elastic_beanstalk_with_settings_of_a_load_balancer(
    tmp_path: pathlib.Path, namespace: str, name: str, told: bool
) -> None:
    said = "Elastic Beanstalk makes a load balancer of these settings, and they are not read"
    assert troubles(tmp_path, ENVIRONMENT % (namespace, name)) == [said] * told


def test_settings_of_elastic_beanstalk_that_nobody_knows_are_told(tmp_path: pathlib.Path) -> None:
    dynamic = (
        'resource "aws_elastic_beanstalk_environment" "chat" {\n  dynamic "setting" {\n'
        "    for_each = var.settings\n    content {\n      name = setting.value\n    }\n  }\n}\n"
    )
    assert len(troubles(tmp_path, dynamic)) == 1


def test_elastic_beanstalk_in_a_plan(tmp_path: pathlib.Path) -> None:
    setting = {"namespace": "aws:elbv2:loadbalancer", "name": "IdleTimeout", "value": "5"}
    environment = {
        "address": "aws_elastic_beanstalk_environment.chat",
        "mode": "managed",
        "type": "aws_elastic_beanstalk_environment",
        "values": {"setting": [setting]},
    }
    root = {"root_module": {"resources": [environment]}}
    plan = {"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": root}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    (found,) = read(Wanted((str(tmp_path / "plan.json"),)), Files(), Declared()).sources
    assert [trouble.message for trouble in found.troubles] == [
        "Elastic Beanstalk makes a load balancer of these settings, and they are not read"
    ]


def test_a_module_without_instances_and_one_that_was_read(tmp_path: pathlib.Path) -> None:
    none = 'module "edge" {\n  source = "cloudposse/alb/aws"\n  count = 0\n}\n'
    assert troubles(tmp_path, none) == []
    (tmp_path / "lb").mkdir()
    (tmp_path / "lb" / "main.tf").write_text('variable "name" {}\n')
    assert troubles(tmp_path, 'module "edge" {\n  source = "./lb"\n}\n') == []


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        ('resource "kubernetes_ingress_v1" "chat" {\n}\n', "kubernetes_ingress_v1 `chat`"),
        (
            'resource "helm_release" "edge" {\n  set {\n'
            '    name = "controller.config.proxy-read-timeout"\n  }\n}\n',
            "helm_release `edge`",
        ),
        (
            'resource "kubernetes_manifest" "chat" {\n  manifest = { kind = "Ingress" }\n}\n',
            "kubernetes_manifest `chat`",
        ),
        ('resource "helm_release" "db" {\n  chart = "postgresql"\n}\n', None),
        ('resource "helm_release" "x" {\n  chart = "aws-load-balancer-controller"\n}\n', None),
        ('resource "kubernetes_namespace" "chat" {\n}\n', None),
    ],
)
def test_what_terraform_makes_in_kubernetes_is_said(
    tmp_path: pathlib.Path, resource: str, said: str | None
) -> None:
    expected = [f"the {said} makes objects of Kubernetes, which are not read"] if said else []
    assert troubles(tmp_path, f"# edge\n{resource}") == expected
