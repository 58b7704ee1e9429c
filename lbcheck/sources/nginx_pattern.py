"""Ask a regular expression of a configuration whether it matches, within bounds.

nginx uses PCRE, and a configuration is hostile: an expression that could take exponential time,
or that Python reads differently, is not run. The answer is then None: not known.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lbcheck.regex import regex

_MAX_PATTERN = 500
_MAX_STEPS = 20_000_000
"""of the worst case, about a quarter of a second"""
_DIFFERENT = regex(r"\[\[|--|&&|\|\||~~|\(\?[R&+0-9]|\\[hHKRXGpPCQE]|\{\{|\{%|<%|\(\*")
_PIECE = regex(r"(?s)\(\?[:<P=!]?|\\.|\[\^?+\]?+(?:\\.|[^\]\\])*+\]|[(|)*+?]|\{[0-9,]++\}|.")
_NAMED = regex(r"\(\?(?:P)?<(?=[A-Za-z_])")

Expression = tuple["re.Pattern[str]", int, int]
"""compiled, with its number of repetitions and of choices (alternatives, optional pieces)"""

_compiled: dict[tuple[str, bool], Expression | None] = {}


@lru_cache(16384)
def matches(pattern: str, subject: str, ignore_case: bool = False) -> bool | None:
    """Does the expression match anywhere in the subject? None where that is not decided here."""
    key = (pattern, ignore_case)
    if key not in _compiled:
        _compiled[key] = _compile(pattern, ignore_case)
    known = _compiled[key]
    if known is None:
        return None
    compiled, repetitions, choices = known
    # search() starts anew at every position, which is one repetition more.
    if len(subject) ** (repetitions + 1) * 2**choices > _MAX_STEPS:
        return None
    return compiled.search(subject) is not None


def _compile(pattern: str, ignore_case: bool) -> Expression | None:
    if len(pattern) > _MAX_PATTERN or _DIFFERENT.search(pattern):
        return None
    counted = _count(pattern)
    if counted is None:
        return None
    try:
        flags = re.IGNORECASE if ignore_case else 0
        return re.compile(_NAMED.sub("(?P<", pattern), flags), *counted
    except (re.error, OverflowError, RecursionError):
        return None


def _count(pattern: str) -> tuple[int, int] | None:
    """Repetitions and choices; None where a group repeats that itself repeats or chooses."""
    repetitions = choices = 0
    inside: list[bool] = []
    closed = False  # does the group that was just closed repeat or choose?
    for piece in _PIECE.findall(pattern):
        repeats = piece in ("*", "+") or (piece.startswith("{") and piece.endswith("}"))
        if repeats and closed:
            return None
        repetitions += repeats
        chooses = piece in ("|", "?")
        choices += chooses
        if piece.startswith("("):
            inside.append(False)
        if (repeats or chooses) and inside:
            inside[-1] = True
        closed = bool(piece == ")" and inside and inside.pop())
        if closed and inside:
            inside[-1] = True
    return repetitions, choices


_LITERAL = regex(r"\^(/[A-Za-z0-9_/-]*+)(.?)")


@lru_cache(16384)
def foreign(pattern: str, path: str) -> bool:
    """Does the fixed beginning of an expression already rule a path out? Cheaper than to compile
    it; False where it does not."""
    start = _LITERAL.match(pattern)
    if start is None or "|" in pattern.partition("(")[0]:
        return False
    literal = start[1][:-1] if start[2] in ("?", "*", "{") else start[1]
    return not (path.startswith(literal) or literal.startswith(path))
