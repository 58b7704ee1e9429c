"""A location that proxies, as a route: what is in force there, and what has no effect."""

from __future__ import annotations

from lbcheck.belief import strong_word
from lbcheck.model import (
    Declared,
    Effect,
    Forward,
    Ineffective,
    Level,
    Origin,
    Redirect,
    RedirectKind,
    Route,
    Setting,
    Span,
    Vendor,
    Visit,
)
from lbcheck.sources import nginx_client, nginx_header, nginx_listen, nginx_time, nginx_url
from lbcheck.sources.nginx_alteration import Alterations
from lbcheck.sources.nginx_auth import Questions
from lbcheck.sources.nginx_belief import words
from lbcheck.sources.nginx_error import Masks
from lbcheck.sources.nginx_filled import unknown
from lbcheck.sources.nginx_header import Headers, said
from lbcheck.sources.nginx_keepalive import defeated
from lbcheck.sources.nginx_knobs import wrong_knobs
from lbcheck.sources.nginx_map_fault import MapFaults
from lbcheck.sources.nginx_name import address
from lbcheck.sources.nginx_pool import Pools
from lbcheck.sources.nginx_protocol import Protected
from lbcheck.sources.nginx_redirect import redirect
from lbcheck.sources.nginx_scope import Scope, covers_all, matcher, span
from lbcheck.sources.nginx_stopped import stopped
from lbcheck.sources.nginx_syntax import Directive
from lbcheck.sources.nginx_way import Way, Ways

# bound once: to look an enum member up costs as much as to make a setting
_SET = Origin.SET
_INHERITED = Origin.INHERITED
_DEFAULT = Origin.DEFAULT
_NGINX = Vendor.NGINX
_POSSIBLE = Level.POSSIBLE

_NO_OUTER_FILE = "no outer file sets it"


class Routes:
    """Makes routes of one main file's ways; settings of outer levels are made once and shared."""

    __slots__ = (
        "_alterations", "_blind", "_faults", "_inherited", "_limits", "_masks", "_protected",
        "_questions", "_retried", "_silent", "_version", "declared", "pools", "taken", "ways",
        "whole",
    )  # fmt: skip

    def __init__(self, ways: Ways, pools: Pools, faults: MapFaults, declared: Declared) -> None:
        self.ways = ways
        self.pools = pools
        self.declared = declared
        self.whole = ways.root.whole
        self._blind = "include" in ways.root.seen
        self._limits = nginx_client.Limits()
        self._silent = self.whole and not nginx_listen.asks_after_clients(ways.root)
        self._protected = Protected(ways)
        self._questions = Questions(ways)
        self.taken = _taken(ways, declared.visits) if declared.visits else {}
        self._faults = faults
        self._alterations = Alterations(ways.root, ways.sets.maps)
        self._inherited: dict[Directive, Setting[float] | None] = {}
        self._retried: dict[Directive, tuple[Setting[bool], Setting[bool]]] = {}
        self._masks = Masks()
        version = declared.nginx_version
        new = version is not None and version >= nginx_header.NEW_DEFAULTS
        assumed = nginx_header.ASSUMED if version is None else None
        self._version = ("1.1", "", None) if new else ("1.0", "close", assumed)

    def route(self, way: Way) -> Route:
        """The finished route."""
        scope, headers = way.scope, way.headers
        place = span(scope.directive or way.statement)
        pools = [self.pools.make(draft) for draft in way.pools]
        limits = self._limits.of(way)
        idle = self.time(scope, "proxy_read_timeout", 60.0, place)
        others = (
            self.time(scope, "proxy_connect_timeout", 60.0, place),
            self.time(scope, "proxy_send_timeout", 60.0, place),
        )
        upgrade = self._header(way, "upgrade", place)
        connection = self._header(way, "connection", place)
        retries, retries_503 = self._retries(way, place)
        version = self._http_version(way, place)
        if not self.whole and (headers is None or version is None):
            place.source.rootless |= way.belief.level is not _POSSIBLE
        return Route(
            vendor=_NGINX,
            address=address(scope),
            place=place,
            path=matcher(scope),
            belief=way.belief,
            forwards=tuple([Forward(pool, version) for pool in pools]),
            idle=idle,
            timeouts=tuple([other for other in others if other is not None]),
            upgrade=upgrade,
            connection=connection,
            host_kept=self._host_kept(way, place),
            redirect=self._redirect(way, place),
            alterations=self._alterations.of(scope, headers),
            ineffective=self._ineffective(way, idle) if way.belief.level is not _POSSIBLE else (),
            retries=retries,
            retries_503=retries_503,
            connect=others[0],
            hardcoded=nginx_header.hardcoded(scope, headers),
            unknown_scheme=nginx_url.unknown_scheme(way),
            name_untold=nginx_url.name_untold(way) if self.whole else None,
            passed_by=self._protected.passed_by(way),
            tcp_keepalive=nginx_listen.tcp_keepalive(way.site) if self._silent else None,
            limits=limits,
            behind=nginx_client.behind(way, pools, limits) if self.whole else None,
            authentication=self._questions.upgraded(way),
            masked_errors=self._masks.of(scope, way.site),
            unknown=unknown(scope, idle, upgrade, connection),
            covers_all=covers_all(scope),
            takes=self.taken.get(scope, ()),
            alike=way.site.alike,
        )

    def time(self, scope: Scope, name: str, default: float, place: Span) -> Setting[float] | None:
        """A time in force; None where it is not known (a fragment, a placeholder)."""
        statement = scope.own.get(name)
        if statement is not None:
            return _said(statement, _SET)
        statement = scope.inherited(name)
        if self._blind and scope.blind(name):
            return None
        if statement is None:
            return Setting(name, default, _DEFAULT, place) if self.whole else None
        if statement not in self._inherited:
            self._inherited[statement] = _said(statement, _INHERITED)
        return self._inherited[statement]

    def _http_version(self, way: Way, place: Span) -> Setting[str] | None:
        scope = way.scope
        statement = scope.effective("proxy_http_version")
        if self._blind and scope.blind("proxy_http_version"):
            return None
        if statement is None:
            version, _, assumed = self._version
            if not self.whole and (not way.forwards or not self._alone(scope)):
                return None
            if not self.whole:
                assumed = f"{assumed or 'this nginx'} where {_NO_OUTER_FILE}"
            return Setting("proxy_http_version", version, _DEFAULT, place, assumed)
        value = statement.args[0] if statement.args else ""
        if value not in ("1.0", "1.1", "2"):
            return None
        own = "proxy_http_version" in scope.own
        return Setting("proxy_http_version", value, _SET if own else _INHERITED, span(statement))

    def _host_kept(self, way: Way, place: Span) -> Setting[bool] | None:
        known = self._headers_known(way, "host")
        return nginx_header.host_kept(way.scope, way.headers, place) if known else None

    def _headers_known(self, way: Way, name: str) -> bool:
        """Is it known whether the header is set, and to what? An include that was not read may
        set more at its own level, and replaces all that an outer one sets."""
        if way.headers is None and not self.whole:
            return False
        if not self._blind:
            return True
        if way.scope.blind("proxy_set_header"):
            return False
        headed = way.scope.headed
        open_ended = headed is not None and "include" in headed.own
        return not open_ended or (way.headers is not None and name in way.headers.by_name)

    def _nobody_sets_it(self, way: Way) -> bool:
        """Is this a site file of its own with a location for WebSockets, where no level sets any
        header for them? Then only the file that includes it could."""
        if self.whole or way.scope.blind("proxy_set_header") or not self._alone(way.scope):
            return False
        if not way.belief.declared and strong_word(words(way.scope)) is None:
            return False
        return not self.ways.sets_upgrade(way.site)

    def _alone(self, scope: Scope) -> bool:
        """Is this a whole `server`, beside no file that proxies for all of them?"""
        return scope.server.directive is not None and not self.ways.root.headed

    def _header(self, way: Way, name: str, place: Span) -> Setting[str | None]:
        title = f"proxy_set_header {name.title()}"
        if not self._headers_known(way, name):
            if name == "upgrade" and self._nobody_sets_it(way):
                return Setting(title, "", _DEFAULT, place, _NO_OUTER_FILE)
            return Setting(title, None, _DEFAULT, place)
        found = nginx_header.value_of(self.ways.sets, name, way.scope, way.headers, way.variables)
        if found is not None:
            return found
        _, connection, assumed = self._version
        if name == "connection":
            return Setting(title, connection, _DEFAULT, place, assumed)
        return Setting(title, "", _DEFAULT, place)

    def _retries(self, way: Way, place: Span) -> tuple[Setting[bool] | None, Setting[bool] | None]:
        if not way.pools or not all(self.pools.has_choice(draft) for draft in way.pools):
            return None, None
        statement = way.scope.effective("proxy_next_upstream")
        if self._blind and way.scope.blind("proxy_next_upstream"):
            return None, None
        tries = way.scope.effective("proxy_next_upstream_tries")
        if tries is not None and tries.args == ("1",):
            own = "proxy_next_upstream_tries" in way.scope.own
            once = Setting(tries.name, False, _SET if own else _INHERITED, span(tries))
            return once, once
        if statement is None:
            if not self.whole:
                return None, None
            return (
                Setting("proxy_next_upstream", True, _DEFAULT, place),
                Setting("proxy_next_upstream", False, _DEFAULT, place),
            )
        if "proxy_next_upstream" in way.scope.own:
            return _retried(statement, _SET)
        if statement not in self._retried:
            self._retried[statement] = _retried(statement, _INHERITED)
        return self._retried[statement]

    def _redirect(self, way: Way, place: Span) -> Redirect | None:
        if way.redirect is not None:
            return redirect(way.site, way.redirect, self.ways)
        if way.slash:
            setting = Setting(f"location {matcher(way.scope)}", 301, _SET, place)
            return Redirect(RedirectKind.SLASH, setting)
        return None

    def _ineffective(self, way: Way, idle: Setting[float] | None) -> tuple[Ineffective, ...]:
        sets = self.ways.sets
        known = self._headers_known(way, "upgrade") and self._headers_known(way, "connection")
        lost = sets.lost(way.scope) if known and not way.forwards else None
        found = list(nginx_header.replaced(*lost)) if lost else []
        found += self._unreached(way) if known else []
        alone = nginx_header.host_lost(sets, way.scope) if way.forwards else None
        found += [alone] if alone is not None and self._headers_known(way, "host") else []
        found += stopped(way, self.ways)
        found += self._faults.among(way.headers, way.variables) if known else []
        found += defeated(way, sets.maps) if known else []
        if idle is not None and idle.origin is _DEFAULT:
            found += wrong_knobs(way.scope)
        return tuple(found)

    def _unreached(self, way: Way) -> list[Ineffective]:
        """Headers in a location whose requests run here, where they are not sent."""
        found = []
        for landing in () if way.forwards else self.ways.reached.get(way.scope, ()):
            headers = self.ways.sets.of(landing.first.own.get("proxy_set_header"))
            if landing.via is None or headers is None or not self.ways.sets.forwards(headers):
                continue
            name = "upgrade" if "upgrade" in headers.by_name else "connection"
            reason = (
                f"`{landing.via.name}` hands the requests of {said(landing.first)} "
                f"to {said(way.scope)}, which does not send it"
            )
            found.append(
                Ineffective(Effect.UNREACHED, _as_set(headers, name), reason, span(landing.via))
            )
        return found


def _taken(ways: Ways, visits: tuple[Visit, ...]) -> dict[Scope, tuple[Visit, ...]]:
    from lbcheck.sources.nginx_visit import taken  # most audits ask for no handshake

    return taken(ways, visits)


def _as_set(headers: Headers, name: str) -> Setting[object]:
    statement = headers.by_name[name]
    return Setting(
        f"proxy_set_header {statement.args[0]}", statement.args[1], _SET, span(statement)
    )


def _retried(statement: Directive, origin: Origin) -> tuple[Setting[bool], Setting[bool]]:
    """Is another target tried after an error, and after a 503?"""
    words, where = statement.args, span(statement)
    error, busy = ("off" not in words and word in words for word in ("error", "http_503"))
    name = statement.name
    return Setting(name, error, origin, where), Setting(name, busy, origin, where)


def _said(statement: Directive, origin: Origin) -> Setting[float] | None:
    value = nginx_time.of(statement)
    return None if value is None else Setting(statement.name, value, origin, span(statement))
