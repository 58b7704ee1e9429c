"""The logical names of servers and locations, free of line numbers."""

from __future__ import annotations

from lbcheck.sources.nginx_scope import Kind, Scope, matcher

_MAX_NESTED = 8


def address(scope: Scope) -> str:
    """The logical place of a block: `http/server[chat.example]/location[/ws/]`. Of locations
    nested deeper than anybody writes only the innermost are named."""
    server = scope.server
    if server.address is None:
        top = "stream" if server.kind is Kind.STREAM_SERVER else "http"
        server.address = f"{top}/server[{server_name(server)}]"
    steps: list[str] = []
    here: Scope | None = scope
    while here is not None and here is not server and len(steps) < _MAX_NESTED:
        kind = "location" if here.kind is Kind.LOCATION else "if"
        steps.append(f"/{kind}[{matcher(here)}]")
        here = here.outer
    return f"{server.address}{''.join(reversed(steps))}"


def server_name(server: Scope) -> str:
    """A server's first name, or what it listens on where it has none."""
    for statement in server.every("server_name"):
        if statement.args and statement.args[0] not in ("", "_"):
            return statement.args[0]
    for statement in server.every("listen"):
        if statement.args:
            return statement.args[0]
    return "_"
