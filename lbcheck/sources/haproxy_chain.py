"""What ends a quiet WebSocket further in, where frontends of one HAProxy are chained.

Measured on 2.6 and 2.8 through 127.0.0.1, unix and abns sockets, in mode http and tcp: the
shortest of all hops ends it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.model import Setting
from lbcheck.sources.haproxy_around import Around
from lbcheck.sources.haproxy_edge import Edge, Frontend
from lbcheck.sources.haproxy_handshake import meets
from lbcheck.sources.haproxy_idle import idle

_MAX_FRONTENDS = 4
_MAX_EDGES = 25
"""Where a hop fans out further than this, what it comes to is not known."""
Idles = dict[Edge, Setting[float] | None]


def inner_idle(edge: Edge, around: Around, known: Idles) -> Setting[float] | None:
    """The shortest idle time of the hops behind an edge; None where it is not known.

    Where the handshakes may take several ways, that of the way that lasts longest.

    Args: known: what was found out before; edges that lead in a circle are known as None.
    """
    if edge not in known:
        known[edge] = None
        known[edge] = _longest([_shortest(further, around, known) for further in _behind(edge)])
    return known[edge]


def _behind(edge: Edge) -> list[Edge]:
    """The ways that the handshakes of an edge may take at the next hop."""
    frontends = list(dict.fromkeys(edge.inner))
    ways = [way for frontend in frontends[:_MAX_FRONTENDS] for way in _taken(edge, frontend)]
    return ways if len(frontends) <= _MAX_FRONTENDS and len(ways) <= _MAX_EDGES else []


def _taken(outer: Edge, frontend: Frontend) -> Iterator[Edge]:
    for edge in frontend.edges[: _MAX_EDGES + 1]:
        met = meets(edge.condition, outer.handshake)
        if met is not False and edge.backend is not None:
            yield edge
        if met:
            return


def _shortest(edge: Edge, around: Around, known: Idles) -> Setting[float] | None:
    assert edge.backend is not None
    here = idle(edge, edge.backend, around.whole, around.declared.websocket_paths).setting
    if not edge.inner or here is None:
        return here
    later = inner_idle(edge, around, known)
    return None if later is None else min(here, later, key=_seconds)


def _longest(ways: list[Setting[float] | None]) -> Setting[float] | None:
    settings = [way for way in ways if way is not None]
    return max(settings, key=_seconds) if settings and len(settings) == len(ways) else None


def _seconds(setting: Setting[float]) -> float:
    return setting.value
