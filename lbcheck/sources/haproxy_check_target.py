"""Where a HAProxy health check goes: to the port of the traffic or elsewhere, with TLS or in clear.

Measured on 2.6 and 2.8: with `port` or `addr` a check does not use the server's `ssl` any more,
even where they are those of the traffic; nor does an `http-check connect` without `ssl` or
`default`, for which `check-ssl` does not help.
"""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.model import Setting
from lbcheck.sources.haproxy_check_rules import Request
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_line import Unknown
from lbcheck.sources.haproxy_server import Server
from lbcheck.sources.haproxy_target import host_and_port

_ELSEWHERE = frozenset(["port", "addr"])
Connect = Setting[tuple[str, ...]]


def destination(request: Request, server: Server, section: Section) -> Setting[str] | None:
    """What leads every connection of a check away from the traffic; None where nothing does, or
    it is not known."""
    if not request.connects:
        if _ELSEWHERE.isdisjoint(server.facts.values):
            return None
        return _away(None, server, section)
    ways = [_away(connect, server, section) for connect in request.connects]
    return None if None in ways else ways[0]


def in_clear(request: Request, server: Server, section: Section) -> Setting[str] | None:
    """What makes a request go in clear to the port of a server that is spoken to with TLS."""
    values = server.facts.values
    if "ssl" not in values or not request.sends:
        return None
    for connect in request.connects:
        if _ENCRYPTED.isdisjoint(connect.value) and _here(connect, server, section):
            words = " ".join(connect.value)
            return Setting(connect.name, words, connect.origin, connect.place)
    if request.connects or "check-ssl" in values or not _here(None, server, section):
        return None
    return server.setting("port", section) or server.setting("addr", section)


_ENCRYPTED = frozenset(["ssl", "default"])


def _away(connect: Connect | None, server: Server, section: Section) -> Setting[str] | None:
    for written, traffic in _asked(connect, server, section):
        if written.value != traffic and _comparable(written.value, traffic):
            return written
    return None


def _here(connect: Connect | None, server: Server, section: Section) -> bool:
    return all(
        written.value == traffic and type(written.value) is not Unknown
        for written, traffic in _asked(connect, server, section)
    )


def _asked(
    connect: Connect | None, server: Server, section: Section
) -> Iterator[tuple[Setting[str], str]]:
    """Port and address of a check where they are written, beside those of the traffic."""
    host, port = host_and_port(server.address)
    for name, traffic in (("port", port), ("addr", host)):
        if connect is not None and name in connect.value[:-1]:
            value = connect.value[connect.value.index(name) + 1]
            yield Setting(connect.name, value, connect.origin, connect.place), traffic
        elif (written := server.setting(name, section)) is not None:
            yield written, traffic


def _comparable(checked: str, traffic: str) -> bool:
    """Numbers and addresses; a name and an address may be the same machine."""
    return checked[:1].isdigit() and traffic[:1].isdigit()
