"""Find a rule by what a person calls it: its code or its name."""

from __future__ import annotations

from collections.abc import Iterable

from lbcheck.rules import ALL, BY_CODE


def code_of(text: str) -> str | None:
    """The code of the rule with this code (any case) or name; None where there is none."""
    code = text.upper()
    if code in BY_CODE:
        return code
    return next((rule.code for rule in ALL if rule.name == text), None)


def unknown(text: str) -> str:
    """What to say about a name that means no rule."""
    names = [name for rule in ALL for name in (rule.code, rule.name)]
    wanted = text.upper() if text[:2].upper() == "LB" else text
    return f"no rule is called `{text}`{did_you_mean(wanted, names) or ': see `lbcheck rules`'}"


def did_you_mean(text: str, names: Iterable[str]) -> str:
    """`; did you mean ...?` with the closest name, or nothing where none is close."""
    from difflib import get_close_matches  # only a mistake pays for it

    close = get_close_matches(text[:100], list(names), 1)
    return f"; did you mean `{close[0]}`?" if close else ""
