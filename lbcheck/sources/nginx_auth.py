"""Subrequests that ask for permission (`auth_request`) and carry what a handshake sends."""

from __future__ import annotations

from lbcheck.model import Origin, Setting
from lbcheck.sources.nginx_header import value_of
from lbcheck.sources.nginx_scope import span
from lbcheck.sources.nginx_way import Way, Ways


def upgraded(way: Way, ways: Ways) -> Setting[bool] | None:
    """The `auth_request` in force, where the location that it asks sends `Upgrade` on."""
    statement = way.scope.effective("auth_request")
    path = statement.args[0] if statement is not None and statement.args else ""
    if statement is None or not path.startswith("/") or "$" in path:
        return None
    if way.scope.blind("auth_request"):
        return None
    landing = way.site.land(path)
    asked = ways.by_scope.get(landing.scope)
    if asked is None or asked is way or landing.outcome is not None or not landing.decided:
        return None
    sent = value_of(ways.sets, "upgrade", asked.scope, asked.headers, asked.variables)
    if sent is None or not sent.value:
        return None
    origin = Origin.SET if "auth_request" in way.scope.own else Origin.INHERITED
    same = any(draft in way.pools for draft in asked.pools)
    return Setting("auth_request", same, origin, span(statement))
