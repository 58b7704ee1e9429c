"""Guess what a misspelt name was meant to be."""

from __future__ import annotations

from collections.abc import Iterable

_ALIKE = str.maketrans("OoIl", "0011")
"""letters that look like digits"""


def closest(text: str, names: Iterable[str]) -> str | None:
    """The name that a text misses by a letter or two; None where none is that close."""
    from difflib import get_close_matches

    close = get_close_matches(text[:100], list(names), 1, 0.9)
    return close[0] if close else None


def did_you_mean(text: str, names: Iterable[str]) -> str:
    """`; did you mean ...?` with the closest name, or nothing where none is close."""
    from difflib import get_close_matches  # only a mistake pays for it

    known = list(names)
    alike = [name for name in known if name.translate(_ALIKE) == text.translate(_ALIKE)]
    close = alike or get_close_matches(text[:100], known, 1)
    return f"; did you mean `{close[0]}`?" if close else ""
