"""What the ports of a server understand."""

from __future__ import annotations

from lbcheck.model import Declared, Origin, Setting
from lbcheck.sources.nginx_flow import Site
from lbcheck.sources.nginx_scope import span

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
