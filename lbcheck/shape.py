"""Check a document against a struct: unknown keys, wrong types and units, each with its place.

The struct's own annotations say what is right (`msgspec.inspect`), so a key is described once.
A key that ends with `_s` is a time: seconds as a number (25) or a duration (25s, 2m).
"""

from __future__ import annotations

import math
import re
from typing import Any

from msgspec import inspect

from lbcheck.document import Entry, Mistakes, Node
from lbcheck.regex import regex
from lbcheck.spelling import did_you_mean

WRONG = object()
"""Stands for a value that is a mistake (already said)."""

_DURATION = regex(r"([0-9]{1,12}+(?:\.[0-9]{1,6}+)?) ?(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SECONDS = "a number of seconds{} (25) or a duration such as 500ms, 25s, 2m, 1h"


def described(struct: type) -> inspect.StructType:
    """What msgspec knows of a struct."""
    shape = inspect.type_info(struct)
    assert isinstance(shape, inspect.StructType)
    return shape


def read_struct(
    node: Node, shape: inspect.StructType, mistakes: Mistakes, within: str = ""
) -> dict[str, Any]:
    """The values a mapping declares, by field name, ready for `msgspec.convert`.

    Args: within: the key the mapping is under, "" for the whole document.
    """
    entries = _entries(node, mistakes, within)
    fields = {field.encode_name: field for field in shape.fields}
    values: dict[str, Any] = {}
    for key, entry in entries.items():
        if key not in fields:
            mistakes.add(entry, _unknown_key(key, shape, within))
            continue
        value = read_value(entry.node, fields[key].type, key, mistakes)
        if value is not WRONG:
            values[fields[key].name] = value
    for key, field in fields.items():
        if field.required and key not in entries:
            mistakes.add(node, f"`{key}` is missing{f' in `{within}`' if within else ''}")
    return values


def _entries(node: Node, mistakes: Mistakes, within: str) -> dict[str, Entry]:
    """The entries of a mapping; none for an empty section (every line of it commented out)."""
    if isinstance(node.value, dict):
        return node.value
    if node.value is not None:
        what = f"`{within}` holds" if within else "this file is made of"
        mistakes.add(node, f"{what} `key: value` lines, not {_kind(node)}")
    return {}


def _unknown_key(key: str, shape: inspect.StructType, within: str) -> str:
    shown = f"unknown key `{key[:60]}`" + (f" in `{within}`" if within else "")
    if key == "<<":
        return f"{shown}: merge keys are not part of YAML 1.2"
    names = [field.encode_name for field in shape.fields]
    guess = did_you_mean(key, names)
    for field in shape.fields:
        section = field.type
        if isinstance(section, inspect.StructType) and not guess:
            inner = (item.encode_name for item in section.fields)
            guess = f"; it belongs under `{field.encode_name}`" if key in inner else ""
    return shown + (guess or f"; there are {', '.join(names)}")


def read_value(node: Node, wanted: inspect.Type, key: str, mistakes: Mistakes) -> Any:
    """A value of the type that is wanted (the node itself for Any), or WRONG after saying why."""
    if isinstance(wanted, inspect.UnionType) and node.value is None:
        return None
    shape, description = _bare(wanted)
    match shape:
        case inspect.StructType():
            return read_struct(node, shape, mistakes, key)
        case inspect.DictType():
            return _mapping(node, shape, key, mistakes)
        case inspect.VarTupleType():
            return _list(node, shape, key, mistakes)
        case inspect.AnyType():
            return node
    value = _scalar(node, shape, key)
    if value is WRONG:
        right = description or _wanted(shape, key)
        mistakes.add(node, f"`{key}` must be {right}, not {_kind(node)}{_hint(node, shape)}")
    return value


def _bare(shape: inspect.Type) -> tuple[inspect.Type, str]:
    """A type without None beside it, and how it describes itself."""
    if isinstance(shape, inspect.UnionType):
        shape = next(one for one in shape.types if not isinstance(one, inspect.NoneType))
    if isinstance(shape, inspect.Metadata):
        return shape.type, (shape.extra_json_schema or {}).get("description", "")
    return shape, ""


def _mapping(node: Node, shape: inspect.DictType, key: str, mistakes: Mistakes) -> Any:
    values = {
        name: read_value(entry.node, shape.value_type, name, mistakes)
        for name, entry in _entries(node, mistakes, key).items()
    }
    return {name: value for name, value in values.items() if value is not WRONG}


def _list(node: Node, shape: inspect.VarTupleType, key: str, mistakes: Mistakes) -> Any:
    """A list; one scalar stands for a list of one."""
    if isinstance(node.value, dict) or node.value is None:
        mistakes.add(node, f"`{key}` must be a list ([] is the empty one), not {_kind(node)}")
        return WRONG
    items = node.value if isinstance(node.value, list) else [node]
    values = [read_value(item, shape.item_type, key, mistakes) for item in items]
    return WRONG if WRONG in values else tuple(values)


def _scalar(node: Node, shape: inspect.Type, key: str) -> Any:
    value = node.value
    match shape:
        case inspect.LiteralType():
            return value if value in shape.values and isinstance(value, str) else WRONG
        case inspect.BoolType():
            return value if isinstance(value, bool) else WRONG
        case inspect.IntType():
            if not isinstance(value, int) or isinstance(value, bool) or not _octal_free(node):
                return WRONG
            return value if _within(value, shape) else WRONG
        case inspect.FloatType():
            number = _number(node, key)
            return number if number is not None and _within(number, shape) else WRONG
        case inspect.StrType():
            return _text(node, shape)
    return WRONG


def _number(node: Node, key: str) -> float | None:
    value = node.value
    if isinstance(value, str) and key.endswith("_s") and (match := _DURATION.fullmatch(value)):
        return round(float(match[1]) * _UNITS[match[2]], 6)
    if isinstance(value, bool) or not isinstance(value, int | float) or not _octal_free(node):
        return None
    return float(value) if abs(value) < 1e12 else None  # inf and nan too: no time is that long


def _text(node: Node, shape: inspect.StrType) -> Any:
    """Text; a number counts as it was written, so that version 1.10 does not become 1.1."""
    if isinstance(node.value, bool | list | dict) or node.value is None:
        return WRONG
    if shape.pattern and not re.search(shape.pattern, node.text):
        return WRONG
    return node.text


def _octal_free(node: Node) -> bool:
    """`010` is eight in YAML 1.1 and ten in YAML 1.2: nobody can know what was meant."""
    digits = node.text.lstrip("+-")
    return not (digits[:1] == "0" and digits[1:2].isdigit())


def _within(number: float, shape: Any) -> bool:
    return not (
        (shape.gt is not None and number <= shape.gt)
        or (shape.ge is not None and number < shape.ge)
        or (shape.lt is not None and number >= shape.lt)
        or (shape.le is not None and number > shape.le)
    )


def _wanted(shape: inspect.Type, key: str) -> str:
    match shape:
        case inspect.LiteralType():
            return f"one of {', '.join(str(value) for value in shape.values)}"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return f"a whole number{_bounds(shape)}"
        case inspect.FloatType():
            least = " above 0" if shape.gt == 0 else ""
            return _SECONDS.format(least) if key.endswith("_s") else f"a number{least}"
    return "text"


def _bounds(shape: inspect.IntType) -> str:
    if shape.ge is not None and shape.le is not None:
        return f" from {shape.ge} to {shape.le}"
    return f" of at least {shape.ge}" if shape.ge is not None else ""


def _kind(node: Node) -> str:
    value = node.value
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a section"
    if value is None:
        return "empty"
    if isinstance(value, float) and math.isnan(value):
        return "no number"
    return f'the text "{node.text[:60]}"' if node.quoted else f"`{node.text[:60]}`"


def _hint(node: Node, shape: inspect.Type) -> str:
    """What to write instead, where that is known."""
    if node.quoted and re.fullmatch(r"[0-9.]{1,20}", node.text):
        return ": write it without quotes"
    if not _octal_free(node) and isinstance(node.value, int):
        return ": write it without the leading zero, or as 0o10"
    if isinstance(node.value, bool):
        return f': write "{node.text}" if the word is meant'
    words = {"yes": "true", "on": "true", "no": "false", "off": "false"}
    word = words.get(node.text.lower())
    if word and not node.quoted and isinstance(shape, inspect.BoolType):
        return f": in YAML 1.2 that is a word, the boolean is {word}"
    return ""
