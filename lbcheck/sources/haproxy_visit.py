"""Which way of a HAProxy takes a handshake for a URL: frontend by port, then the first condition.

The port of a URL may be that of a balancer or a container in front: where no frontend listens
there, the only one is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lbcheck.model import Visit
from lbcheck.regex import regex
from lbcheck.sources.haproxy_acl import condition_of
from lbcheck.sources.haproxy_edge import Edge, Frontend
from lbcheck.sources.haproxy_handshake import Handshake, meets
from lbcheck.sources.haproxy_line import Unknown
from lbcheck.sources.haproxy_tunnel import MOVES

_PORT = regex(r".*:([0-9]{1,5}+)")


def taken(frontends: Sequence[Frontend], visits: Iterable[Visit]) -> dict[Edge, tuple[Visit, ...]]:
    """The ways that these handshakes surely take, if they come to this process."""
    found: dict[Edge, tuple[Visit, ...]] = {}
    for visit in visits:
        frontend = _frontend(frontends, visit)
        edge = _edge(frontend, visit) if frontend is not None else None
        if edge is not None:
            found[edge] = (*found.get(edge, ()), visit)
    return found


def _frontend(frontends: Sequence[Frontend], visit: Visit) -> Frontend | None:
    there = [each for each in frontends if visit.port in _ports(each)]
    leading = there or [each for each in frontends if each.edges]
    return leading[0] if len(leading) == 1 else None


def _ports(frontend: Frontend) -> set[int]:
    """The ports it listens on; those of Unix sockets and variables are none."""
    words = [bind.words[1] for bind in frontend.section.all("bind") if len(bind.words) > 1]
    known = (each for word in words if type(word) is not Unknown for each in word.split(","))
    return {int(match[1]) for match in map(_PORT.fullmatch, known) if match}


def _edge(frontend: Frontend, visit: Visit) -> Edge | None:
    """The first way whose condition the handshake meets; None where one before it may, too."""
    section = frontend.section
    moved = any(
        statement.words[1:2] and statement.words[1] in MOVES
        for level in section.levels
        for statement in level.all("http-request")
    )
    paths = () if moved else ((True, visit.path),)
    tls = visit.tls if frontend.tls is None else frontend.tls
    handshake = Handshake(paths, tls, visit.authority)
    for statement in section.all("use_backend"):
        condition = condition_of(section, statement, frontend.acls, 2)
        met = None if statement.maybe else meets(condition, handshake)
        if met is not False:
            ways = [edge for edge in frontend.edges if edge.statement is statement]
            return ways[0] if met and len(ways) == 1 else None
    rest = [edge for edge in frontend.edges if edge.unconditional and not _chosen(edge)]
    return rest[0] if len(rest) == 1 else None


def _chosen(edge: Edge) -> bool:
    return edge.statement is not None and edge.statement.words[0] == "use_backend"
