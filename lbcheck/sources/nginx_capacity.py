"""How many WebSockets an nginx configuration has room for."""

from __future__ import annotations

from lbcheck.model import Origin, Setting
from lbcheck.sources.nginx_scope import Root, span
from lbcheck.sources.nginx_syntax import Directive

_PER_SOCKET = 2
"""connections of a proxied WebSocket: to the client and to the target (64 held 31 on 1.22.1)"""


def capacity(root: Root) -> Setting[int] | None:
    """What `worker_connections` leaves room for, in all workers together, or `worker_rlimit_nofile`
    where that is less: a connection is an open file (40 of them held 15 on 1.22.1, 16 on 1.31.3).

    None where nobody wrote it, where the number of workers depends on the machine (`auto`), or
    where a part of the file is unread.
    """
    limit: Directive | None = None
    files: Directive | None = None
    workers = 1
    for directive in root.tree:
        if directive.name == "include":
            return None
        if directive.name == "worker_processes":
            workers = _number(directive)
        elif directive.name == "worker_rlimit_nofile":
            files = directive
        elif directive.name == "events":
            inner = directive.block or []
            limit = next((d for d in inner if d.name == "worker_connections"), limit)
    if limit is None or not workers or not _number(limit):
        return None
    if files is not None and 0 < _number(files) < _number(limit):
        limit = files
    sockets = _number(limit) * workers // _PER_SOCKET
    return Setting(limit.name, sockets, Origin.SET, span(limit))


def _number(directive: Directive) -> int:
    """Its one number; 0 where it is no number, such as `auto`."""
    text = directive.args[0] if len(directive.args) == 1 else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
