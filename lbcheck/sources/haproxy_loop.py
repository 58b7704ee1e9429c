"""Follow chains inside one HAProxy: a server whose address is the bind of another frontend.

Every hop has timeouts of its own, and the smallest cuts (measured; haproxy#2280), so what is
believed of the inner hop holds for the outer one too.
"""

from __future__ import annotations

from collections.abc import Sequence

from lbcheck.model import Belief, Level
from lbcheck.sources.haproxy_edge import Edge, Frontend
from lbcheck.sources.haproxy_target import host_and_port

LOCAL = ("127.", "unix@", "abns", "/", "localhost:", "[::1]", "::1:")
_ANY = frozenset(["", "*", "0.0.0.0", "::"])
_MAX_HOPS = 8


def follow(frontends: Sequence[Frontend]) -> None:
    """Raise the belief of edges that lead to a frontend of the same instance, and mark the
    backends that lead nowhere else."""
    outer = [edge for frontend in frontends for edge in frontend.edges if _local(edge)]
    if not outer:
        return
    inner = _binds(frontends)
    for edge in outer:
        edge.inner = tuple(_reached(edge, inner))
        if edge.backend is not None and len(edge.inner) == len(edge.backend.servers):
            edge.backend.internal = True
    led = [(edge, found) for edge in outer for found in edge.inner]
    for _ in range(_MAX_HOPS):
        raised = sum(_raise(edge, frontend) for edge, frontend in led)
        if not raised:
            return


def _local(edge: Edge) -> bool:
    for server in edge.backend.servers if edge.backend is not None else ():
        words = server.statement.words
        written = words[2] if words[0] == "server" else words[3]
        if written.startswith(LOCAL) or ("$" in written and server.address.startswith(LOCAL)):
            return True
    return False


def _binds(frontends: Sequence[Frontend]) -> dict[str, Frontend]:
    found: dict[str, Frontend] = {}
    for frontend in frontends:
        for bind in frontend.section.all("bind"):
            for address in bind.words[1].split(",") if len(bind.words) > 1 else ():
                found.setdefault(_normal(address), frontend)
    return found


def _normal(address: str) -> str:
    """One spelling for an address; a bind to any address is reached through the loopback."""
    if address.startswith(("unix@", "/")):
        return "unix@" + address.removeprefix("unix@")
    if address.startswith("abns"):
        return address
    host, port = host_and_port(address)
    return f":{port}" if host in _ANY else f"{host}:{port}".replace("localhost", "127.0.0.1")


def _reached(edge: Edge, inner: dict[str, Frontend]) -> list[Frontend]:
    assert edge.backend is not None
    found: list[Frontend] = []
    for server in edge.backend.servers:
        if not server.address.startswith(LOCAL):
            continue
        address = _normal(server.address)
        frontend = inner.get(address)
        if frontend is None and not address.startswith(("unix@", "abns")):
            frontend = inner.get(f":{host_and_port(address)[1]}")
        if frontend is not None and frontend is not edge.frontend:
            found.append(frontend)
    return found


def _raise(edge: Edge, frontend: Frontend) -> bool:
    strongest = max((e.belief for e in frontend.edges), key=_level, default=None)
    if strongest is None or strongest.level <= edge.belief.level:
        return False
    if "handshakes out" in edge.belief.evidence or strongest.level is Level.POSSIBLE:
        return False
    evidence = f"leads to frontend `{frontend.section.name}`: {strongest.evidence}"
    edge.belief = Belief(strongest.level, evidence)
    return True


def _level(belief: Belief) -> Level:
    return belief.level
