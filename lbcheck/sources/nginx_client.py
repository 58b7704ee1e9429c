"""What an nginx location makes of a client's address: limits, and whose address it is."""

from __future__ import annotations

from itertools import islice

from lbcheck.model import Origin, Pool, Setting, SocketLimit
from lbcheck.sources.nginx_map import names
from lbcheck.sources.nginx_scope import Scope, all_of, span
from lbcheck.sources.nginx_syntax import Directive
from lbcheck.sources.nginx_way import Way

_ADDRESSES = frozenset({"binary_remote_addr", "remote_addr"})
_FORWARDED = frozenset({"http_x_forwarded_proto", "http_x_forwarded_port", "http_cf_connecting_ip"})
"""headers that nobody passes on but behind a balancer that sets them"""
_MAX_LIMITS = 10
_MAX_HEADERS = 100
_NOT_BLIND = ("real_ip_header", "set_real_ip_from")


class Limits:
    """The `limit_conn` of a configuration; its zones are sorted once."""

    __slots__ = ("_zones",)

    def __init__(self) -> None:
        self._zones: dict[Directive | None, dict[str, str]] = {}

    def of(self, way: Way) -> tuple[SocketLimit, ...]:
        """Those in force whose keys are a client's address or one for everybody.

        A request whose key is empty is not counted (a `$server_name` that is not set).
        """
        scope = way.scope
        found = scope.effective("limit_conn")
        dry = scope.effective("limit_conn_dry_run")
        if found is None or (dry is not None and dry.args == ("on",)):
            return ()
        defined = scope.effective("limit_conn_zone")
        if defined not in self._zones:
            self._zones[defined] = _zones(defined)
        zones = self._zones[defined]
        made = [_limit(each, zones, scope) for each in all_of(found)[:_MAX_LIMITS]]
        return tuple([limit for limit in made if limit is not None])


def _limit(statement: Directive, zones: dict[str, str], scope: Scope) -> SocketLimit | None:
    name, number = statement.args if len(statement.args) == 2 else ("", "")
    key = zones.get(name)
    if key is None or not (number.isascii() and number.isdigit()):
        return None
    per_client = _ADDRESSES.issuperset(names(key))
    if not per_client and not (key == "$server_name" and _named(scope.server)):
        return None
    origin = Origin.SET if "limit_conn" in scope.own else Origin.INHERITED
    setting = Setting(f"limit_conn {name}", int(number[:9]), origin, span(statement))
    return SocketLimit(setting, per_client)


def _zones(found: Directive | None) -> dict[str, str]:
    """The key of each zone, by its name."""
    zones = {}
    for statement in all_of(found) if found is not None else ():
        if len(statement.args) == 2 and statement.args[1].startswith("zone="):
            key, zone = statement.args
            if names(key):
                zones[zone.removeprefix("zone=").partition(":")[0]] = key
    return zones


def _named(server: Scope) -> bool:
    return any(name not in ("", "_") for each in server.every("server_name") for name in each.args)


def behind(way: Way, pools: list[Pool], counted: tuple[SocketLimit, ...]) -> Setting[str] | None:
    """A sign that every client comes from one balancer's address, and nothing undoes it, where a
    balance method or a limit goes by addresses."""
    kept = [each for pool in pools if pool.persistence for each in pool.persistence]
    if not counted and not kept:
        return None
    by_source = any(each.kind == "source" for each in kept)
    if not by_source and not any(limit.per_client for limit in counted):
        return None
    scope = way.scope
    if scope.effective("set_real_ip_from") or any(scope.blind(name) for name in _NOT_BLIND):
        return None
    return _announced(scope.server) or _forwarded(way)


def _announced(server: Scope) -> Setting[str] | None:
    listens = server.every("listen")
    if not listens or not all("proxy_protocol" in listen.args for listen in listens):
        return None
    return Setting("proxy_protocol", "", Origin.SET, span(listens[0]))


def _forwarded(way: Way) -> Setting[str] | None:
    """A header of the balancer's that is handed on as it is. (A map of it suits both.)"""
    headers = way.headers.by_name.items() if way.headers is not None else ()
    for name, statement in islice(headers, _MAX_HEADERS):
        value = statement.args[1]
        if not _FORWARDED.isdisjoint(names(value)) and value.startswith("$"):
            return Setting(f"proxy_set_header {name}", value, Origin.SET, span(statement))
    return None
