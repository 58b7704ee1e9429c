"""Kubernetes manifests → objects: what they are called, and their annotations with their places."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from lbcheck.model import Source, Span, Trouble
from lbcheck.sources import yaml_tree
from lbcheck.sources.yaml_tree import Mapping, Node, Scalar, Sequence

_PLACEHOLDER = re.compile(r"\$[{(\w]|\{[{%]|<%|@\w++@|%%|__\w")
# Text that Helm (or Jinja) still has to fill in: a line of its own, or a value without quotes.
_UNRENDERED = re.compile(r"(?m)^[ \t]*+(?:- )?+\{[{%]|:[ \t]++\{\{")
_MAX_TROUBLES = 50


class Annotation(Struct, frozen=True, gc=False):
    """`key: value` in the metadata of an object. `kind`: what YAML takes the value for."""

    key: str
    text: str
    kind: str
    place: Span

    @property
    def name(self) -> str:
        """The key without its prefix."""
        return self.key.rpartition("/")[2]

    @property
    def prefix(self) -> str:
        return self.key.rpartition("/")[0]

    @property
    def refused(self) -> bool:
        """Is it a number or a boolean? Kubernetes takes only text and refuses the object."""
        return self.kind in ("int", "float", "bool") and ":" not in self.text

    @property
    def unknown(self) -> bool:
        """Is it filled in later (envsubst, kustomize, a pipeline)?"""
        return _PLACEHOLDER.search(self.text) is not None

    def part(self, piece: str) -> Span:
        """Where a piece of the value stands; the whole of it where that cannot be told."""
        source, start, end = self.place.source, self.place.start, self.place.end
        at = (source.text or "").find(piece, start, end)
        return Span(source, at, at + len(piece)) if piece and at >= 0 else self.place


class Object(Struct, frozen=True):
    """One object of a manifest."""

    source: Source
    root: Mapping
    kind: str
    name: str
    namespace: str
    annotations: dict[str, Annotation]
    labels: dict[str, Annotation]
    repeated: tuple[Annotation, ...] = ()
    """annotations that one of the same name replaces further down"""

    @property
    def place(self) -> Span:
        """Its name; its kind where it has none."""
        metadata = self.root.get("metadata")
        if isinstance(metadata, Mapping) and (found := _entry(self.source, metadata, "name")):
            return found
        found = _entry(self.source, self.root, "kind")
        return found or Span(self.source, self.root.start, self.root.start)

    def at(self, *path: str | int) -> Node | None:
        return yaml_tree.at(self.root, *path)

    def text(self, *path: str | int) -> str | None:
        return yaml_tree.text(self.root, *path)

    def entry(self, *path: str) -> Span | None:
        """Where `key: value` stands, the key last in the path."""
        within = self.at(*path[:-1])
        return _entry(self.source, within, path[-1]) if isinstance(within, Mapping) else None


def read(source: Source) -> list[Object]:
    """The objects of a source. What cannot be read is a trouble, with what to do about it."""
    text = source.text or ""
    if "{" in text and (found := _UNRENDERED.search(text)):
        _template(source, found.end() - 2)
        return []
    return [made for root in yaml_tree.documents(source) for made in _objects(source, root)]


def _template(source: Source, place: int) -> None:
    source.unread = True
    source.troubles.append(
        Trouble(
            "is a template that is not rendered yet",
            place,
            place + 2,
            "render it: `helm template RELEASE CHART | lbcheck audit -`",
        )
    )


def _objects(source: Source, root: Node, depth: int = 0) -> Iterator[Object]:
    if not isinstance(root, Mapping):
        return
    items = root.get("items")
    kind = yaml_tree.text(root, "kind") or ""
    if isinstance(items, Sequence) and kind.endswith("List") and depth == 0:
        for item in items.items:
            yield from _objects(source, item, depth + 1)
    elif kind:
        yield Object(
            source,
            root,
            kind,
            yaml_tree.text(root, "metadata", "name") or "",
            yaml_tree.text(root, "metadata", "namespace") or "",
            _annotations(source, yaml_tree.at(root, "metadata", "annotations")),
            _annotations(source, yaml_tree.at(root, "metadata", "labels")),
            tuple(_repeated(source, yaml_tree.at(root, "metadata", "annotations"))),
        )


def _annotations(source: Source, node: Node | None) -> dict[str, Annotation]:
    if not isinstance(node, Mapping):
        return {}
    found = {}
    for key, value in node.entries():
        # An empty value is an empty text; lists and mappings are refused like numbers.
        text, kind = (value.text, value.kind) if isinstance(value, Scalar) else ("", "int")
        place = Span(source, key.start, max(value.end, key.end))
        found[key.text] = Annotation(key.text, text.strip(), kind, place)
    return found


def _repeated(source: Source, node: Node | None) -> Iterator[Annotation]:
    for key in node.repeated if isinstance(node, Mapping) else ():
        yield Annotation(key.text, "", "str", Span(source, key.start, key.end))


def _entry(source: Source, within: Mapping, name: str) -> Span | None:
    key, value = within.key(name), within.get(name)
    if key is None or value is None:
        return None
    # A block that goes on below is shown by its first line.
    end = value.end if isinstance(value, Scalar) else key.end
    return Span(source, key.start, max(end, key.end))


def say(source: Source, message: str, place: Span, remedy: str) -> None:
    """A trouble of a source, once."""
    trouble = Trouble(message, place.start, place.end, remedy)
    if len(source.troubles) < _MAX_TROUBLES and trouble not in source.troubles:
        source.troubles.append(trouble)
