"""When do two stretches of a configuration say the same? When they differ in free digits alone.

What is free is the matter of each vendor (`haproxy_alike`, `nginx_alike`). All other digits must be
equal, every letter and sign too, and what may be a name or an address and has a digit must be equal
to another one of its stretch in both or in neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import itemgetter
from re import Match

from lbcheck.regex import regex

ZEROS = str.maketrans("123456789", "0" * 9)
"""makes the skeleton of a text: letters, signs, and where its digits are"""
ATOM = regex(r"(?<![A-Za-z0-9_.:-])[A-Za-z_.:-]*+[0-9][A-Za-z0-9_.:-]*+")
"""what may be a name or an address and has a digit"""
HOST = regex(r"(?:[0-9]++\.)?+([A-Za-z0-9_.-]++)(?::[0-9]++)?+")
"""an address; its group is without the first number, which tells the loopback, and the port"""
_DIGITS = regex(r"[0-9]++")


class Marks:
    """Which digits of a text are not free: none at first."""

    __slots__ = ("_fixed", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._fixed = bytearray(len(text))

    def fix(self, start: int, end: int) -> None:
        """Their digits must be equal."""
        self._fixed[start:end] = b"\1" * (end - start)

    def free(self, start: int, end: int) -> None:
        """Their digits may be any."""
        self._fixed[start:end] = bytes(end - start)

    def any_free(self, start: int, end: int) -> bool:
        """Is anything free between?"""
        return self._fixed.find(0, start, end) >= 0

    def stretches(self) -> Iterator[tuple[int, int]]:
        """From the first to the last of digits that are not free and have no free ones between."""
        begun: int | None = None
        last = 0
        for match in _DIGITS.finditer(self._text):
            if self._fixed[match.start()]:
                begun = match.start() if begun is None else begun
                last = match.end()
            elif begun is not None:
                yield begun, last
                begun = None
        if begun is not None:
            yield begun, last


def taker(ranges: list[tuple[int, int]]) -> Callable[[str], tuple[str, ...]]:
    """What takes these stretches out of a text."""
    # Two empty ones: `itemgetter` of a single item returns no tuple.
    return itemgetter(*(slice(*place) for place in [*ranges, (0, 0), (0, 0)]))


def group(match: Match[str] | None) -> tuple[int, int]:
    """Where the first group of a match stands; nowhere without one."""
    return match.span(1) if match else (0, 0)
