"""YAML as nodes with exact places, whatever the text holds."""

from __future__ import annotations

import pytest

from lbcheck.model import Source
from lbcheck.sources import yaml_tree
from lbcheck.sources.yaml_tree import Mapping, Node, Scalar, Sequence


def read(text: str) -> tuple[list[Node], Source]:
    source = Source("x.yaml", "kubernetes", text)
    return list(yaml_tree.documents(source)), source


def plain(node: Node | None) -> object:
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key.text: plain(value) for key, value in node.entries()}
    return None


def shown(text: str, *path: str | int) -> str:
    """What stands in the text where a node says it stands."""
    roots, source = read(text)
    node = yaml_tree.at(roots[0], *path)
    assert node is not None
    assert source.text is not None
    return source.text[node.start : node.end]


@pytest.mark.parametrize(
    ("text", "path", "stretch"),
    [
        ("a: plain  # c\n", ("a",), "plain"),
        ("é: 'ü'\r\nb:  x\r\n", ("b",), "x"),
        ("a: |\n  one\n  two\n\n\n# c\nb: 1\n", ("a",), "|\n  one\n  two"),
        ("a: >-\r\n  one\r\n\r\nb: 1\r\n", ("a",), ">-\r\n  one"),
        ("a:\n  - x\n  - y\n\n# c\nb: 1\n", ("a",), "- x\n  - y"),
        ("a:\n  b: {c: [1, 2]}  # d\n\ne: f\n", ("a",), "b: {c: [1, 2]}"),
        ("a:\n  b: {c: [1, 2]}\n", ("a", "b", "c", 1), "2"),
        ("\ufeffa: b\n", ("a",), "b"),
        ('{"a": {"b": "\\ud83d\\ude00"}, "c": 7}', ("a", "b"), '"\\ud83d\\ude00"'),
        ("---\n---\n%YAML 1.1\n---\na: b\n", ("a",), "b"),
    ],
)
def test_a_node_stands_where_it_says(text: str, path: tuple[str | int, ...], stretch: str) -> None:
    assert shown(text, *path) == stretch


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("7200", "int"),
        ('"7200"', "str"),
        ("1.5", "float"),
        ("true", "bool"),
        ("on", "bool"),
        ("12:30:00", "int"),
        ("", "null"),
        ("~", "null"),
        ("60s", "str"),
        ("!Sub '${A}'", "tagged"),
        ("!!str 7", "str"),
        ("2026-11-23", "time"),
    ],
)
def test_a_scalar_says_what_yaml_takes_it_for(written: str, kind: str) -> None:
    roots, _ = read(f"a: {written}\n")
    node = yaml_tree.at(roots[0], "a")
    assert isinstance(node, Scalar)
    assert node.kind == kind


def test_a_tag_is_left_on_its_node() -> None:
    roots, source = read("a: !Ref Group\nb: !GetAtt [A, B]\nc: !If\n  - x\n  - y\n")
    assert source.troubles == []
    tags = [value.tag for _, value in roots[0].entries()]  # type: ignore[union-attr]
    assert tags == ["!Ref", "!GetAtt", "!If"]


def test_of_equal_keys_the_later_one_counts_and_the_other_is_kept() -> None:
    roots, _ = read("a: 1\nb: 2\na: 3\n")
    root = roots[0]
    assert isinstance(root, Mapping)
    assert (plain(root), [(key.text, key.start) for key in root.repeated]) == (
        {"a": "3", "b": "2"},
        [("a", 0)],
    )


def test_merged_keys_stand_behind_those_of_the_mapping_itself() -> None:
    roots, _ = read("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\nc:\n  z: 4\n  <<: [*a, {w: 5}]\n")
    assert plain(yaml_tree.at(roots[0], "b")) == {"x": "1", "y": "3"}
    assert plain(yaml_tree.at(roots[0], "c")) == {"z": "4", "x": "1", "y": "2", "w": "5"}
    b = yaml_tree.at(roots[0], "b")
    assert isinstance(b, Mapping)
    assert b.repeated == []


def test_one_document_that_does_not_parse_hides_no_other() -> None:
    text = "a: 1\n---\nb: [\n---\nc: 'open\n---\nd: 4\n...\n---\n# nothing\n---\ne: 5\n"
    roots, source = read(text)
    assert [plain(root) for root in roots] == [{"a": "1"}, {"d": "4"}, {"e": "5"}]
    assert [(t.message, source.position(t.start)) for t in source.troubles] == [
        ("is no YAML here: did not find expected node content while parsing a flow node", (4, 1)),
        (
            "is no YAML here: found unexpected end of stream while scanning a quoted scalar",
            (6, 1),
        ),
    ]


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("a: é\x01\n", "has a character that YAML does not allow (0x1)", 4),
        ("a: " + "[" * 2000, "is nested more than 100 levels deep", 102),
        ("a: &x [*x]\n", "has `*x`, and no such anchor stands complete above it", 7),
        ("a: *b\n", "has `*b`, and no such anchor stands complete above it", 3),
        (
            "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 20)),
            "has aliases that make it too large to be read",
            279,
        ),
    ],
    ids=["control character", "depth", "itself", "no anchor", "bomb"],
)
def test_what_cannot_be_read_is_named_with_its_place(text: str, said: str, place: int) -> None:
    roots, source = read(text)
    assert roots == []
    assert [(trouble.message, trouble.start) for trouble in source.troubles] == [(said, place)]


def test_bytes_that_are_no_text_do_not_end_the_reading() -> None:
    roots, source = read("a: \udc80x\nb: 1\n")
    assert (plain(roots[0]), source.troubles) == ({"a": "\ufffdx", "b": "1"}, [])


def test_an_unrendered_placeholder_shows() -> None:
    roots, _ = read("port: {{ .Values.port }}\n")
    port = yaml_tree.at(roots[0], "port")
    assert isinstance(port, Mapping)
    assert port.templated


def test_a_path_that_leads_nowhere_has_no_node() -> None:
    roots, _ = read("a:\n  - b: ~\n")
    paths = [("x",), ("a", 1), ("a", "b"), ("a", 0, "b", "c")]
    assert [yaml_tree.at(roots[0], *path) for path in paths] == [None] * 4
    assert yaml_tree.text(roots[0], "a", 0, "b") is None


def test_the_pure_reader_reads_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: |\n  x\n\nb: &b {c: 1}\nd: *b\n"
    with_libyaml = read(text)[0]
    monkeypatch.delattr("yaml.CSafeLoader", raising=False)
    without = read(text)[0]
    assert plain(without[0]) == plain(with_libyaml[0])
    assert without[0].end == with_libyaml[0].end
