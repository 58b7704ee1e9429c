"""Guess where a `;` or a `}` was forgotten, from names and indentation.

nginx itself notices a forgotten sign only where the next one surprises it, often at the end of
the file. A guess changes where the mistake is shown, never whether there is one.
"""

from __future__ import annotations

from lbcheck.regex import regex
from lbcheck.sources.nginx_directive import Directive
from lbcheck.sources.nginx_token import tokens

_NEXT = regex(
    r"(?:proxy|fastcgi|uwsgi|scgi|grpc|client|keepalive|ssl|gzip|real_ip)_[a-z_]++|location|listen"
    r"|server_name|upstream|add_header|access_log|error_log|include|return|rewrite"
)
"""words that at the start of a line are the next directive, never an argument"""


def swallowed(statement: str) -> tuple[int, int]:
    """Where a statement should have ended, and where the directive starts that a missing `;` has
    made its argument; (0, 0) if there is none."""
    if "\n" not in statement:
        return 0, 0
    before = 0
    for start, end in tokens(statement):
        if before and "\n" in statement[before:start] and _NEXT.fullmatch(statement, start, end):
            return before, start
        before = end
    return 0, 0


def unclosed(tree: list[Directive], text: str) -> Directive | None:
    """The first block whose `}` is not below the start of its line: it has most likely taken the
    brace of the block around it."""
    found, pending = None, list(tree)
    while pending:
        directive = pending.pop()
        pending.extend(directive.block or ())
        if directive.close < 0 or (found and found.close < directive.close):
            continue
        if _indent(text, directive.close) not in (None, _indent(text, directive.start)):
            found = directive
    return found


def _indent(text: str, at: int) -> str | None:
    """The blanks before the first sign of a line; None if it is not the first."""
    before = text[text.rfind("\n", 0, at) + 1 : at]
    return None if before.strip(" \t") else before
