"""Expressions of a configuration are run only where even the worst case ends soon."""

import pytest

from lbcheck.sources import nginx_pattern


@pytest.mark.parametrize(
    ("pattern", "subject", "matches"),
    [
        (r"\.(?:css(\.map)?|js(\.map)?|jpe?g|gif|png|ico|svgz?|mp4)$", "/a.js", True),
        (r"^/(avatars|emoji|packs)/", "/ws/", False),
        (r"^/apps/[^/]+/(?<port>\d+)$", "/apps/a/12", True),
        (r"^/a{0,9}?b", "/aaaab", True),
        (r"^/ws(/|$)", "/ws", True),
    ],
)
def test_a_usual_expression_is_decided(pattern: str, subject: str, matches: bool) -> None:
    assert nginx_pattern.matches(pattern, subject) is matches


@pytest.mark.parametrize(
    ("pattern", "subject"),
    [
        ("^/" + "(a|a)" * 60 + "y$", "/" + "a" * 61),
        ("^/" + "a?" * 60 + "a" * 60 + "$", "/" + "a" * 60),
        ("^(a+)+$", "a" * 50),
        ("(a?){30}b", "a" * 200),
        ("(a|aa)+$", "a" * 200),
        (".*.*.*.*y", "a" * 250),
        ("a" * 501, "a"),
        (r"\Qa\E", "a"),
    ],
)
def test_a_costly_or_foreign_expression_is_not_run(pattern: str, subject: str) -> None:
    assert nginx_pattern.matches(pattern, subject) is None
