"""What a Terraform expression comes to: a value, a reference, or nothing that can be known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lbcheck.model import Span
from lbcheck.sources.aws_written import UNKNOWN

MAX_ELEMENTS = 2000
_IDENTITY = frozenset({"arn", "id"})


class Ref:
    """A reference to something that Terraform makes: `aws_lb.edge` for `aws_lb.edge.arn`."""

    __slots__ = ("address",)

    def __init__(self, address: str) -> None:
        self.address = address


class Value:
    """Data and where it stands.

    `data`: None (null), bool, int, float, str, a list of values, an `Object`, a `Ref` or UNKNOWN.
    `span`: where it is set: `name = value` if it has a name. `words`: the expression as written.
    """

    __slots__ = ("data", "span", "words")

    def __init__(self, data: Any, span: Span | None = None, words: str = "") -> None:
        self.data, self.span, self.words = data, span, words

    @property
    def known(self) -> bool:
        """Is it a value, all of it, and no reference? (Parts of a list or object may not be.)"""
        return self.data is not UNKNOWN and not isinstance(self.data, Ref)

    @property
    def plain(self) -> Any:
        """What `Draft.put` takes: UNKNOWN for references, lists in lists, and what is not known."""
        if isinstance(self.data, list):
            parts = [UNKNOWN if each.items() else each.plain for each in self.data]
            return UNKNOWN if any(part is UNKNOWN for part in parts) else parts
        return self.data if self.known and not isinstance(self.data, Object) else UNKNOWN

    @property
    def address(self) -> str | None:
        """What a reference leads to; an expression that is not known stands for itself."""
        if isinstance(self.data, Ref):
            return self.data.address
        if self.data is UNKNOWN:
            return self.words or None
        return self.data if isinstance(self.data, str) else None

    def items(self) -> list[Value] | None:
        """The elements of a list, or the values of a map; None where they are not known."""
        if isinstance(self.data, list):
            return self.data
        if isinstance(self.data, Object):
            return None if self.data.open else list(self.data.entries.values())
        return [] if self.data is None else None

    def attr(self, name: str) -> Value:
        """`.name` of it; MISSING where there is none."""
        if isinstance(self.data, Object):
            return self.data.get(name)
        if isinstance(self.data, Ref):
            return _of_reference(self.data, name)
        return HIDDEN if self.data is UNKNOWN else MISSING

    def index(self, key: Value) -> Value:
        """`[key]` of it; MISSING where there is none."""
        data, at = self.data, key.plain
        if isinstance(data, Ref):
            return Value(Ref(data.address if at is UNKNOWN else f"{data.address}[{at}]"))
        if data is UNKNOWN or at is UNKNOWN:
            return HIDDEN
        if isinstance(data, Object):
            return data.get(str(at))
        if isinstance(data, list) and isinstance(at, int):
            return data[at] if -1 < at < len(data) else MISSING
        return MISSING


class Object:
    """A map or the body of a block. `open`: it may hold more than is known."""

    __slots__ = ("entries", "open", "span")

    def __init__(
        self, entries: dict[str, Value], open_: bool = False, span: Span | None = None
    ) -> None:
        self.entries, self.open, self.span = entries, open_, span

    def get(self, name: str) -> Value:
        """A part; UNKNOWN where it may be there, MISSING where it is not."""
        return self.entries.get(name) or (HIDDEN if self.open else MISSING)

    def set(self, name: str) -> Value:
        """Likewise, but what is not there is null, as for an optional argument."""
        found = self.get(name)
        return NULL if found is MISSING else found

    def blocks(self, name: str) -> list[Object] | None:
        """Nested blocks, or the object(s) that stand for them; None where nobody knows."""
        found = self.set(name)
        if isinstance(found.data, Object):
            return [found.data]
        parts = found.items()
        if parts is None or not all(isinstance(part.data, Object) for part in parts):
            return None
        return [part.data for part in parts]


HIDDEN = Value(UNKNOWN)
MISSING = Value(UNKNOWN)
"""asked for and not there: an error, unless `try` or `lookup` stands around it"""
NULL = Value(None)


def _of_reference(ref: Ref, name: str) -> Value:
    """`aws_lb.edge` has the address itself as its arn; other attributes are not known."""
    if name in _IDENTITY:
        return Value(ref)
    return Value(Ref(f"{ref.address}.{name}")) if ref.address.startswith("module.") else HIDDEN


def agreed(values: Iterable[Value]) -> Value:
    """The one thing that all come to; UNKNOWN where they differ."""
    first, *others = values
    if all(other.known and first.known and _same(first, other) for other in others):
        return first
    return HIDDEN


def _same(one: Value, other: Value) -> bool:
    scalars = (str, int, float, bool, type(None))
    alike = isinstance(one.data, scalars) and isinstance(other.data, scalars)
    return alike and type(one.data) is type(other.data) and one.data == other.data


def opening(span: Span | None) -> Span | None:
    """The first line of a stretch: an object is shown by it."""
    if span is None:
        return None
    stop = (span.source.text or "").find("\n", span.start, span.end)
    return span if stop < 0 else Span(span.source, span.start, stop)


def pairs_of(value: Value) -> list[tuple[Value, Value]] | None:
    """Key and value of each element; None where they are not known, or far too many."""
    data = value.data
    if isinstance(data, Object) and not data.open:
        pairs = [(Value(key), each) for key, each in data.entries.items()]
    elif isinstance(data, list):
        pairs = [(Value(at), each) for at, each in enumerate(data)]
    else:
        return None
    return pairs if len(pairs) <= MAX_ELEMENTS else None


def instances(value: Value) -> Iterator[tuple[Value, Value]] | None:
    """Key and value of each element of a `for_each`; a set's values are their own keys."""
    pairs = pairs_of(value)
    if pairs is None:
        return None
    if isinstance(value.data, list):
        return ((each, each) for _, each in pairs)
    return iter(pairs)
