"""Colour for terminals, by what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lbcheck.reporters import Style

_COLOURS = {"error": "1;31", "warning": "1;33", "info": "1;36", "bold": "1", "dim": "2"}


def paint(text: str, colour: str, style: Style) -> str:
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if style.colour else text
