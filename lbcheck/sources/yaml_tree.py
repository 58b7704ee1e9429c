"""Read YAML (and JSON, which is YAML) as nodes that know where they stand in the text.

    for root in yaml_tree.documents(source):        # what does not parse: a Trouble on the source
        kind = root.get("kind")                     # a node, or None
        if isinstance(kind, Scalar) and kind.text == "Ingress": ...
        for key, value in root.entries():           # two nodes: `key.start`, `value.end`
            Span(source, key.start, value.end)

Nothing is constructed: a tag such as `!Sub` is left on its node, a bare `7200` is the text "7200"
whose `kind` says "int". Offsets are characters of `source.text`. Aliases give the very node of
their anchor and merge keys (`<<`) are followed, so that a tree may be walked without knowing of
either; what is too deep, or grows too large that way, is refused, hence walking may recurse.
Built on the events of libyaml: a third of the time of `yaml.compose`, and no recursion in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lbcheck.model import Source, Trouble

MAX_DEPTH = 100
MAX_NODES = 1_000_000
"""of one document, with every alias counted as often as it is used"""

# A document marker at a line start ends a document wherever it stands, even in a quoted text.
_MARKER = re.compile(r"(?m)^(?:%[^\n]*+\n){0,4}+---(?=[ \t\r\n]|\Z)")
# libyaml takes no half of a surrogate pair, which JSON writes for an emoji: same length, no harm.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_LONE = re.compile("[\ud800-\udfff]")
_KINDS = {"null": "null", "bool": "bool", "int": "int", "float": "float", "timestamp": "time"}


class Scalar:
    """A text. `plain`: without quotes, so that YAML may take it for a number (see `kind`)."""

    __slots__ = ("end", "plain", "size", "start", "tag", "text")

    def __init__(self, text: str, tag: str | None, plain: bool, start: int, end: int) -> None:
        self.text, self.tag, self.plain = text, tag, plain
        self.start, self.end = start, end
        self.size = 1

    @property
    def kind(self) -> str:
        """ "str", "int", "float", "bool", "null" or "time", as YAML 1.1 takes it (`on` is a bool);
        "tagged" with a tag of its own."""
        if self.tag is not None:
            standard = self.tag.startswith("tag:yaml.org,2002:")
            return self.tag.rpartition(":")[2] if standard else "tagged"
        return _resolved(self.text) if self.plain else "str"


class Sequence:
    """A list. `tag` is None where nobody wrote one."""

    __slots__ = ("end", "items", "size", "start", "tag")

    def __init__(self, tag: str | None, start: int) -> None:
        self.items: list[Node] = []
        self.tag = tag
        self.start = self.end = start
        self.size = 1


class Mapping:
    """Keys and values in their order.

    `repeated` are the keys that a later one of the same name replaces; `templated`: a key is itself
    a mapping, which is what `{{ .Values.port }}` looks like to YAML.
    """

    __slots__ = ("_found", "end", "repeated", "size", "start", "tag", "templated")

    def __init__(self, tag: str | None, start: int) -> None:
        self._found: dict[str, tuple[Scalar, Node]] = {}
        self.repeated: list[Scalar] = []
        self.templated = False
        self.tag = tag
        self.start = self.end = start
        self.size = 1

    def get(self, key: str) -> Node | None:
        """The value of a key; None where there is none."""
        found = self._found.get(key)
        return found and found[1]

    def key(self, key: str) -> Scalar | None:
        """The key itself, for its place."""
        found = self._found.get(key)
        return found and found[0]

    def entries(self) -> Iterator[tuple[Scalar, Node]]:
        """Keys and values, merged ones behind the mapping's own."""
        yield from self._found.values()

    def add(self, key: Node, value: Node) -> None:
        """What the parser found. Of two equal keys the later one counts."""
        if not isinstance(key, Scalar):
            self.templated |= isinstance(key, Mapping)
            return
        if key.text == "<<" and key.plain:
            self._merge(value)
            return
        known = self._found.get(key.text)
        if known is not None and self.start <= known[0].start:
            self.repeated.append(known[0])
        self._found[key.text] = key, value

    def _merge(self, value: Node) -> None:
        for part in value.items if isinstance(value, Sequence) else (value,):
            if isinstance(part, Mapping):
                for key, inner in part.entries():
                    self._found.setdefault(key.text, (key, inner))


Node = Scalar | Sequence | Mapping


def at(node: Node | None, *path: str | int) -> Node | None:
    """The node that keys and indices lead to; None where one of them is not there."""
    for step in path:
        if isinstance(node, Mapping) and isinstance(step, str):
            node = node.get(step)
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            return None
    return node


def text(node: Node | None, *path: str | int) -> str | None:
    """The text that keys and indices lead to; None where there is no scalar, or a null."""
    found = at(node, *path)
    return found.text if isinstance(found, Scalar) and found.kind != "null" else None


def documents(source: Source) -> Iterator[Node]:
    """The roots of a source's documents, empty ones left out.

    A document that cannot be read is a Trouble on the source; the others are still given.
    """
    whole = source.text or ""
    starts = [match.start() for match in _MARKER.finditer(whole)]
    for start, end in zip([0, *starts], [*starts, len(whole)], strict=True):
        if whole[start:end].strip("-\r\n \t"):
            yield from _parsed(source, whole[start:end], start)


def _parsed(source: Source, chunk: str, base: int) -> Iterator[Node]:
    import yaml

    if chunk.startswith("\ufeff"):
        chunk, base = chunk[1:], base + 1
    if "\\u" in chunk:
        chunk = _SURROGATE.sub(r"\\ufffd", chunk)
    chunk = _LONE.sub("\ufffd", chunk)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from _Builder(chunk, base).roots(yaml.parse(chunk, Loader=loader))
    except yaml.reader.ReaderError as error:
        before = chunk.encode()[: error.position].decode("utf-8", "ignore")
        said = f"has a character that YAML does not allow ({error.character:#x})"
        _say(source, said, base + len(before))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(filter(None, (error.problem, error.context))) or "does not parse"
        _say(source, f"is no YAML here: {said}", base + (mark.index if mark else 0))
    except _UnboundedError as error:
        _say(source, error.message, error.place)


def _say(source: Source, message: str, place: int) -> None:
    source.troubles.append(Trouble(message, place, place, "correct it; other documents were read"))


class _UnboundedError(Exception):
    """A document that is deeper or larger than any configuration."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.message = message
        self.place = place


class _Open:
    """A container that is being read. `key` waits for its value."""

    __slots__ = ("anchor", "flow", "key", "node")

    def __init__(self, node: Sequence | Mapping, anchor: str | None, flow: bool) -> None:
        self.node = node
        self.anchor = anchor
        self.flow = flow
        self.key: Node | None = None

    def take(self, node: Node) -> None:
        own = self.node
        own.size += node.size
        if own.size > MAX_NODES:
            raise _UnboundedError("has aliases that make it too large to be read", own.start)
        if isinstance(own, Sequence):
            own.items.append(node)
        elif self.key is None:
            self.key = node
        else:
            own.add(self.key, node)
            self.key = None


class _Builder:
    """Makes trees of the events of one stream. `base` is where the stream begins in the source."""

    def __init__(self, stream: str, base: int) -> None:
        self._stream = stream
        self._base = base
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._end = base
        """of the last thing read: a block ends where its last value ends"""

    def roots(self, events: Iterator[Any]) -> Iterator[Node]:
        for event in events:
            finished = self._finished(event)
            if finished is None:
                continue
            node, anchor = finished
            if anchor:
                self._anchors[anchor] = node
            if self._open:
                self._open[-1].take(node)
            elif not (isinstance(node, Scalar) and node.kind == "null"):
                yield node

    def _finished(self, event: Any) -> tuple[Node, str | None] | None:
        """The node that an event completes, and its anchor."""
        match type(event).__name__:
            case "ScalarEvent":
                return self._scalar(event), event.anchor
            case "MappingEndEvent" | "SequenceEndEvent":
                return self._closed(event)
            case "AliasEvent":
                return self._alias(event), None
            case "MappingStartEvent":
                self._begin(event, Mapping)
            case "SequenceStartEvent":
                self._begin(event, Sequence)
            case "DocumentStartEvent":
                self._anchors = {}
        return None

    def _scalar(self, event: Any) -> Node:
        first, last = event.start_mark.index, event.end_mark.index
        style = event.style
        if style in ("|", ">"):  # its mark is at the next thing, behind blank lines and comments
            last = first + len(self._stream[first:last].rstrip())
        self._end = self._base + last
        return Scalar(event.value, _tag(event), style in (None, ""), self._base + first, self._end)

    def _begin(self, event: Any, kind: type[Sequence | Mapping]) -> None:
        start = self._base + event.start_mark.index
        if len(self._open) >= MAX_DEPTH:
            raise _UnboundedError(f"is nested more than {MAX_DEPTH} levels deep", start)
        self._open.append(_Open(kind(_tag(event), start), event.anchor, bool(event.flow_style)))

    def _closed(self, event: Any) -> tuple[Node, str | None]:
        closed = self._open.pop()
        if closed.flow:
            self._end = self._base + event.end_mark.index
        closed.node.end = max(self._end, closed.node.start)
        return closed.node, closed.anchor

    def _alias(self, event: Any) -> Node:
        self._end = self._base + event.end_mark.index
        found = self._anchors.get(event.anchor)
        if found is None:
            place = self._base + event.start_mark.index
            message = f"has `*{event.anchor}`, and no such anchor stands complete above it"
            raise _UnboundedError(message, place)
        return found


def _tag(event: Any) -> str | None:
    return None if event.tag in (None, "!") else str(event.tag)


def _resolved(text: str) -> str:
    """How YAML 1.1 takes a plain scalar."""
    import yaml

    if not text:
        return "null"
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers
    for tag, pattern in resolvers.get(text[0], ()):
        if pattern.match(text):
            return _KINDS.get(tag.rpartition(":")[2], "str")
    return "str"
