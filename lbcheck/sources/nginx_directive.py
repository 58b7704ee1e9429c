"""The node of an nginx configuration tree."""

from __future__ import annotations

from msgspec import Struct

from lbcheck.model import Source


class Directive(Struct, eq=False, gc=False):
    """A statement: `source.text[start:end]` is its name and arguments as they are written.

    `args` are unquoted and unescaped. `block` is None for a statement that ends with `;`, and an
    empty list for one that holds code of another language. `close` is the offset of the `}` that
    ends the block, -1 where there is none. Two are equal only when they are the same statement.
    """

    name: str
    args: tuple[str, ...]
    start: int
    end: int
    block: list[Directive] | None
    source: Source
    close: int = -1

    def __repr__(self) -> str:
        return f"<{' '.join((self.name, *self.args))!r} at {self.source.name}:{self.start}>"
