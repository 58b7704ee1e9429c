"""Read one table of a TOML file as nodes that know their line and column.

`tomllib` keeps no positions, so keys are looked for in the text: exact for keys written one to a
line (`key = value` under their table's header), the table's own header for all others.
"""

from __future__ import annotations

import re
from typing import Any

from lbcheck.document import Entry, Mistakes, Node
from lbcheck.regex import regex

_HEADER = regex(r"[ \t]*+\[([^\[\]#]++)\]")
_KEY = regex(r"([ \t]*+)([^=#\[\]{}]++)=[ \t]*+")
_AT = regex(r"(?s)(.*) \(at line ([0-9]+), column ([0-9]+)\)")


class _Number(float):
    """A float that remembers how it was written: version 1.10 is not 1.1."""

    text: str


def parse_table(text: str, table: tuple[str, ...], mistakes: Mistakes) -> Node | None:
    """The table as nodes, None where the file has none. A syntax error goes to `mistakes`."""
    import tomllib  # only a pyproject.toml that speaks of lbcheck pays for it

    try:
        found: Any = tomllib.loads(text, parse_float=_number)
        for name in table:
            found = found.get(name) if isinstance(found, dict) else None
        return None if found is None else _node(found, table, _places(text))
    except RecursionError:
        mistakes.add(Node(None, 1, 1), "TOML: nested too deep")
    except ValueError as error:  # TOMLDecodeError is one, a number of 5,000 digits another
        at = _AT.fullmatch(str(error))
        told, line, column = at.groups() if at else (str(error), "1", "1")
        mistakes.add(Node(None, int(line), int(column)), f"TOML: {told}")
    return None


def _number(text: str) -> _Number:
    number = _Number(text)
    number.text = text
    return number


def _places(text: str) -> dict[tuple[str, ...], tuple[int, int, int]]:
    """Line, column of the key and column of the value, by the whole path of a key."""
    places: dict[tuple[str, ...], tuple[int, int, int]] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = _path(header[1])
            places.setdefault(table, (number, header.start(1), header.start(1)))
        elif key := _KEY.match(line):
            place = (number, len(key[1]) + 1, key.end() + 1)
            places.setdefault((*table, *_path(key[2])), place)
    return places


def _path(text: str) -> tuple[str, ...]:
    """`tool."a.b".c` -> ("tool", "a.b", "c")."""
    parts = re.findall(r""""([^"]*+)"|'([^']*+)'|([^.\s"']++)""", text)
    return tuple(a or b or c for a, b, c in parts)


def _node(
    value: Any, path: tuple[str, ...], places: dict[tuple[str, ...], tuple[int, int, int]]
) -> Node:
    line, column, start = _nearest(path, places)
    if isinstance(value, dict):
        entries = {key: _entry(value[key], (*path, key), places) for key in value}
        return Node(entries, line, column)
    if isinstance(value, list):
        return Node([_node(item, path, places) for item in value], line, start)
    if isinstance(value, bool | int | float):
        text = value.text if isinstance(value, _Number) else str(value)
        return Node(value, line, start, text.lower() if isinstance(value, bool) else text)
    return Node(str(value), line, start, str(value), quoted=True)


def _entry(
    value: Any, path: tuple[str, ...], places: dict[tuple[str, ...], tuple[int, int, int]]
) -> Entry:
    line, column, _ = _nearest(path, places)
    return Entry(line, column, _node(value, path, places))


def _nearest(
    path: tuple[str, ...], places: dict[tuple[str, ...], tuple[int, int, int]]
) -> tuple[int, int, int]:
    """The place of a key, or of the closest table around it that is in the text."""
    for length in range(len(path), 0, -1):
        if place := places.get(path[:length]):
            return place
    return (1, 1, 1)
