"""What was measured is kept in `measured.json`: read it, write it, and compare it with another."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import msgspec

from tests.interop.measured import Record

FILE = pathlib.Path(__file__).parent / "measured.json"
TOLERANCE_S = 2.0
"""machines are busy, and every timeout of the matrix is longer than twice this, or none"""
FEW = 4
"""clients: so many more or fewer are away by chance"""
_CHANCE = ("longest_s", "peak")
"""what jitter makes different each time: as it was when the record was made"""


def read() -> Record:
    """What is kept; nothing where there is no record yet."""
    if not FILE.exists():
        return Record()
    return msgspec.json.decode(FILE.read_bytes(), type=Record)


def write(measured: Record) -> None:
    """Keep it; of times no more than matters."""
    plain = _rounded(msgspec.to_builtins(measured))
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(plain), indent=2) + b"\n")


def changes(kept: Record, now: Record) -> Iterator[str]:
    """What differs, in words; times that are close are the same."""
    if kept == Record():
        yield "there is no record yet"
        return
    old, new = _named(kept), _named(now)
    yield from (f"{name}: is not in the record" for name in new if name not in old)
    yield from (f"{name}: is only in the record" for name in old if name not in new)
    for name in (name for name in new if name in old):
        was, is_now = old[name], new[name]
        for key in {**was, **is_now}:
            if key not in _CHANCE and not _alike(key, was.get(key), is_now.get(key)):
                yield f"{name}: {key} was {was.get(key)!r}, is {is_now.get(key)!r}"


def _named(record: Record) -> dict[str, dict[str, Any]]:
    systems = {each.name: _flat(msgspec.to_builtins(each)) for each in record.systems}
    returns = {f"{each.balancer}, {each.manner}": each for each in record.returns}
    return systems | {name: msgspec.to_builtins(each) for name, each in returns.items()}


def _alike(key: str, one: Any, other: Any) -> bool:
    if key == "away" and None not in (one, other):
        return bool(abs(one - other) <= FEW)
    return same(one, other)


def same(one: Any, other: Any) -> bool:
    """Are two values the same measurement?"""
    if isinstance(one, float) and isinstance(other, int | float):
        return abs(one - other) <= TOLERANCE_S
    return bool(one == other)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    if isinstance(value, float):
        return round(value, 0 if value >= TOLERANCE_S else 1)
    return value


def _flat(value: dict[str, Any], above: str = "") -> dict[str, Any]:
    found = {}
    for key, each in value.items():
        deeper = isinstance(each, dict) and key != "versions"
        found |= _flat(each, f"{above}{key}.") if deeper else {f"{above}{key}": each}
    return found
