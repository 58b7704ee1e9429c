"""What the URL of a target means beside its address: the scheme, and the name told in TLS."""

from __future__ import annotations

from lbcheck.model import Origin, Resolution, Setting
from lbcheck.sources.nginx_address import resolution
from lbcheck.sources.nginx_scope import span
from lbcheck.sources.nginx_way import Way

_SCHEMES = ("http", "https", "")


def unknown_scheme(way: Way) -> Setting[str] | None:
    """The scheme of a target's URL, where nginx does not know it."""
    for there in way.there:
        if there.scheme not in _SCHEMES:
            return Setting("proxy_pass", there.scheme, Origin.SET, span(way.statement))
    return None


def name_untold(way: Way) -> Setting[str] | None:
    """The host name of a target behind TLS that is not told to it (`proxy_ssl_server_name`, off by
    default on 1.22.1 and 1.31.3).

    A name without a dot is one of a private network, where a server has one certificate.
    """
    for there in way.there:
        host = there.host.partition(":")[0]
        known = there.upstream is None and not (there.unreadable or there.foreign)
        if there.scheme != "https" or not known or "." not in host or "$" in host:
            continue
        if resolution(there.host) is Resolution.ADDRESS or _told(way):
            continue
        return Setting("proxy_pass", host, Origin.SET, span(way.statement))
    return None


def _told(way: Way) -> bool:
    """Also where that is not known."""
    statement = way.scope.effective("proxy_ssl_server_name")
    off = statement is None or statement.args == ("off",)
    return not off or way.scope.blind("proxy_ssl_server_name")
