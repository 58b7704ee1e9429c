"""Intrinsic functions: what they come to, and that what nobody can know stays unknown."""

from __future__ import annotations

import pytest

from lbcheck.model import Source
from lbcheck.sources import yaml_tree
from lbcheck.sources.aws_written import UNKNOWN
from lbcheck.sources.cfn_value import ABSENT, Item
from lbcheck.sources.cfn_world import worlds

TEMPLATE = """\
Parameters:
  Path: {{Type: String, Default: /healthz}}
  Secret: {{Type: String}}
  Kept: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /chat/idle}}
Mappings:
  Loop: {{a: {{b: !FindInMap [Loop, a, b]}}}}
  Idle: {{prod: {{seconds: '300'}}}}
Conditions:
  Never: !Equals [a, b]
Resources:
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Value: {value}
"""


def value(text: str) -> object:
    source = Source("t.yaml", "cloudformation", TEMPLATE.format(value=text))
    [template] = yaml_tree.documents(source)
    assert isinstance(template, yaml_tree.Mapping)
    node = yaml_tree.at(template, "Resources", "Group", "Properties", "Value")
    assert node is not None
    return plain(next(worlds(template, [template])).value(node))


def plain(item: Item) -> object:
    if isinstance(item.value, tuple):
        return [plain(one) for one in item.value]
    return item.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("60", "60"),
        ("!Ref Path", "/healthz"),
        ("{Ref: Path}", "/healthz"),
        ("!Ref Group", "Group"),
        ("!GetAtt Group.TargetGroupArn", "Group"),
        ("{'Fn::GetAtt': [Group, TargetGroupArn]}", "Group"),
        ("!Sub 'x${Path}y'", "x/healthzy"),
        ("!Sub ['${a}-${Path}', {a: b}]", "b-/healthz"),
        ("!Sub 'a${!Literal}'", "a${Literal}"),
        ("!Join ['-', [a, !Ref Path]]", "a-/healthz"),
        ("!Select [1, [a, b]]", "b"),
        ("!Select [0, !Split [',', 'x,y']]", "x"),
        ("!FindInMap [Idle, prod, seconds]", "300"),
        ("!If [Never, 1, 2]", "2"),
        ("[a, !Ref 'AWS::NoValue', b]", ["a", "b"]),
    ],
)
def test_a_function_comes_to_its_value(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "!Ref Secret",
        "!Ref Kept",
        "!Ref 'AWS::Region'",
        "!ImportValue chat",
        "!Sub '${AWS::StackName}-ws'",
        "!Sub '${Secret}'",
        "!GetAtt Group.TargetGroupName",
        "'{{resolve:ssm:/chat/idle}}'",
        "!FindInMap [Idle, test, seconds]",
        "!FindInMap [Idle, !Ref 'AWS::Region', seconds]",
        "!If [Nothing, 1, 2]",
        "!If [Never, 1]",
        "!Select [9, [a]]",
        "!Select [x, [a]]",
        "!Split ['', a]",
        "!Join ['-', !Ref Secret]",
        "!Base64 x",
        "!Custom x",
        "{'Fn::Length': [a]}",
    ],
)
def test_what_nobody_can_know_before_the_deploy_is_unknown(text: str) -> None:
    assert value(text) is UNKNOWN


def test_no_value_is_as_if_nothing_were_written() -> None:
    assert value("!Ref 'AWS::NoValue'") is ABSENT


def test_functions_that_run_in_a_circle_are_unknown_and_end() -> None:
    assert value("!FindInMap [Loop, a, b]") is UNKNOWN


def test_a_text_made_of_one_that_is_made_of_another_takes_no_time() -> None:
    text = '""'
    for _ in range(28):
        text = f'{{"Fn::Sub": ["${{x}}${{x}}${{x}}${{x}}", {{"x": {text}}}]}}'
    assert value(text) == ""
