"""What earlier runs add to the HTML report: counts for trend lines, and what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

WIDTH, HEIGHT = 120, 28
_MOST = 60


class Run(Struct, frozen=True):
    """How one run ended. `time` is shown as it is."""

    time: str
    errors: int = 0
    warnings: int = 0
    infos: int = 0
    suppressed: int = 0
    unread: int = 0


class Turn(Struct, frozen=True):
    """A finding, a source or a target that is not what it was.

    `word`: new, worse, fixed ...; `what`: the rule, the source or the target; `where` may be "".
    `bad`: someone should look.
    """

    word: str
    what: str
    where: str
    message: str
    bad: bool = True


class History(Struct, frozen=True):
    """The runs so far, this one last, and what is new in it."""

    runs: tuple[Run, ...]
    turns: tuple[Turn, ...] = ()
    since: str = ""
    """when the run was that this one is compared with; "" where there is none"""
    more: int = 0
    """how many turns are not listed"""


class Trend(Struct, frozen=True):
    """A line through numbers: `points` of a polyline, and the same in words."""

    points: str
    words: str


def trend(numbers: Sequence[int], what: str) -> Trend | None:
    """The line through the last numbers; None where fewer than two make none."""
    last = list(numbers)[-_MOST:]
    if len(last) < 2:
        return None
    return Trend(" ".join(_points(last)), f"{what} in the last {len(last)} runs: {_told(last)}")


def _points(numbers: list[int]) -> Iterator[str]:
    """From left to right, the greatest at the top; what never changes lies at the bottom or, above
    0, in the middle."""
    least, most = min(numbers), max(numbers)
    for at, number in enumerate(numbers):
        x = 2 + at * (WIDTH - 4) / (len(numbers) - 1)
        share = (number - least) / (most - least) if most > least else 0.5 * (most > 0)
        yield f"{x:.1f},{HEIGHT - 3 - share * (HEIGHT - 6):.1f}"


def _told(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))
