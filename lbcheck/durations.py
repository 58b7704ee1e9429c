"""Durations as people read them."""

from __future__ import annotations

import math


def human(seconds: float) -> str:
    """`90.0` -> "90s", `3600.0` -> "1h", `0.05` -> "50ms", `math.inf` -> "no limit"."""
    if math.isinf(seconds):
        return "no limit"
    if 0 < seconds < 1:
        return f"{seconds * 1000:g}ms"
    for size, unit in ((86400, "d"), (3600, "h")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"
