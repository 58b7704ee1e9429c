"""Loading saved answers: what is refused and where, and where a pointer leads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbcheck.model import Pointer, Source
from lbcheck.sources import aws_snapshot, json_places
from tests.aws import answers

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


def paths(
    value: Any, prefix: tuple[str | int, ...] = ()
) -> list[tuple[tuple[str | int, ...], Any]]:
    found = [(prefix, value)]
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in inner:
        found += paths(item, (*prefix, key))
    return found


@given(JSON, st.sampled_from([None, 1, 2, "\t"]), st.booleans(), st.booleans())
def test_every_pointer_slices_back_to_its_value(
    document: Any, indent: Any, ascii_only: bool, marked: bool
) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only)
    text = f"\ufeff{text}" if marked else text
    for path, value in paths(document):
        start, end = json_places.find(text, path)
        piece = text[start:end]
        if isinstance(value, dict) and value:
            assert json.loads("{" + piece + "}") == value
        elif path and isinstance(path[-1], str):
            assert json.loads("{" + piece + "}") == {path[-1]: value}
        else:
            assert json.loads(piece) == value


@given(st.text(max_size=200))
def test_any_text_is_refused_or_read_without_a_crash(text: str) -> None:
    source = Source("state.json", "aws", text)
    snapshot = aws_snapshot.load(source)
    assert (snapshot is None) == bool(source.troubles)
    assert all(0 <= trouble.start <= len(text) for trouble in source.troubles)


def test_of_a_key_that_stands_twice_the_last_one_counts() -> None:
    text = '{"a": 1, "a": 2}'
    start, end = json_places.find(text, ("a",))
    assert text[start:end] == '"a": 2'


def test_a_path_that_leads_nowhere_ends_at_what_exists() -> None:
    text = '{"TargetGroups": [{"Port": 80}]}'
    start, end = json_places.find(text, ("TargetGroups", 0, "ProtocolVersion"))
    assert text[start:end] == '"Port": 80'


def test_an_attribute_begins_at_its_key() -> None:
    text = '{"Attributes": [\n  {\n    "Key": "a",\n    "Value": "1"\n  }\n]}'
    span = aws_snapshot.locate(Pointer(Source("f", "aws", text), ("Attributes", 0), "arn"))
    assert span is not None
    assert text[slice(*span)] == '"Key": "a",\n    "Value": "1"'


def test_a_live_account_has_no_text_to_point_into() -> None:
    account = aws_snapshot.Account("aws 1 eu-west-1", {})
    assert aws_snapshot.locate(Pointer(account, ("Rules",), "arn")) is None


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ('{"LoadBalancers": []', 1, 21, "is cut off: the JSON ends too early"),
        ('{"é": 1,\n "b": x}', 2, 7, "is not JSON: invalid character"),
        (
            '{\n"TargetGroups": [{"Port": "x"}]}',
            2,
            19,
            "is no AWS answer: `TargetGroups[0].Port`: expected `int | null`, got `str`",
        ),
        (
            '{"Rules":\n {"arn": [{"Priority": []}]}}',
            2,
            3,
            "is no AWS answer: `Rules[...][0].Priority`: expected `int | str | null`, got `array`",
        ),
        ("[]", 1, 1, "is no AWS answer: the document: expected `object`, got `array`"),
        ('{"a": 1}', 1, 1, "has no answer of the ELB API in it"),
        (
            '{"schema": "lbcheck-aws/2"}',
            1,
            2,
            "has the schema `lbcheck-aws/2`; this lbcheck reads `lbcheck-aws/1`",
        ),
        ('{"a": "\udc80"}', 1, 8, "is not UTF-8"),
        ('{"x":' + '{"a":' * 50_000, 1, 1, "is nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(
    text: str, line: int, column: int, message: str
) -> None:
    source = Source("state.json", "aws", text)
    assert aws_snapshot.load(source) is None
    assert [(t.message, source.position(t.start)) for t in source.troubles] == [
        (message, (line, column))
    ]
    assert source.status.value == "unread"


@pytest.mark.parametrize("account", ['"111122223333"', "null"])
def test_accounts_are_masked_where_that_is_asked(tmp_path: Any, account: str) -> None:
    own, other = answers.arn("g"), answers.arn("g").replace("111122223333", "444455556666")
    gone = "arn:aws:sts::111122223333:assumed-role/x is not allowed"
    text = f"""{{"schema": "lbcheck-aws/1", "account": {account},
      "TargetGroups": [{{"TargetGroupArn": "{own}"}}, {{"TargetGroupArn": "{other}"}}],
      "Errors": [{{"Code": "AccessDenied", "Message": "{gone}"}}]}}"""
    snapshot = aws_snapshot.load(Source("s", "aws", text))
    assert snapshot is not None
    for mask, count in ((False, 0), (True, 4 if "1" in account else 3)):
        aws_snapshot.save(snapshot, str(tmp_path / "state.json"), mask_account=mask)
        saved = (tmp_path / "state.json").read_text()
        assert saved.count("000000000000") == count
        assert ("111122223333" in saved or "444455556666" in saved) is not mask


def test_a_failed_save_leaves_nothing_behind(tmp_path: Any) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    snapshot = aws_snapshot.load(Source("s", "aws", '{"LoadBalancers": []}'))
    assert snapshot is not None
    with pytest.raises(OSError, match="directory"):
        aws_snapshot.save(snapshot, str(target))
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_key_that_stands_twice_is_told_where_it_stands_again() -> None:
    text = '{"LoadBalancers": [{"Type": "network", "Type": "application"}]}'
    source = Source("state.json", "aws", text)
    assert aws_snapshot.load(source) is not None
    (trouble,) = source.troubles
    assert text[trouble.start : trouble.end] == '"Type": "application"'
    assert trouble.message == ("`Type` stands twice in one object, and only the later value counts")


def test_what_was_not_asked_is_said_of_a_saved_answer_too_and_nothing_is_missing() -> None:
    refused = [
        {"Operation": operation, "Resource": "", "Code": code, "Message": "no"}
        for operation, code in (
            ("ListClusters", "AccessDeniedException"),
            ("DescribeAutoScalingGroups", "AccessDenied"),
            ("DescribeLifecycleHooks", "AccessDenied"),
            ("DescribeInstances", "UnauthorizedOperation"),
        )
    ]
    topology = answers.read(answers.document(groups=[], Errors=refused))
    (source,) = topology.sources
    assert source.troubles == []
    assert source.not_asked == ("ECS, Auto Scaling (AccessDenied)", "EC2 (UnauthorizedOperation)")
