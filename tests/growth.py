"""Judge cost by how it grows with the input: a busy machine slows the small and the large alike."""

import gc
import time
from collections.abc import Callable
from typing import TypeVar

_TIMES = 8
_LIMIT = 24.0
"""Linear work grows eightfold, quadratic work by 64."""
_ROUNDS = 6
_MANY_LINES = 100

T = TypeVar("T")


def shortened(text: str) -> str:
    """An eighth of a text: its beginning and its end, in whole lines where there are many."""
    lines = text.splitlines(keepends=True)
    parts = lines if len(lines) > _MANY_LINES else list(text)
    half = len(parts) // _TIMES // 2
    return "".join(parts[:half] + parts[len(parts) - half :])


def linear(work: Callable[[T], object], large: T, small: T) -> bool:
    """Does work on the large input cost about eight times that on the small one, which is an
    eighth of it? CPU of this thread, each the least of several runs."""
    least_small = min(_cost(work, small) for _ in range(3))
    least_large = float("inf")
    for _ in range(_ROUNDS):
        least_large = min(least_large, _cost(work, large))
        least_small = min(least_small, _cost(work, small))
        if least_large < _LIMIT * least_small:
            return True
    return False


def linear_in(work: Callable[[str], object], text: str) -> bool:
    """Does work on a text cost about eight times that on an eighth of it?"""
    return linear(work, text, shortened(text))


def _cost(work: Callable[[T], object], given: T) -> float:
    collecting = gc.isenabled()
    gc.disable()  # what others left behind is not this work's cost
    began = time.thread_time()
    try:
        work(given)
        return time.thread_time() - began
    finally:
        if collecting:
            gc.enable()
