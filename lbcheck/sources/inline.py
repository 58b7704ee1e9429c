"""Where a source has comments, and how far the block reaches that opens on a line.

Only sources that mention a suppression are asked; they are read once more for it.
"""

from __future__ import annotations

from msgspec import Struct

from lbcheck.model import Source
from lbcheck.sources import detect

_SECTIONS = frozenset(
    "global defaults frontend backend listen resolvers peers userlist cache program ring mailers"
    " http-errors log-forward fcgi-app crt-store traces".split()
)


class Inline(Struct, frozen=True):
    """`comments`: offsets, without line ends. `block_ends`: opening line to closing line."""

    comments: tuple[tuple[int, int], ...] = ()
    block_ends: dict[int, int] = {}


def read(source: Source) -> Inline:
    """The comments and blocks of a source; nothing for kinds that have no comments."""
    match source.kind:
        case detect.NGINX:
            return _nginx(source)
        case detect.HAPROXY:
            return _haproxy(source)
        case detect.CLOUDFORMATION | detect.KUBERNETES:
            return _yaml(source)
        case detect.TERRAFORM:
            return _terraform(source)
    return Inline()


def _nginx(source: Source) -> Inline:
    from lbcheck.sources import nginx_syntax

    scratch = Source(source.name, source.kind, source.text)
    ends: dict[int, int] = {}
    pending = nginx_syntax.parse(scratch)
    while pending:
        directive = pending.pop()
        if directive.block is not None and directive.close >= 0:
            opening, closing = source.position(directive.end), source.position(directive.close)
            ends[opening[0]] = closing[0]
            pending.extend(directive.block)
    return Inline(tuple(nginx_syntax.comments(source)), ends)


def _haproxy(source: Source) -> Inline:
    from lbcheck.sources import haproxy_syntax

    scratch = Source(source.name, source.kind, source.text)
    lines = [
        (source.position(statement.start)[0], statement.words[0] in _SECTIONS)
        for statement in haproxy_syntax.statements(scratch, {})
        if statement is not None
    ]
    openings = [line for line, opens in lines if opens]
    last = lines[-1][0] if lines else 0
    ends = dict(zip(openings, [*(line - 1 for line in openings[1:]), last], strict=False))
    return Inline(tuple(haproxy_syntax.comments(source)), ends if openings else {})


def _yaml(source: Source) -> Inline:
    from lbcheck.sources import yaml_inline

    return Inline(tuple(yaml_inline.comments(source)), yaml_inline.block_ends(source))


def _terraform(source: Source) -> Inline:
    from lbcheck.sources import terraform_syntax

    return Inline(*terraform_syntax.inline(source))
