"""GitHub's fingerprint of a line, so that an alert survives when lines move.

GitHub computes `primaryLocationLineHash` itself and warns where a tool's own differs, so this
is exactly its definition (github/codeql-action, src/fingerprints.ts): the text without blanks
and tabs, line ends as LF, then 65535 for the end, then zeros; the hash of a line is the
polynomial in 37 over the 100 code units from its first one, modulo 2**64, and `:n` counts equal
hashes from the top.
"""

from __future__ import annotations

import sys
from array import array

_UNITS = 100
_BASE = 37
_MASK = (1 << 64) - 1
_LEAVING = pow(_BASE, _UNITS, 1 << 64)
_END = 65535
_LF = 10
_UTF_16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"


def line_hashes(text: str) -> list[str]:
    """The hash of each line; index 0 is line 1. A lone CR ends a line, as it does for GitHub."""
    units = _units(text)
    seen: dict[int, int] = {}
    result = []
    for value in _starts(units):
        seen[value] = seen.get(value, 0) + 1
        result.append(f"{value:x}:{seen[value]}")
    return result


def _units(text: str) -> array[int]:
    """UTF-16 code units as JavaScript reads the file: undecodable bytes are U+FFFD."""
    for old, new in (("\r\n", "\n"), ("\r", "\n"), (" ", ""), ("\t", "")):
        text = text.replace(old, new)
    readable = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    units = array("H")
    units.frombytes(readable.encode(_UTF_16))
    units.append(_END)
    return units


def _starts(units: array[int]) -> list[int]:
    """The hash at each line start: one pass, the window rolls from character to character."""
    padded = units + array("H", bytes(2 * _UNITS))
    value = 0
    for unit in padded[:_UNITS]:
        value = (value * _BASE + unit) & _MASK
    hashes = [value]
    for at in range(len(units) - 1):
        value = (value * _BASE + padded[at + _UNITS] - _LEAVING * padded[at]) & _MASK
        if padded[at] == _LF:
            hashes.append(value)
    return hashes
