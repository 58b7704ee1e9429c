"""Conditions are looked at both ways, as far as they agree with each other."""

from __future__ import annotations

from lbcheck.model import Source
from lbcheck.sources import yaml_tree
from lbcheck.sources.aws_written import UNKNOWN
from lbcheck.sources.cfn_world import worlds


def truths(conditions: str, parameters: str = "{}") -> list[dict[str, bool | None]]:
    """What each condition is in each world. Every condition is used by the one resource."""
    text = f"Parameters: {parameters}\nConditions: {conditions}\n"
    [template] = yaml_tree.documents(Source("t.yaml", "cloudformation", text))
    assert isinstance(template, yaml_tree.Mapping)
    body = template.get("Conditions")
    assert isinstance(body, yaml_tree.Mapping)
    names = [key.text for key, _ in body.entries()]
    used = "".join(f"- !If [{name}, a, b]\n" for name in names)
    [resource] = yaml_tree.documents(Source("r.yaml", "cloudformation", used))
    return [{name: world.holds(name) for name in names} for world in worlds(template, [resource])]


def test_a_condition_on_a_parameter_is_true_and_false_the_default_first() -> None:
    found = truths("{Tls: !Not [!Equals [!Ref Cert, '']]}", "{Cert: {Type: String, Default: ''}}")
    assert found == [{"Tls": False}, {"Tls": True}]


def test_two_values_of_one_parameter_exclude_each_other() -> None:
    found = truths(
        "{Two: !Equals [2, !Ref N], Three: !Equals [3, !Ref N], Any: !Or [!Condition Two,"
        " !Condition Three]}",
        "{N: {Type: String, AllowedValues: [2, 3]}}",
    )
    assert found == [
        {"Two": True, "Three": False, "Any": True},
        {"Two": False, "Three": True, "Any": True},
    ]


def test_a_value_that_is_not_allowed_is_not_tried() -> None:
    found = truths("{Odd: !Equals [!Ref N, 7]}", "{N: {Type: String, AllowedValues: [2]}}")
    assert found == [{"Odd": False}]


def test_what_nobody_knows_before_the_deploy_is_both() -> None:
    found = truths("{Here: !Equals [!Ref 'AWS::Region', eu-west-1]}")
    assert found == [{"Here": True}, {"Here": False}]


def test_and_of_what_holds() -> None:
    found = truths(
        "{A: !Equals [x, x], B: !Equals [!Ref P, x], Both: !And [!Condition A, !Condition B]}",
        "{P: {Type: String}}",
    )
    assert found == [
        {"A": True, "B": False, "Both": False},
        {"A": True, "B": True, "Both": True},
    ]


def test_conditions_in_a_circle_are_unknown() -> None:
    assert truths("{A: !Condition B, B: !Condition A}") == [{"A": None, "B": None}]


def test_the_ways_are_bounded() -> None:
    names = [f"P{n}" for n in range(12)]
    conditions = ", ".join(f"C{n}: !Equals [!Ref {n}, x]" for n in names)
    parameters = ", ".join(f"{n}: {{Type: String}}" for n in names)
    assert len(truths(f"{{{conditions}}}", f"{{{parameters}}}")) == 64


def test_conditions_that_multiply_by_aliases_take_no_time() -> None:
    parameters = ", ".join(f"P{n}: {{Type: String, Default: a}}" for n in range(9))
    first = "C0: &c0 !And [" + ", ".join(f"!Equals [!Ref P{n}, b]" for n in range(9)) + "]"
    more = [f"C{n}: &c{n} !And [{', '.join([f'*c{n - 1}'] * 7)}]" for n in range(1, 6)]
    found = truths(f"{{{', '.join([first, *more])}}}", f"{{{parameters}}}")
    assert [set(each.values()) for each in found] == [{False}]


def test_a_parameter_that_leads_into_a_mapping_is_each_of_its_keys() -> None:
    resource = "[!FindInMap [Sizes, !Ref Stage, Delay], !FindInMap [Sizes, !Ref 'AWS::Region', X]]"
    for parameter, stages in (
        ("{Type: String, AllowedValues: [live, test]}", ["live", "test"]),
        ("{Type: String, AllowedValues: [live]}", ["live"]),
        ("{Type: String, Default: test, AllowedValues: [live, test]}", ["test", "live"]),
        ("{Type: String}", [None, "live", "test"]),
    ):
        text = (
            f"Parameters: {{Stage: {parameter}}}\n"
            "Mappings: {Sizes: {live: {Delay: 0}, test: {Delay: 60}}}\n"
        )
        [template] = yaml_tree.documents(Source("t.yaml", "cloudformation", text))
        [body] = yaml_tree.documents(Source("r.yaml", "cloudformation", resource))
        assert isinstance(template, yaml_tree.Mapping)
        assert isinstance(body, yaml_tree.Sequence)
        values = [world.value(body.items[0]).value for world in worlds(template, [body])]
        delays = {"live": "0", "test": "60", None: UNKNOWN}
        assert values == [delays[stage] for stage in stages]


def test_every_condition_is_seen_both_ways_however_many_there_are() -> None:
    names = [f"P{n}" for n in range(20)]
    conditions = ", ".join(f"C{n}: !Equals [!Ref {n}, x]" for n in names)
    parameters = ", ".join(f"{n}: {{Type: String}}" for n in names)
    found = truths(f"{{{conditions}}}", f"{{{parameters}}}")
    assert all({world[f"C{name}"] for world in found} == {True, False} for name in names)
