"""Terraform's functions that only rearrange what is known; every other one gives UNKNOWN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lbcheck.sources.aws_written import UNKNOWN
from lbcheck.sources.terraform_value import HIDDEN, MISSING, NULL, Object, Value

_LONGEST = 10_000
Arguments = list[Value]


def joined(parts: list[str], between: str = "") -> Value:
    """Texts as one, unless it is longer than anything in a configuration."""
    length = sum(map(len, parts)) + len(between) * len(parts)
    return Value(between.join(parts)) if length <= _LONGEST else HIDDEN


def call(name: str, arguments: Arguments) -> Value:
    function = _FUNCTIONS.get(name)
    found = function(arguments) if function and arguments else HIDDEN
    too_long = isinstance(found.data, list | str) and len(found.data) > _LONGEST
    return HIDDEN if too_long else found


def text(value: Value) -> str | None:
    """A value inside a text; None where it is not known or has no text."""
    data = value.data
    if isinstance(data, bool):
        return "true" if data else "false"
    return str(data) if isinstance(data, str | int | float) else None


def number(written: str) -> int | float | None:
    """None where it is no number of a size that means something."""
    if len(written) > 30:
        return None
    try:
        found = float(written)
    except ValueError:
        return None
    return int(found) if found.is_integer() and abs(found) < 2**53 else found


def _number(arguments: Arguments) -> Value:
    data = arguments[0].data
    if isinstance(data, str):
        found = number(data)
        return HIDDEN if found is None else Value(found)
    return arguments[0]


def _as_text(arguments: Arguments) -> Value:
    found = text(arguments[0])
    return arguments[0] if found is None else Value(found)


def _texts(change: Callable[[str], str]) -> Callable[[Arguments], Value]:
    def changed(arguments: Arguments) -> Value:
        found = text(arguments[0])
        return HIDDEN if found is None else Value(change(found))

    return changed


def _same(arguments: Arguments) -> Value:
    return arguments[0]


def _coalesce(arguments: Arguments) -> Value:
    """The first that is neither null nor empty; one that nobody knows may be it."""
    for value in arguments:
        if value.data is UNKNOWN:
            return HIDDEN
        if value.data not in (None, ""):
            return value
    return MISSING


def _try(arguments: Arguments) -> Value:
    return next((value for value in arguments if value is not MISSING), MISSING)


def _lookup(arguments: Arguments) -> Value:
    if len(arguments) < 2:
        return HIDDEN
    found = arguments[0].index(arguments[1])
    return arguments[2] if found is MISSING and len(arguments) > 2 else found


def _merge(arguments: Arguments) -> Value:
    """Later ones win. One that nobody knows may add anything, and replace what came before."""
    entries: dict[str, Value] = {}
    open_ = False
    for value in arguments:
        if isinstance(value.data, Object):
            if value.data.open:
                entries, open_ = {}, True
            entries.update(value.data.entries)
        elif value.data is not None:
            entries, open_ = {}, True
    return Value(Object(entries, open_))


def _concat(arguments: Arguments) -> Value:
    found: list[Value] = []
    for value in arguments:
        if not isinstance(value.data, list):
            return HIDDEN
        found += value.data
    return Value(found)


def _known_elements(arguments: Arguments) -> list[Value] | None:
    """The elements of a list or set; None where one of them may be anything."""
    elements = arguments[0].items()
    if elements is None or any(each.data is UNKNOWN for each in elements):
        return None
    return elements


def _compact(arguments: Arguments) -> Value:
    elements = _known_elements(arguments)
    if elements is None:
        return HIDDEN
    return Value([each for each in elements if each.data not in (None, "")])


def _distinct(arguments: Arguments) -> Value:
    elements = _known_elements(arguments)
    if elements is None:
        return HIDDEN
    first: dict[object, Value] = {}
    for each in elements:
        plain = isinstance(each.data, str | int | float)
        first.setdefault((type(each.data), each.data) if plain else id(each), each)
    return Value(list(first.values()))


def _flatten(arguments: Arguments) -> Value:
    elements = _known_elements(arguments)
    if elements is None:
        return HIDDEN
    found: list[Value] = []
    for each in elements:
        found += each.data if isinstance(each.data, list) else [each]
    return Value(found)


def _element(arguments: Arguments) -> Value:
    """Around and around, as Terraform does; of a list of one it is that one."""
    elements = arguments[0].items()
    at = arguments[1].plain if len(arguments) > 1 else 0
    if not elements or not isinstance(at, int):
        return elements[0] if elements and len(elements) == 1 else HIDDEN
    return elements[at % len(elements)]


def _one(arguments: Arguments) -> Value:
    elements = arguments[0].items()
    if elements is None:
        return HIDDEN
    return elements[0] if len(elements) == 1 else NULL if not elements else HIDDEN


def _join(arguments: Arguments) -> Value:
    """Of one reference it is that reference: `join("", aws_lb.edge.*.arn)`."""
    elements = arguments[1].items() if len(arguments) > 1 else None
    if elements is not None and len(elements) == 1:
        return elements[0]
    between = text(arguments[0])
    parts = [text(each) for each in elements or ()]
    if elements is None or between is None or None in parts:
        return HIDDEN
    return joined([part for part in parts if part is not None], between)


def _length(arguments: Arguments) -> Value:
    if isinstance(arguments[0].data, str):
        return Value(len(arguments[0].data))
    elements = arguments[0].items()
    return HIDDEN if elements is None else Value(len(elements))


def _keys(arguments: Arguments) -> Value:
    data = arguments[0].data
    if not isinstance(data, Object) or data.open:
        return HIDDEN
    return Value([Value(key) for key in sorted(data.entries)])


def _values(arguments: Arguments) -> Value:
    data = arguments[0].data
    if not isinstance(data, Object) or data.open:
        return HIDDEN
    return Value([data.entries[key] for key in sorted(data.entries)])


def _sort(arguments: Arguments) -> Value:
    elements = arguments[0].items()
    if elements is None or not all(isinstance(each.data, str) for each in elements):
        return HIDDEN
    return Value(sorted(elements, key=lambda each: str(each.data)))


def _replace(arguments: Arguments) -> Value:
    """Of literal texts; one between slashes is a regular expression."""
    parts = [text(value) for value in arguments]
    if len(parts) != 3 or None in parts or str(parts[1]).startswith("/"):
        return HIDDEN
    whole, old, new = map(str, parts)
    return joined(whole.split(old), new) if old else HIDDEN


def _substr(arguments: Arguments) -> Value:
    whole, *numbers = [value.data for value in arguments]
    if not isinstance(whole, str) or not all(isinstance(each, int) for each in numbers):
        return HIDDEN
    if len(numbers) != 2 or numbers[0] < 0:
        return HIDDEN
    start, length = numbers
    return Value(whole[start:] if length < 0 else whole[start : start + length])


def _split(arguments: Arguments) -> Value:
    parts = [text(value) for value in arguments]
    if len(parts) != 2 or None in parts or not parts[0]:
        return HIDDEN
    return Value([Value(each) for each in str(parts[1]).split(str(parts[0]))])


def _extreme(pick: Callable[[list[Any]], Any]) -> Callable[[Arguments], Value]:
    def picked(arguments: Arguments) -> Value:
        found = [value.data for value in arguments]
        if not all(isinstance(each, int | float) for each in found):
            return HIDDEN
        return Value(pick(found))

    return picked


def _format(arguments: Arguments) -> Value:
    """`%s` and `%d` only."""
    pattern, *parts = [text(value) for value in arguments]
    if pattern is None or None in parts or pattern.count("%") != len(parts):
        return HIDDEN
    if pattern.count("%s") + pattern.count("%d") != len(parts):
        return HIDDEN
    first, *rest = pattern.split("%")
    written = (str(part) + after[1:] for part, after in zip(parts, rest, strict=True))
    return joined([first, *written])


def _contains(arguments: Arguments) -> Value:
    elements = arguments[0].items() if len(arguments) > 1 else None
    if elements is None or not all(each.known for each in (*elements, arguments[1])):
        return HIDDEN
    return Value(any(each.data == arguments[1].data for each in elements))


def _can(arguments: Arguments) -> Value:
    if arguments[0] is MISSING:
        return Value(False)
    return HIDDEN if arguments[0].data is UNKNOWN else Value(True)


_FUNCTIONS: dict[str, Callable[[Arguments], Value]] = {
    "tostring": _as_text,
    "tonumber": _number,
    **dict.fromkeys(("tobool", "tolist", "tomap", "nonsensitive", "sensitive"), _same),
    "jsonencode": _same,  # whoever reads JSON there is asks for its parts
    **dict.fromkeys(("toset", "distinct"), _distinct),
    "lower": _texts(str.lower),
    "upper": _texts(str.upper),
    "trimspace": _texts(str.strip),
    "coalesce": _coalesce,
    "try": _try,
    "can": _can,
    "lookup": _lookup,
    "merge": _merge,
    "concat": _concat,
    "sort": _sort,
    "replace": _replace,
    "substr": _substr,
    "split": _split,
    "compact": _compact,
    "flatten": _flatten,
    "element": _element,
    "one": _one,
    "join": _join,
    "length": _length,
    "keys": _keys,
    "values": _values,
    "min": _extreme(min),
    "max": _extreme(max),
    "format": _format,
    "contains": _contains,
}
