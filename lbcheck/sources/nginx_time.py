"""nginx's way to write a time: `60`, `60s`, `1h30m`, `"1h 30m"`, `500ms`."""

from __future__ import annotations

from lbcheck.model import Trouble
from lbcheck.regex import regex
from lbcheck.sources.nginx_directive import Directive

# ngx_parse_time (src/core/ngx_parse.c), in the form that millisecond directives use: a bare
# number is seconds, each unit but the first is smaller than the one before it; `y` and `M` are
# refused there. A blank behind a bare number ends the units (1.22.1 and 1.31.3 agree).
_PART = regex(r"([0-9]*+)(ms|[wdhms ]|\Z)[ ]*+")
_MS = {
    "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, " ": 1000, "": 1000,
    "ms": 1,
}  # fmt: skip
_FROM = {"w": 1, "d": 2, "h": 3, "m": 4, "s": 5, " ": 5, "ms": 6, "": 9}
"""A unit may follow those with a smaller number."""
_TO = {**_FROM, " ": 8}
_MAX_DIGITS = 18
_MAX_MS = 2**63 - 1
_MAX_TROUBLES = 50
_FILLED_IN = regex(r"[$@%<>{}\[\]]|__")
"""Signs of a placeholder that something else than nginx replaces."""

_known: dict[str, float | None] = {}


def seconds(text: str) -> float | None:
    """The time in seconds, None where nginx would not read it (or it is a placeholder)."""
    if text not in _known:
        _known[text] = _parse(text)
    return _known[text]


def _parse(text: str) -> float | None:
    at, total, step, valid = 0, 0, 0, False
    while at < len(text):
        part = _PART.match(text, at)
        if part is None or len(part[1]) > _MAX_DIGITS or _FROM[part[2]] <= step:
            return None
        valid = valid or part[1] != ""
        step = _TO[part[2]]
        total += int(part[1] or 0) * _MS[part[2]]
        at = part.end()
    return total / 1000 if valid and total <= _MAX_MS else None


def of(statement: Directive) -> float | None:
    """The time that a statement sets; what nginx would refuse becomes a trouble of its source."""
    args = statement.args
    value = seconds(args[0]) if len(args) == 1 else None
    if value is None and not _FILLED_IN.search(" ".join(args)):
        _refuse(statement, " ".join(args))
    return value


def _refuse(statement: Directive, text: str) -> None:
    said = f"nginx refuses `{text}` as a time" if text else "nginx refuses an empty time"
    remedy = "write a number and units from large to small: w, d, h, m, s, ms"
    troubles = statement.source.troubles
    trouble = Trouble(said, statement.start, statement.end, remedy)
    if len(troubles) < _MAX_TROUBLES and trouble not in troubles:
        troubles.append(trouble)
