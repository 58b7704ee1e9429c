"""The blocks of an nginx configuration, each with the blocks around it.

One walk over all directives sorts those that matter into scopes; a value in force is then a
look-up in the scope itself and in what its outer scopes hand down. The same included fragment
stands in several scopes, so that nothing is ever looked up by a directive alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from lbcheck.model import Span
from lbcheck.sources.nginx_syntax import Directive


class Kind(Enum):
    MAIN = "main"
    HTTP = "http"
    SERVER = "server"
    LOCATION = "location"
    IF = "if"
    STREAM = "stream"
    STREAM_SERVER = "stream server"


_ONE, _MANY, _STEP, _UNREAD = 1, 2, 3, 4
_INTEREST = {
    **dict.fromkeys(
        """proxy_pass grpc_pass fastcgi_pass uwsgi_pass scgi_pass memcached_pass root alias
        proxy_http_version proxy_read_timeout proxy_send_timeout proxy_connect_timeout
        grpc_read_timeout fastcgi_read_timeout uwsgi_read_timeout scgi_read_timeout
        proxy_timeout keepalive_timeout send_timeout proxy_next_upstream
        proxy_next_upstream_tries proxy_method
        proxy_pass_request_headers proxy_buffering resolver try_files internal health_check
        upstream_probe worker_shutdown_timeout load_module stub_status empty_gif
        proxy_cache_bypass proxy_ssl_server_name ssl http2 auth_request mirror real_ip_header
        limit_conn_dry_run deny auth_basic auth_jwt""".split(),
        _ONE,
    ),
    **dict.fromkeys(
        """proxy_set_header error_page proxy_hide_header proxy_pass_header listen server_name
        set_real_ip_from limit_conn limit_conn_zone""".split(),
        _MANY,
    ),
    **dict.fromkeys("set if return rewrite break".split(), _STEP),
    **dict.fromkeys("http stream server location upstream map match limit_except".split(), _ONE),
    "include": _UNREAD,
}  # fmt: skip


class Scope:
    """One block. `own` are its statements by name (a list where a name may repeat), `down` what
    its inner scopes inherit, `steps` its rewrite-phase statements in order; `server` is the
    server around it, `headed` the nearest level that sets headers, `address` what a server is
    called in reports, once somebody has asked."""

    __slots__ = (
        "address", "children", "directive", "down", "headed", "kind", "outer", "own", "server",
        "steps",
    )  # fmt: skip

    def __init__(self, kind: Kind, directive: Directive | None, outer: Scope | None) -> None:
        self.kind = kind
        self.directive = directive
        self.outer = outer
        self.own: dict[str, Directive] = {}
        self.down: dict[str, Directive] = {}
        self.steps: list[Directive] = []
        self.children: list[Scope] = []
        self.headed: Scope | None = None
        self.address: str | None = None
        inside = kind is Kind.LOCATION or kind is Kind.IF
        self.server: Scope = outer.server if inside and outer is not None else self

    def inherited(self, name: str) -> Directive | None:
        """The nearest outer statement with this name."""
        return self.outer.down.get(name) if self.outer else None

    def effective(self, name: str) -> Directive | None:
        """The statement in force: the nearest one, own first."""
        return self.own.get(name) or self.inherited(name)

    def blind(self, name: str) -> bool:
        """May an include that was not read set this, nearer than what is known of it?"""
        here: Scope | None = self
        while here is not None and here.kind is not Kind.MAIN and name not in here.own:
            if "include" in here.own:
                return True
            here = here.outer
        return False

    def every(self, name: str) -> Sequence[Directive]:
        """All own statements of a name that may repeat."""
        found = self.own.get(name)
        return found.all if isinstance(found, Several) else (found,) if found else ()


class Several(Directive, eq=False, gc=False, kw_only=True):
    """The statements of one name on one level, standing for the first of them."""

    all: list[Directive]


class Root:
    """One main file with all that it includes.

    `whole`: it has an `http` or `stream` block of its own, so that what it does not say is
    nowhere; False for a fragment whose outer blocks are not known. `headed`: this fragment, or
    one beside it, says outside of any server how to proxy. `alike`: for how many a server or an
    upstream stands (`nginx_fleet`), where it is more than one.
    """

    __slots__ = (
        "alike", "headed", "http", "main", "maps", "matches", "misplaced", "seen", "servers",
        "stream", "stream_servers", "stream_upstreams", "tree", "upstreams", "whole",
    )  # fmt: skip

    def __init__(self, tree: list[Directive], alike: dict[Directive, int]) -> None:
        self.tree = tree
        self.alike = alike
        self.whole = any(d.block is not None and d.name in ("http", "stream") for d in tree)
        self.main = Scope(Kind.MAIN if self.whole else Kind.HTTP, None, None)
        self.http: Scope | None = None if self.whole else self.main
        self.stream: Scope | None = None
        self.servers: list[Scope] = []
        self.stream_servers: list[Scope] = []
        self.upstreams: dict[str, Directive] = {}
        self.stream_upstreams: dict[str, Directive] = {}
        self.maps: dict[str, Directive] = {}
        self.misplaced: dict[str, Directive] = {}
        self.matches: dict[str, Directive] = {}
        self.seen: set[str] = set()
        self.headed = False
        self._walk()
        if not self.whole and (self.main.children or "proxy_pass" in self.main.own):
            self.main.kind = Kind.SERVER
            self.servers.append(self.main)

    def stands_for(self, server: Scope) -> int:
        """How many servers say what this one says."""
        return self.alike.get(server.directive, 1) if server.directive is not None else 1

    @property
    def complete(self) -> bool:
        """Is everything known that may stand in the `http` block?"""
        return self.whole and (self.http is None or "include" not in self.http.own)

    def _walk(self) -> None:
        pending = [(self.tree, self.main)]
        while pending:
            block, scope = pending.pop()
            inner = self._sort(block, scope)
            outer = scope.outer
            if "proxy_set_header" in scope.own:
                scope.headed = scope
            elif outer is not None:
                scope.headed = outer.headed
            if inner:
                scope.down = {**outer.down, **scope.own} if outer else scope.own
                pending.extend(reversed(inner))
            self.seen.update(scope.own)

    def _sort(self, block: list[Directive], scope: Scope) -> list[tuple[list[Directive], Scope]]:
        own, interest = scope.own, _INTEREST.get
        inner = []
        for directive in block:
            kind = interest(directive.name)
            if kind is None:
                continue
            if directive.block is not None:
                child = self._enter(directive, scope)
                if child is not None:
                    inner.append((directive.block, child))
            elif kind == _ONE:
                own[directive.name] = directive
            elif kind == _STEP:
                scope.steps.append(directive)
            elif kind == _UNREAD:
                _leave_open(own, directive)
            else:
                _add(own, directive)
        return inner

    def _enter(self, directive: Directive, scope: Scope) -> Scope | None:
        match directive.name:
            case "location" | "if" | "limit_except":
                return _inside(directive, scope)
            case "server":
                return self._server(directive, scope)
            case "http" if scope.kind is Kind.MAIN:
                self.http = Scope(Kind.HTTP, directive, scope)
                return self.http
            case "stream" if scope.kind is Kind.MAIN:
                self.stream = Scope(Kind.STREAM, directive, scope)
                return self.stream
            case "upstream" | "map" | "match":
                self._define(directive, scope)
        return None

    def _server(self, directive: Directive, scope: Scope) -> Scope:
        # proxy_pass may not stand directly in an http server, and must in a stream server
        stream = scope.kind is Kind.STREAM
        if not self.whole:
            stream = any(d.name == "proxy_pass" for d in directive.block or ())
        if stream:
            server = Scope(Kind.STREAM_SERVER, directive, scope)
            self.stream_servers.append(server)
        else:
            server = Scope(Kind.SERVER, directive, scope)
            self.servers.append(server)
        return server

    def _define(self, directive: Directive, scope: Scope) -> None:
        args = directive.args
        if directive.name == "upstream" and args:
            stream = scope.kind is Kind.STREAM
            (self.stream_upstreams if stream else self.upstreams)[args[0]] = directive
        elif directive.name == "map" and len(args) == 2 and args[1].startswith("$"):
            outside = scope.kind in (Kind.MAIN, Kind.HTTP, Kind.STREAM)
            (self.maps if outside else self.misplaced)[variable_name(args[1])] = directive
        elif directive.name == "match" and args:
            self.matches[args[0]] = directive


def variable_name(written: str) -> str:
    """`${Name}` -> "name"."""
    return written[1:].strip("{}").lower()


def _inside(directive: Directive, scope: Scope) -> Scope | None:
    if directive.name == "if":
        scope.steps.append(directive)
    kind = Kind.LOCATION if directive.name == "location" else Kind.IF
    child = Scope(kind, directive, scope)
    scope.children.append(child)
    return child


_UNRELATED = frozenset(
    """acme brotli cert certbot certs compression dhparam favicon gzip letsencrypt robots
    security ssl tls""".split()
)


def _leave_open(own: dict[str, Directive], include: Directive) -> None:
    """An include that could not be read may hold anything, unless its name says that it is about
    something else (`snippets/tls-options.conf`, `security-headers.conf`)."""
    name = include.args[0].rpartition("/")[2].lower() if include.args else ""
    words = name.replace("_", "-").replace(".", "-").split("-")
    if "proxy" in words or _UNRELATED.isdisjoint(words):
        own["include"] = include


def _add(own: dict[str, Directive], directive: Directive) -> None:
    before = own.get(directive.name)
    if isinstance(before, Several):
        before.all.append(directive)
    elif before is None:
        own[directive.name] = directive
    else:
        own[directive.name] = Several(
            before.name, before.args, before.start, before.end, before.block, before.source,
            all=[before, directive],
        )  # fmt: skip


def all_of(directive: Directive) -> Sequence[Directive]:
    """Every statement that a look-up stands for."""
    return directive.all if isinstance(directive, Several) else (directive,)


def span(directive: Directive) -> Span:
    """Where a statement (or the opening line of a block) stands."""
    return Span(directive.source, directive.start, directive.end)


def matcher(location: Scope) -> str:
    """What a location matches, as written: `/ws/`, `= /ws`, `~ ^/ws`, `@app`."""
    return " ".join(location.directive.args) if location.directive else "/"


def covers_all(location: Scope) -> bool:
    """Is it the prefix `/`, which takes whatever nothing else takes?"""
    directive = location.directive
    return directive is None or (
        directive.name == "location" and directive.args in (("/",), ("^~", "/"))
    )
