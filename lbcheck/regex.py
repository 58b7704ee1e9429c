"""Regular expressions that are compiled when they are first used.

There are some eighty of them and an ordinary run uses a dozen; compiling all costs 5 ms.
"""

from __future__ import annotations

import re
from typing import Any


class _Later:
    """Stands for a pattern until one of its attributes is asked for."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __getattr__(self, name: str) -> Any:
        found = getattr(re.compile(self._text), name)
        setattr(self, name, found)  # from now on as fast as the pattern's own
        return found


def regex(text: str) -> re.Pattern[str]:
    """A pattern; flags are written in its text, `(?s)`. A wrong one is told at its first use."""
    return _Later(text)  # type: ignore[return-value]
