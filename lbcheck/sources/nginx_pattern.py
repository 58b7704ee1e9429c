"""Ask a regular expression of a configuration whether it matches, within bounds.

nginx uses PCRE, and a configuration is hostile: an expression that could take exponential time,
or that Python reads differently, is not run. The answer is then None: not known.
"""

from __future__ import annotations

import re
from functools import lru_cache

_MAX_SUBJECT = 256
_MAX_PATTERN = 500
_MAX_UNBOUNDED = 4
_DIFFERENT = re.compile(r"\[\[|--|&&|\|\||~~|\(\?[R&+0-9]|\\[hHKRXGpPCQE]|\{\{|\{%|<%|\(\*")
_PIECE = re.compile(r"\\.|\[\^?+\]?+(?:\\.|[^\]\\])*+\]|[(|)*+]|\{[0-9,]++\}|.", re.DOTALL)
_NAMED = re.compile(r"\(\?(?:P)?<(?=[A-Za-z_])")

_compiled: dict[tuple[str, bool], re.Pattern[str] | None] = {}


@lru_cache(16384)
def matches(pattern: str, subject: str, ignore_case: bool = False) -> bool | None:
    """Does the expression match anywhere in the subject? None where that is not decided here."""
    key = (pattern, ignore_case)
    if key not in _compiled:
        _compiled[key] = _compile(pattern, ignore_case)
    compiled = _compiled[key]
    if compiled is None or len(subject) > _MAX_SUBJECT:
        return None
    return compiled.search(subject) is not None


def _compile(pattern: str, ignore_case: bool) -> re.Pattern[str] | None:
    if len(pattern) > _MAX_PATTERN or _DIFFERENT.search(pattern) or not _bounded(pattern):
        return None
    try:
        return re.compile(_NAMED.sub("(?P<", pattern), re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError, RecursionError):
        return None


def _bounded(pattern: str) -> bool:
    """Few repetitions, and none of a group that itself repeats or branches."""
    unbounded = 0
    inside: list[bool] = []
    closed: bool | None = None  # of the group just closed: does it repeat or branch?
    for piece in _PIECE.findall(pattern):
        repeats = piece in ("*", "+") or (piece.startswith("{") and piece.endswith("}"))
        if repeats:
            unbounded += 1
            if closed or unbounded > _MAX_UNBOUNDED:
                return False
        if piece == "(":
            inside.append(False)
        if (repeats or piece == "|") and inside:
            inside[-1] = True
        closed = None
        if piece == ")" and inside:
            closed = inside.pop()
            if closed and inside:
                inside[-1] = True
    return True


_LITERAL = re.compile(r"\^(/[A-Za-z0-9_/-]*+)(.?)")


def foreign(pattern: str, path: str) -> bool:
    """Does the fixed beginning of an expression already rule a path out? Cheaper than to compile
    it; False where it does not."""
    start = _LITERAL.match(pattern)
    if start is None or "|" in pattern.partition("(")[0]:
        return False
    literal = start[1][:-1] if start[2] in ("?", "*", "{") else start[1]
    return not (path.startswith(literal) or literal.startswith(path))
