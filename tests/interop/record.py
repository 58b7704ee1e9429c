"""What was measured is kept in `measured.json`: read it, write it, and compare it with another."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import msgspec

from tests.interop.measured import Measured

FILE = pathlib.Path(__file__).parent / "measured.json"
TOLERANCE_S = 2.0
"""machines are busy, and every timeout of the matrix is longer than twice this, or none"""


def read() -> tuple[Measured, ...]:
    """What is kept; nothing where there is no record yet."""
    if not FILE.exists():
        return ()
    return msgspec.json.decode(FILE.read_bytes(), type=tuple[Measured, ...])


def write(measured: tuple[Measured, ...]) -> None:
    """Keep it, in whole seconds."""
    plain = [_rounded(msgspec.to_builtins(each)) for each in measured]
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(plain), indent=2) + b"\n")


def changes(kept: tuple[Measured, ...], now: tuple[Measured, ...]) -> Iterator[str]:
    """What differs, in words; times that are close are the same."""
    if not kept:
        yield "there is no record yet"
        return
    old = {each.name: _flat(msgspec.to_builtins(each)) for each in kept}
    new = {each.name: _flat(msgspec.to_builtins(each)) for each in now}
    for name in (*new, *(name for name in old if name not in new)):
        was, is_now = old.get(name, {}), new.get(name, {})
        for key in {**was, **is_now}:
            if not same(was.get(key), is_now.get(key)):
                yield f"{name}: {key} was {was.get(key)!r}, is {is_now.get(key)!r}"


def same(one: Any, other: Any) -> bool:
    """Are two values the same measurement?"""
    if isinstance(one, float) and isinstance(other, int | float):
        return abs(one - other) <= TOLERANCE_S
    return bool(one == other)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return float(round(value)) if isinstance(value, float) else value


def _flat(value: dict[str, Any], above: str = "") -> dict[str, Any]:
    found = {}
    for key, each in value.items():
        deeper = isinstance(each, dict) and key != "versions"
        found |= _flat(each, f"{above}{key}.") if deeper else {f"{above}{key}": each}
    return found
