"""Where a YAML text has comments, and how far the value of each key reaches."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lbcheck.model import Source
from lbcheck.sources import yaml_tree
from lbcheck.sources.yaml_tree import Mapping, Scalar, Sequence

# A comment begins at a line start or behind a blank (YAML 1.2.2, 6.6 "Comments").
_COMMENT = re.compile(r"(?m)(?:^|(?<=[ \t]))#[^\n]*+")


def comments(source: Source) -> Iterator[tuple[int, int]]:
    """Offsets of every comment, without line ends. What does not parse has none."""
    text = source.text or ""
    for start, end in _between(source):
        for match in _COMMENT.finditer(text, start, end):
            yield match.start(), match.start() + len(match[0].rstrip("\r"))


def block_ends(source: Source) -> dict[int, int]:
    """The line of each key with a nested value, and the last line of that value."""
    ends: dict[int, int] = {}
    waiting = list(yaml_tree.documents(Source(source.name, source.kind, source.text)))
    while waiting:
        node = waiting.pop()
        if isinstance(node, Sequence):
            waiting += node.items
        elif isinstance(node, Mapping):
            for key, value in node.entries():
                if not isinstance(value, Scalar) and value.start > key.start:
                    waiting.append(value)
                    ends[source.position(key.start)[0]] = source.position(value.end)[0]
    return ends


def _between(source: Source) -> Iterator[tuple[int, int]]:
    """The stretches that belong to no scalar: there a `#` begins a comment."""
    at = 0
    text = source.text or ""
    for scalar in sorted(_scalars(source), key=lambda scalar: scalar.start):
        if scalar.start >= at:
            yield at, scalar.start
            at = _content_end(text, scalar)
    yield at, len(text)


def _scalars(source: Source) -> Iterator[Scalar]:
    waiting = list(yaml_tree.documents(Source(source.name, source.kind, source.text)))
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            yield node
        elif id(node) not in seen:  # an alias gives the very node of its anchor
            seen.add(id(node))
            parts = node.items if isinstance(node, Sequence) else _parts(node)
            waiting += parts


def _parts(node: Mapping) -> list[yaml_tree.Node]:
    return [part for entry in node.entries() for part in entry]


def _content_end(text: str, scalar: Scalar) -> int:
    """Where a scalar's own text ends: libyaml counts comments below a `|` block to it."""
    if text[scalar.start : scalar.start + 1] not in ("|", ">"):
        return scalar.end
    lines = text[scalar.start : scalar.end].split("\n")
    indent = min((_indent(line) for line in lines[1:2] if line.strip()), default=0)
    end = scalar.start + len(lines[0])
    for line in lines[1:]:
        if line.strip() and _indent(line) < indent:
            break
        end += 1 + len(line)
    return end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
