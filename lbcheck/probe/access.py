"""How services are reached and how gently: what `lbcheck.probe.live` is told by the user."""

from __future__ import annotations

import ipaddress

from msgspec import Struct

from lbcheck import __version__

USER_AGENT = f"lbcheck/{__version__}"
MAX_CONNECTIONS = 50
"""sockets that are held at a time, of all URLs together"""


class Access(Struct, frozen=True):
    """How services are reached.

    headers: sent with every request; ca, certificate, key: PEM files; resolve: "host:port" to the
    address that is asked instead; unix: the socket that is asked instead; proxy: as the environment
    says; timeout_s: for each step and for a whole answer; rate: new connections a second;
    connections: at a time, at most.
    """

    headers: tuple[tuple[str, str], ...] = ()
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    resolve: dict[str, str] = {}
    unix: str | None = None
    proxy: bool = False
    timeout_s: float = 10.0
    rate: float = 5.0
    connections: int = MAX_CONNECTIONS


def is_address(host: str) -> bool:
    """Is it an address, and no name?"""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
