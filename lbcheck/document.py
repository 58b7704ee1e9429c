"""Read YAML: values that know their line and column, and every mistake with its place.

Scalars mean what YAML 1.2's core schema says (https://yaml.org/spec/1.2.2/#103-core-schema):
`on`, `yes` and `12:30:00` are text, which PyYAML by itself, speaking YAML 1.1, turns into a
boolean and the number 45000. Documents may be hostile: size, depth and what aliases unfold to
are bounded, and nothing here recurses.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from lbcheck import small_file
from lbcheck.errors import DocumentError, DocumentErrors
from lbcheck.regex import regex

MAX_BYTES = 256_000
MAX_DEPTH = 20
MAX_NODES = 20_000

Scalar = str | int | float | bool | None
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INT = regex(r"[-+]?[0-9]{1,30}+|0o[0-7]{1,30}+|0x[0-9a-fA-F]{1,30}+")
_FLOAT = regex(
    r"[-+]?(?:\.[0-9]{1,300}+|[0-9]{1,300}+(?:\.[0-9]{0,300}+)?)(?:[eE][-+]?[0-9]{1,9}+)?"
)
_SPECIAL = regex(r"([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class Node(Struct):
    """A value and where it stands. `text` is a scalar as written, `quoted` whether in quotes."""

    value: Scalar | list[Node] | dict[str, Entry]
    line: int
    column: int
    text: str = ""
    quoted: bool = False
    size: int = 1
    """how many nodes it has, its own included, aliases unfolded"""


class Entry(Struct):
    """A key's place and its value."""

    line: int
    column: int
    node: Node


class Mistakes:
    """Collects the mistakes of one file, so that a person can mend them all at once."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.found: list[DocumentError] = []

    def add(self, place: Node | Entry, message: str) -> None:
        self.found.append(DocumentError(self.path, place.line, place.column, message))

    def check(self) -> None:
        """Raises: DocumentErrors with the first fifty, in the order of their places, if any."""
        if self.found:
            raise DocumentErrors(sorted(self.found, key=self._order)[:50])

    def _order(self, mistake: DocumentError) -> tuple[bool, str, int, int]:
        """Those of files that this one refers to come last."""
        return mistake.path != self.path, mistake.path, mistake.line, mistake.column


def scalar(text: str) -> Scalar:
    """What a plain scalar means in YAML 1.2: `010` is ten, `0o10` eight, `yes` a word."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if _INT.fullmatch(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    if _FLOAT.fullmatch(text):
        return float(text)
    if special := _SPECIAL.fullmatch(text):
        return float("nan") if special[1] is None else float(f"{special[1]}inf")
    return text


def read_text(path: str, shown: str) -> str:
    """The text of a small UTF-8 file. Raises: UsageError; DocumentError at a byte that is wrong."""
    data = small_file.read(path, MAX_BYTES, "is this the right file?", shown)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise DocumentError(shown, line, column, "is not UTF-8 text") from None


def parse(text: str, mistakes: Mistakes) -> Node:
    """The one YAML document in a text; an empty mapping where there is none.

    What is wrong goes to `mistakes`; after a syntax error that is what was read before it.
    """
    import yaml  # 5 ms that a run without a profile or configuration file does not pay

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(mistakes)
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.feed(type(event).__name__, event)
    except _RefusedError:
        pass
    except yaml.MarkedYAMLError as error:
        mark: Any = error.problem_mark or error.context_mark
        mistakes.add(Node(None, mark.line + 1, mark.column + 1), f"YAML: {error.problem}")
    except yaml.YAMLError as error:
        at = getattr(error, "position", 0)
        place = Node(None, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
        mistakes.add(place, "YAML: a control character that text may not have")
    return builder.root or Node({}, 1, 1)


class _RefusedError(Exception):
    """The rest of the document is not worth reading."""


class _Builder:
    """Puts a tree together out of a parser's events."""

    def __init__(self, mistakes: Mistakes) -> None:
        self.root: Node | None = None
        self._mistakes = mistakes
        self._open: list[tuple[Node, str | None]] = []
        self._key: list[tuple[str, Entry] | None] = []
        self._anchors: dict[str, Node] = {}
        self._size = 0

    def feed(self, name: str, event: Any) -> None:
        match name:
            case "ScalarEvent":
                self._attach(_scalar_node(event), event)
            case "AliasEvent":
                self._alias(event)
            case "MappingStartEvent" | "SequenceStartEvent":
                self._start(_node({} if name[0] == "M" else [], event), event)
            case "MappingEndEvent" | "SequenceEndEvent":
                self._end()
            case "DocumentStartEvent" if self.root is not None:
                self._refuse(_node(None, event), "a second document: one file holds one")

    def _start(self, node: Node, event: Any) -> None:
        if len(self._open) == MAX_DEPTH:
            self._refuse(node, f"nested more than {MAX_DEPTH} deep")
        if self._key and self._is_key():
            self._refuse(node, "a key must be a word")
        self._check_tag(node, event)
        self._open.append((node, event.anchor))
        self._key.append(None)

    def _end(self) -> None:
        node, anchor = self._open.pop()
        self._key.pop()
        self._count(node)
        self._place(node, anchor)

    def _attach(self, node: Node, event: Any) -> None:
        self._check_tag(node, event)
        self._count(node)
        self._place(node, event.anchor)

    def _alias(self, event: Any) -> None:
        known = self._anchors.get(event.anchor)
        here = _node(None, event)
        if known is None:
            self._refuse(here, f"`*{event.anchor}` refers to nothing that is complete before it")
        else:
            here = Node(known.value, here.line, here.column, known.text, known.quoted, known.size)
            self._count(here)
            self._place(here, None)

    def _count(self, node: Node) -> None:
        """Keep the sum of all nodes, aliases unfolded, small."""
        if isinstance(node.value, list):
            node.size += sum(item.size for item in node.value)
        elif isinstance(node.value, dict):
            node.size += sum(entry.node.size for entry in node.value.values())
        self._size += node.size
        if self._size > MAX_NODES:
            self._refuse(node, f"more than {MAX_NODES:,} values (do aliases multiply them?)")

    def _place(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        parent, _ = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif self._is_key():
            self._key[-1] = (node.text, Entry(node.line, node.column, node))
        else:
            self._pair(parent, node)

    def _is_key(self) -> bool:
        return isinstance(self._open[-1][0].value, dict) and self._key[-1] is None

    def _pair(self, parent: Node, node: Node) -> None:
        key = self._key[-1]
        self._key[-1] = None
        if key is None or not isinstance(parent.value, dict):
            return
        name, entry = key
        first = parent.value.get(name)
        if first is not None:
            self._mistakes.add(entry, f"`{name[:60]}` is written twice, first on line {first.line}")
        else:
            entry.node = node
            parent.value[name] = entry

    def _check_tag(self, node: Node, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            self._mistakes.add(node, f"tags such as `{event.tag[:60]}` mean nothing here")

    def _refuse(self, place: Node, message: str) -> None:
        self._mistakes.add(place, message)
        raise _RefusedError


def _node(value: list[Node] | dict[str, Entry] | None, event: Any) -> Node:
    mark = event.start_mark
    return Node(value, mark.line + 1, mark.column + 1)


def _scalar_node(event: Any) -> Node:
    quoted = event.style not in (None, "")
    node = _node(None, event)
    node.value, node.text = event.value if quoted else scalar(event.value), event.value
    node.quoted = quoted
    return node
