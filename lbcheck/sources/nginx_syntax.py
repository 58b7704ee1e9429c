"""Read nginx configuration text: directives with exact offsets, whatever the text holds."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.model import Source
from lbcheck.sources import nginx_token as token
from lbcheck.sources.nginx_directive import Directive
from lbcheck.sources.nginx_lua import is_code
from lbcheck.sources.nginx_reader import Reader
from lbcheck.sources.nginx_template import masked

__all__ = ["Directive", "arguments", "comments", "parse"]


def parse(source: Source) -> list[Directive]:
    """The directives of a source. Never raises: what cannot be read becomes a trouble of the
    source, and reading goes on behind it."""
    return Reader(source, 0, len(source.text or ""), {}).read()


def arguments(directive: Directive) -> list[tuple[int, int]]:
    """Start and end offsets of each argument as it is written, quotes included."""
    base = directive.start
    raw = (directive.source.text or "")[base : directive.end]
    return [(base + start, base + end) for start, end in token.tokens(masked(raw, False))[1:]]


def comments(source: Source) -> Iterator[tuple[int, int]]:
    """Start and end offsets of each comment, without the line end; code blocks hold none."""
    text = masked(source.text or "")
    bodies = iter(_code_bodies(source))
    body = next(bodies, None)
    at, end = 0, len(text)
    while at < end:
        stop = end if body is None else body[0]
        match = token.NOT_COMMENT.match(text, at, stop)
        at = match.end() if match else at
        if body is not None and at >= stop:
            at, body = body[1], next(bodies, None)
            continue
        comment = token.COMMENT.match(text, at)
        if comment:
            yield comment.span()
            at = comment.end()
        elif at < end:
            newline = text.find("\n", at)
            at = newline + 1 if newline >= 0 else end


def _code_bodies(source: Source) -> list[tuple[int, int]]:
    """Where code of another language stands, in the order of the text."""
    if "_block" not in (source.text or ""):
        return []
    scratch = Source(source.name, source.kind, source.text)
    found, pending = [], parse(scratch)
    while pending:
        directive = pending.pop()
        if directive.block is not None:
            pending.extend(directive.block)
            if directive.close >= 0 and is_code(directive.name):
                found.append((directive.end, directive.close))
    return sorted(found)
