"""Comments of YAML: found where they are, and nowhere else."""

from __future__ import annotations

import pytest

from lbcheck.model import Source
from lbcheck.sources import yaml_inline


def comments(text: str) -> list[str]:
    source = Source("x.yaml", "kubernetes", text)
    return [text[start:end] for start, end in yaml_inline.comments(source)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# a\nkey: 1 # b\n", ["# a", "# b"]),
        ("key: 'x # y' # z\n", ["# z"]),
        ("key: x#y\n", []),
        ("key: [1, 2] # list\r\nnext: 1\r\n", ["# list"]),
        ("key: |\n  # text\n  more\n# comment\nnext: 1\n", ["# comment"]),
        ("a: &x {b: 1} # anchor\nc: *x # alias\n", ["# anchor", "# alias"]),
        ("a: 1\n---\n# second\nb: 2\n", ["# second"]),
        ('{"a": "# no"}\n', []),
        ("", []),
    ],
)
def test_comments_are_found(text: str, expected: list[str]) -> None:
    assert comments(text) == expected


def test_a_key_reaches_to_the_end_of_its_value() -> None:
    text = "a:\n  b:\n    - 1\n    - 2\nc: 1\nd: {e: 1,\n  f: 2}\n"
    assert yaml_inline.block_ends(Source("x.yaml", "kubernetes", text)) == {1: 4, 2: 4, 6: 7}
