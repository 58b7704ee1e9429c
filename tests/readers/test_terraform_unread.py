"""Modules that make load balancers and are not here are told: what is unread is no clean bill."""

import pathlib

import pytest

from lbcheck.model import Declared
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


def test_a_module_without_instances_and_one_that_was_read(tmp_path: pathlib.Path) -> None:
    none = 'module "edge" {\n  source = "cloudposse/alb/aws"\n  count = 0\n}\n'
    assert troubles(tmp_path, none) == []
    (tmp_path / "lb").mkdir()
    (tmp_path / "lb" / "main.tf").write_text('variable "name" {}\n')
    assert troubles(tmp_path, 'module "edge" {\n  source = "./lb"\n}\n') == []
