"""What the ports of a server understand."""

from __future__ import annotations

from lbcheck.model import Declared, Origin, Setting
from lbcheck.sources.nginx_flow import Site
from lbcheck.sources.nginx_scope import Root, span

_TOLD_APART = (1, 25, 1)
_ASSUMED = "nginx before 1.25.1"


def http2_only(site: Site, declared: Declared) -> Setting[str] | None:
    """The first port of a server whose every port has `http2` and none has TLS; its value is the
    statement without that word."""
    listens = site.scope.every("listen")
    if not listens or "http2" not in listens[0].args or site.tls:
        return None
    version = declared.nginx_version
    if version is not None and version >= _TOLD_APART:
        return None
    if not all("http2" in listen.args for listen in listens):
        return None
    first = listens[0]
    words = " ".join(("listen", *(word for word in first.args if word != "http2")))
    assumed = _ASSUMED if version is None else None
    return Setting("listen", words, Origin.SET, span(first), assumed)


def asks_after_clients(root: Root) -> bool:
    """May some port have `so_keepalive`? (A port that two servers share has it for both.)"""
    listens = (listen for server in root.servers for listen in server.every("listen"))
    return any(word.startswith("so_keepalive") for listen in listens for word in listen.args)


def tcp_keepalive(site: Site) -> Setting[bool] | None:
    """That nothing asks after silent clients, at the first port that could say it."""
    first = next(iter(site.scope.every("listen")), None)
    if first is None or not first.args or first.args[0].startswith("unix:"):
        return None
    return Setting("listen", False, Origin.DEFAULT, span(first))
