"""Variables that nothing defines: `nginx -t` refuses them, if the whole configuration is known."""

from __future__ import annotations

import re

from lbcheck.model import Status
from lbcheck.regex import regex
from lbcheck.sources.nginx_map import HANDSHAKE
from lbcheck.sources.nginx_scope import Root, variable_name
from lbcheck.sources.nginx_syntax import Directive

# What only uses a variable. Any other statement with an argument `$name` may define it: set, map,
# geo, auth_request_set, js_set, set_by_lua, and those of modules that nobody has heard of.
_USERS = frozenset(
    """proxy_set_header proxy_pass add_header return rewrite if log_format access_log error_log
    proxy_cache_bypass proxy_no_cache proxy_cache_key fastcgi_param uwsgi_param grpc_set_header
    proxy_redirect root alias try_files limit_req_zone limit_conn_zone hash sub_filter expires
    proxy_bind proxy_method proxy_ssl_name server_name location proxy_cookie_domain""".split()
)
# a text: `re` compiles it (0.5 ms) when a variable is first asked for, and most runs ask for none
_BUILT_IN = (
    r"(?:http|sent_http|upstream_http|upstream_trailer|sent_trailer|arg|cookie|upstream|proxy|ssl|"
    r"proxy_protocol|geoip|geoip2|jwt|oidc|session|connection|request|server|remote|realip|tcpinfo|"
    r"time|date|memcached|secure|uid|spdy|http2|http3|quic|msec|pid|sticky|fastcgi|grpc|limit|body|"
    r"bytes|content|document|invalid|is|query|slice|gzip|nginx|ancient|modern|msie|otel|opentracing|"
    r"acme|protocol|status|hostname|host|scheme|https?|uri|args|binary|pipe|cache|api|js|njs|lua)"
    r"(?:_[a-z0-9_]*)?"
)
_CAPTURES = regex(r"\(\?P?<([A-Za-z_][A-Za-z0-9_]*)>")


class Undefined:
    """Says which variables exist nowhere; all is looked through at most once."""

    __slots__ = ("_known", "_root")

    def __init__(self, root: Root) -> None:
        self._root = root
        self._known: set[str] | None = None

    def misplaced(self, name: str) -> Directive | None:
        """A `map` for the variable inside a `server`, where nginx (1.22.1, 1.31.3) refuses it."""
        return self._root.misplaced.get(name)

    def missing(self, name: str) -> bool:
        """Is it certain that nothing defines the variable?"""
        if not self._root.whole or name in HANDSHAKE:
            return False
        if name.isdigit() or (name != "connection_upgrade" and re.fullmatch(_BUILT_IN, name)):
            return False
        # a module that is loaded at run time may define what it likes, but hardly a name for this
        if "load_module" in self._root.main.own and "upgrade" not in name:
            return False
        if self._known is None:
            self._known = _definitions(self._root)
        return name not in self._known and "*" not in self._known


def _definitions(root: Root) -> set[str]:
    """Every name that a statement may define; "*" where something could not be read."""
    found: set[str] = set()
    pending = [root.tree]
    while pending:
        for directive in pending.pop():
            if directive.name == "include" or directive.source.status is not Status.READ:
                found.add("*")
            if directive.block:
                pending.append(directive.block)
            if directive.name not in _USERS:
                # the first argument of a map is only read: `map $connection_upgrade {` lacks one
                args = directive.args[1:] if directive.name == "map" else directive.args
                found.update(variable_name(arg) for arg in args if arg[:1] == "$")
            text = " ".join((directive.name, *directive.args))
            if "(?" in text:
                found.update(name.lower() for name in _CAPTURES.findall(text))
    return found
