"""Subrequests that ask for permission (`auth_request`) and carry what a handshake sends."""

from __future__ import annotations

from lbcheck.model import Origin, Setting
from lbcheck.sources.nginx_flow import Site
from lbcheck.sources.nginx_header import value_of
from lbcheck.sources.nginx_scope import span
from lbcheck.sources.nginx_way import Way, Ways


class Questions:
    """The `auth_request` of a configuration; where one leads is looked up once a server."""

    __slots__ = ("_known", "_ways")

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._known: dict[tuple[Site, str], Way | None] = {}

    def upgraded(self, way: Way) -> Setting[bool] | None:
        """The one in force, where the location that it asks sends `Upgrade` on."""
        statement = way.scope.effective("auth_request")
        path = statement.args[0] if statement is not None and statement.args else ""
        if statement is None or not path.startswith("/") or "$" in path:
            return None
        if way.scope.blind("auth_request"):
            return None
        key = way.site, path
        if key not in self._known:
            self._known[key] = self._asked(way.site, path)
        asked = self._known[key]
        if asked is None or asked is way:
            return None
        origin = Origin.SET if "auth_request" in way.scope.own else Origin.INHERITED
        same = any(draft in way.pools for draft in asked.pools)
        return Setting("auth_request", same, origin, span(statement))

    def _asked(self, site: Site, path: str) -> Way | None:
        """The way that a question takes, if it carries the upgrade."""
        landing = site.land(path)
        asked = self._ways.by_scope.get(landing.scope)
        if asked is None or landing.outcome is not None or not landing.decided:
            return None
        sets = self._ways.sets
        sent = value_of(sets, "upgrade", asked.scope, asked.headers, asked.variables)
        return asked if sent is not None and sent.value else None
