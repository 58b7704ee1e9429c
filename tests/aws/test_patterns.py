"""ALB patterns against every short text: containment is never claimed wrongly."""

from __future__ import annotations

import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from lbcheck.sources.aws_patterns import contains, meets

TEXTS = ["".join(t) for length in range(7) for t in itertools.product("ab", repeat=length)]
PATTERNS = st.text(alphabet="ab*?", max_size=3)


def language(pattern: str) -> set[str]:
    pieces = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return set(filter(re.compile("".join(pieces)).fullmatch, TEXTS))


@given(PATTERNS, PATTERNS)
def test_what_is_contained_is_contained(big: str, small: str) -> None:
    assert not contains(big, small) or language(small) <= language(big)


@given(PATTERNS, PATTERNS)
def test_patterns_meet_exactly_when_a_text_matches_both(one: str, other: str) -> None:
    assert meets(one, other) == bool(language(one) & language(other))


def test_a_long_hostile_pattern_is_not_compared() -> None:
    assert not contains("*a" * 5000, "a" * 100_000)
    assert not meets("*a" * 5000, "*b" * 5000)
