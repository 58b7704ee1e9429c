"""Connections to targets that an upstream keeps, and a location closes after each request."""

from __future__ import annotations

from lbcheck.model import Effect, Ineffective, Origin, Setting
from lbcheck.sources.nginx_map import NO_UPGRADE, Maps
from lbcheck.sources.nginx_scope import covers_all, span
from lbcheck.sources.nginx_way import Way


def defeated(way: Way, maps: Maps) -> list[Ineffective]:
    """A `keepalive` whose connections a location for all requests closes after each plain one: its
    `Connection` is `close` where nobody asks for an upgrade (6 connections for 6 requests)."""
    header = way.headers.by_name.get("connection") if way.headers is not None else None
    if header is None or not covers_all(way.scope):
        return []
    value = maps.value(header.args[1], {**way.variables, **NO_UPGRADE})
    if value is None or value.lower() != "close":
        return []
    reason = f"`proxy_set_header Connection {header.args[1]}` says close for every plain request"
    return [
        Ineffective(
            Effect.KEEPALIVE_DEFEATED,
            Setting("keepalive", kept.args, Origin.SET, span(kept)),
            reason,
            span(header),
        )
        for draft in way.pools
        if (kept := draft.kept) is not None and kept.args[:1] != ("0",)
    ]
