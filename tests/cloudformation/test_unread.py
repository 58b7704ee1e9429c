"""What a template leaves to others is told: nested stacks, macros, Elastic Beanstalk."""

from __future__ import annotations

import pathlib

import pytest

from lbcheck.reporters import Style, render
from lbcheck.run import Options, run
from tests.cloudformation.test_templates import STACK, audit, told

NESTED = """\
  {name}:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: {url}
"""
BEANSTALK = """\
Resources:
  Chat:
    Type: AWS::ElasticBeanstalk::Environment
    Properties:
      OptionSettings: {settings}
"""
ALONE = "Resources:\n"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("Balancer", "https://s3.example/b/alb.yaml"),
        ("PublicLoadBalancer", "!Sub '${Bucket}/public.yaml'"),
        ("PublicALB", "./public.yaml"),
        ("Edge", "modules/load-balancer.yaml"),
    ],
)
def test_a_nested_stack_that_means_a_load_balancer(
    tmp_path: pathlib.Path, name: str, url: str
) -> None:
    found = audit(tmp_path, STACK + NESTED.format(name=name, url=url))
    assert (told(found), found.exit_code) == ([("LB901", f"{name}:")], 3)


@pytest.mark.parametrize(
    ("name", "url"), [("Network", "vpc.yaml"), ("AlbAlarms", "https://s3.example/alb-alarms.yaml")]
)
def test_any_other_nested_stack_is_not_asked(tmp_path: pathlib.Path, name: str, url: str) -> None:
    found = audit(tmp_path, STACK + NESTED.format(name=name, url=url))
    assert (found.findings, found.exit_code) == ((), 0)
    assert found.sources[0].not_asked == (f"the nested stack `{name}`",)


def test_a_name_of_the_template_never_steers_a_terminal(tmp_path: pathlib.Path) -> None:
    found = audit(tmp_path, STACK + NESTED.format(name='"Net\\e[2Jwork"', url="vpc.yaml"))
    shown = render("text", found, Style())
    assert ("\x1b" in shown, "the nested stack `Net\\x1b[2Jwork`" in shown) == (False, True)


def test_a_nested_template_beside_it_is_read_itself(tmp_path: pathlib.Path) -> None:
    (tmp_path / "alb.yaml").write_text(STACK)
    (tmp_path / "main.yaml").write_text(ALONE + NESTED.format(name="Alb", url="./alb.yaml"))
    found = run([str(tmp_path)], Options(today="2026-11-23"))
    assert (found.findings, found.exit_code) == ((), 0)
    alone = run([str(tmp_path / "main.yaml")], Options(today="2026-11-23"))
    assert (told(alone), alone.exit_code) == ([("LB901", "Alb:")], 3)


def test_a_template_of_other_stacks_alone_is_nothing_to_audit(tmp_path: pathlib.Path) -> None:
    found = audit(tmp_path, ALONE + NESTED.format(name="Network", url="vpc.yaml"))
    assert (found.findings, found.nothing, found.exit_code) == ((), True, 3)


@pytest.mark.parametrize(
    ("transform", "line"),
    [
        ("AWS::Serverless-2016-10-31", None),
        ("[AWS::LanguageExtensions, AWS::Serverless-2016-10-31]", None),
        ("CompanyDefaults", "Transform: CompanyDefaults"),
        ("[AWS::LanguageExtensions, Mine]", "Transform: [AWS::LanguageExtensions, Mine]"),
        ("{Name: AWS::Include}", "Transform: {Name: AWS::Include}"),
    ],
)
def test_macros_of_the_template(tmp_path: pathlib.Path, transform: str, line: str | None) -> None:
    found = audit(tmp_path, f"Transform: {transform}\n{STACK}")
    assert told(found) == ([] if line is None else [("LB901", line)])


@pytest.mark.parametrize(
    ("above", "macro"),
    [
        ("Resources:\n", "  Fn::Transform: {Name: AWS::Include}\n"),
        ("LoadBalancer\n    Properties:\n", "      Fn::Transform: {Name: Mine}\n"),
    ],
)
def test_macros_within_it(tmp_path: pathlib.Path, above: str, macro: str) -> None:
    assert STACK.count(above) == 1
    found = audit(tmp_path, STACK.replace(above, above + macro))
    assert (told(found), found.exit_code) == ([("LB901", macro.strip())], 3)


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        ("[{Namespace: aws:elbv2:loadbalancer, OptionName: IdleTimeout, Value: 5}]", ["Chat:"]),
        ("!Ref Settings", ["Chat:"]),
        ("[{Namespace: aws:autoscaling:asg, OptionName: MinSize, Value: 2}]", []),
    ],
)
def test_elastic_beanstalk(tmp_path: pathlib.Path, settings: str, lines: list[str]) -> None:
    found = audit(tmp_path, BEANSTALK.format(settings=settings))
    assert (told(found), found.exit_code) == ([("LB901", line) for line in lines], 3)
