"""Find a rule by what a person calls it: its code or its name."""

from __future__ import annotations

from collections.abc import Iterable

from lbcheck.errors import UsageError
from lbcheck.rules import ALL, BY_CODE
from lbcheck.spelling import did_you_mean


def code_of(text: str) -> str | None:
    """The code of the rule with this code (any case) or name; None where there is none."""
    code = text.upper()
    if code in BY_CODE:
        return code
    return next((rule.code for rule in ALL if rule.name == text), None)


def codes(names: Iterable[str]) -> tuple[str, ...]:
    """The codes of the rules with these codes or names.

    Raises: UsageError for the first one that means no rule.
    """
    found = []
    for name in names:
        code = code_of(name)
        if code is None:
            raise UsageError(unknown(name))
        found.append(code)
    return tuple(found)


def unknown(text: str) -> str:
    """What to say about a name that means no rule."""
    family = text.upper()
    if len(family) == 3 and selects(family):
        of = ", ".join(code for code in BY_CODE if code.startswith(family))
        return f"`{text}` is a family of rules; name one of {of}"
    names = [name for rule in ALL for name in (rule.code, rule.name)]
    wanted = text.upper() if text[:2].upper() == "LB" else text
    return f"no rule is called `{text}`{did_you_mean(wanted, names) or ': see `lbcheck rules`'}"


def selects(text: str) -> bool:
    """Does a code, a name or the beginning of codes (LB3: all of that family) mean a rule?"""
    start = text.upper()
    family = start.startswith("LB") and any(code.startswith(start) for code in BY_CODE)
    return family or code_of(text) is not None
