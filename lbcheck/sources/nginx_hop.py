"""Handshakes that one server of a file sends to another server of the same file.

A listener with TLS in front of an inner server, or a copy of a plain server for port 443: what
the one forwards tells what passes the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.sources.nginx_address import Destination
from lbcheck.sources.nginx_flow import Site
from lbcheck.sources.nginx_match import parts
from lbcheck.sources.nginx_scope import Kind, Root, Scope, covers_all, matcher
from lbcheck.sources.nginx_twin import names_of
from lbcheck.sources.nginx_way import Way, Ways

_LOOPBACK = ("127.0.0.1:", "localhost:", "[::1]:")


def handed_on(ways: Ways) -> dict[Scope, str]:
    """The blocks that get handshakes from another block of this file, and from which."""
    listening = _listening(ways)
    found: dict[Scope, str] = {}
    for way in ways.by_scope.values() if len(ways.sites) > 1 else ():
        if way.forwards:
            for scope in (*_inner(way, listening, ways), *_copies(way, ways)):
                found.setdefault(scope, matcher(way.scope))
    return found


def _listening(ways: Ways) -> dict[str, list[Site]]:
    """Servers by what they listen on: a port, or `unix:` and a path."""
    found: dict[str, list[Site]] = {}
    for site in ways.sites:
        for listen in site.scope.every("listen"):
            address = listen.args[0] if listen.args else ""
            port = address if address.startswith("unix:") else address.rpartition(":")[2]
            found.setdefault(port, []).extend([site] * site.alike)
    return found


def _inner(way: Way, listening: dict[str, list[Site]], ways: Ways) -> Iterator[Scope]:
    """Where the handshakes of a location end in the one server that its URL leads to. A catch-all
    often forwards what nobody behind it wants."""
    modifier, pattern = parts(way.scope)
    if modifier not in ("", "=", "^~") or way.scope.kind is not Kind.LOCATION:
        return
    if covers_all(way.scope) and way.scope not in ways.declared:
        return
    pattern = ways.declared.get(way.scope, pattern)
    for there in way.there:
        sites = [s for port in _ports(there, ways.root) for s in listening.get(port, ())]
        if len(sites) == 1 and sites[0] is not way.site:
            landing = sites[0].land(there.uri or pattern)
            if landing.decided and landing.outcome is None and landing.scope in ways.by_scope:
                yield landing.scope


def _ports(there: Destination, root: Root) -> set[str]:
    addresses = [there.host]
    if there.upstream is not None:
        inner = root.upstreams[there.upstream].block or ()
        addresses = [d.args[0] for d in inner if d.name == "server" and d.args]
    ports = (a if a.startswith("unix:") else a.rpartition(":")[2] for a in addresses)
    return {port for a, port in zip(addresses, ports, strict=True) if _here(a)}


def _here(address: str) -> bool:
    return address.startswith((*_LOOPBACK, "unix:"))


def _copies(way: Way, ways: Ways) -> Iterator[Scope]:
    """The same location, or the catch-all, of a server with TLS and the same name that leads to
    the same targets, where that server forwards no upgrade at all."""
    if way.site.tls:
        return
    for site in ways.twins.named(names_of(way.site.scope)):
        for other in () if ways.owner(site) else ways.of(site):
            alike = covers_all(other.scope) or matcher(other.scope) == matcher(way.scope)
            if alike and other.statement.args == way.statement.args:
                yield other.scope
