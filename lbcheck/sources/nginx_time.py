"""nginx's way to write a time: `60`, `60s`, `1h30m`, `"1h 30m"`, `500ms`."""

from __future__ import annotations

import re

# ngx_parse_time (src/core/ngx_parse.c), in the form that millisecond directives use: a bare
# number is seconds, units go from large to small; `y` and `M` are refused there.
_PART = re.compile(r"([0-9]++)(ms|[wdhms]?)[ ]*+")
_SECONDS = {
    "w": 604800.0, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "": 1.0, "ms": 0.001,
}  # fmt: skip

_known: dict[str, float | None] = {}


def seconds(text: str) -> float | None:
    """The time in seconds, None where nginx would not read it (or it is a placeholder)."""
    if text not in _known:
        _known[text] = _parse(text)
    return _known[text]


def _parse(text: str) -> float | None:
    at, total = 0, 0.0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None or len(part[1]) > 12:
            return None
        total += int(part[1]) * _SECONDS[part[2]]
        at = part.end()
    return total if text else None
