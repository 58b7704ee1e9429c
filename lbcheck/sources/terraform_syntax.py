"""Read HCL text as blocks and attributes that know where they stand.

The syntax tree is tree-sitter's: what does not parse is a Trouble with its line, and what stands
around it is still read. A block that is broken says so, for then an attribute that is not found
may only be lost.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from lbcheck.model import Source, Span, Trouble

if TYPE_CHECKING:
    from tree_sitter import Node as Node
    from tree_sitter import Parser

_SHOWN = 5
_TOP = re.compile(
    rb"(?m)^(?:resource|module|variable|locals|data|output|provider|terraform)(?=[ \t{\"])"
)
_MOST_PARTS = 5000
_REMEDY = "correct it (`terraform validate` says more) and run again"


class Attribute:
    """`name = expression`; the span is that of the whole."""

    __slots__ = ("expression", "file", "name", "span")

    def __init__(self, file: File, name: str, expression: Node, span: Span) -> None:
        self.file, self.name, self.expression, self.span = file, name, expression, span


class Block:
    """`kind "label" { ... }`. Its span is the opening line; what is in it is read when asked for.

    `broken`: part of it does not parse.
    """

    __slots__ = ("_body", "_parts", "broken", "file", "kind", "labels", "span")

    def __init__(self, file: File, node: Node) -> None:
        heads = [child for child in node.named_children if child.type != "body"]
        names = [child for child in heads if child.type in ("identifier", "string_lit")]
        opening = next((each for each in heads if each.type == "block_start"), node)
        self.file = file
        self.kind = file.text(names[0]) if names else ""
        self.labels = tuple(file.text(name).strip('"') for name in names[1:])
        self.span = Span(file.source, file.offset(node.start_byte), file.offset(opening.end_byte))
        self.broken = node.has_error
        self._body = next((each for each in node.named_children if each.type == "body"), None)
        self._parts: tuple[dict[str, Attribute], list[Block]] | None = None

    @property
    def attributes(self) -> dict[str, Attribute]:
        return self._read()[0]

    @property
    def blocks(self) -> list[Block]:
        return self._read()[1]

    def _read(self) -> tuple[dict[str, Attribute], list[Block]]:
        if self._parts is None:
            self._parts = self.file.body(self._body)
        return self._parts


class File:
    """One parsed text: its top-level blocks, or those of its parts where it is broken."""

    __slots__ = ("_data", "_shifts", "attributes", "blocks", "roots", "source")

    def __init__(self, source: Source, data: bytes, roots: list[Node]) -> None:
        self.source = source
        self.roots = roots
        self._data = data
        self._shifts: tuple[list[int], list[int]] | None = None
        self.attributes: dict[str, Attribute] = {}
        self.blocks: list[Block] = []
        for root in roots:
            for child in root.named_children:
                attributes, blocks = self.body(child if child.type == "body" else None)
                self.attributes.update(attributes)
                self.blocks += blocks

    def body(self, node: Node | None) -> tuple[dict[str, Attribute], list[Block]]:
        attributes: dict[str, Attribute] = {}
        blocks: list[Block] = []
        for child in node.named_children if node else ():
            if child.type == "block":
                blocks.append(Block(self, child))
            elif child.type == "attribute" and not child.has_error:
                name, expression = child.named_children[0], child.named_children[-1]
                found = Attribute(self, self.text(name), expression, self.span(child))
                attributes[found.name] = found
        return attributes, blocks

    def text(self, node: Node) -> str:
        return self._data[node.start_byte : node.end_byte].decode("utf-8", "surrogateescape")

    def span(self, node: Node) -> Span:
        return Span(self.source, self.offset(node.start_byte), self.offset(node.end_byte))

    def offset(self, byte: int) -> int:
        """The parser counts bytes; spans count characters."""
        if self._shifts is None:
            self._shifts = _shifts(self.source.text or "")
        ends, lost = self._shifts
        at = bisect_right(ends, byte)
        return byte - lost[at - 1] if at else byte


def _shifts(text: str) -> tuple[list[int], list[int]]:
    """Where characters of several bytes end, and how many bytes too many there are by then."""
    ends: list[int] = []
    lost: list[int] = []
    if text.isascii():
        return ends, lost
    surplus = 0
    for number, character in enumerate(text):
        if not character.isascii():
            surplus += len(character.encode("utf-8", "surrogateescape")) - 1
            ends.append(number + surplus + 1)
            lost.append(surplus)
    return ends, lost


def parse(source: Source) -> File | None:
    """The blocks of a source; None where the parser is not installed (a Trouble says so)."""
    try:
        parser = _parser()
    except ImportError as error:
        source.unread = True
        remedy = "pip install tree-sitter tree-sitter-hcl"
        source.troubles.append(Trouble(f"needs a parser that is missing: {error}", remedy=remedy))
        return None
    data = (source.text or "").encode("utf-8", "surrogateescape")
    root = parser.parse(data).root_node
    roots = (root.has_error and _parts(parser, data)) or [root]
    file = File(source, data, roots)
    for node in _faults(roots) or _faults([root]):
        span = file.span(node)
        shown = file.text(node).split("\n")[0].strip()[:40]
        said = f"does not parse at `{shown}`" if shown else "ends too early or lacks something"
        source.troubles.append(Trouble(said, span.start, span.end, _REMEDY))
    return file


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_hcl

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))


def _parts(parser: Parser, data: bytes) -> list[Node]:
    """Each top-level block by itself, for a stray brace swallows what comes behind it."""
    from tree_sitter import Point, Range

    starts = [match.start() for match in _TOP.finditer(data)][:_MOST_PARTS]
    roots = []
    for start, end in pairwise([*starts, len(data)]):
        parser.included_ranges = [Range(Point(0, 0), Point(1, 0), start, end)]
        roots.append(parser.parse(data).root_node)
    parser.included_ranges = []
    return roots


def _faults(roots: list[Node]) -> list[Node]:
    """The first nodes that are wrong themselves, not only around something wrong."""
    found: list[Node] = []
    pending = [root for root in reversed(roots) if root.has_error]
    while pending and len(found) < _SHOWN:
        node = pending.pop()
        if node.is_error or node.is_missing:
            found.append(node)
        else:
            pending.extend(child for child in reversed(node.children) if child.has_error)
    return found


def inline(source: Source) -> tuple[tuple[tuple[int, int], ...], dict[int, int]]:
    """For suppressions: the stretches of comments, and the line on which each block ends."""
    scratch = Source(source.name, source.kind, source.text)
    file = parse(scratch)
    comments: list[tuple[int, int]] = []
    ends: dict[int, int] = {}
    pending = list(file.roots) if file else []
    while file and pending:
        node = pending.pop()
        span = file.span(node)
        if node.type == "comment":
            comments.append((span.start, span.end))
        elif node.type in ("block", "object_elem"):
            ends[source.position(span.start)[0]] = source.position(span.end)[0]
        pending.extend(node.children)
    return tuple(sorted(comments)), ends
