"""What HAProxy options do to the connections on both sides of a route."""

from __future__ import annotations

from lbcheck.model import Origin, Setting
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_values import Doubt, option


def counted_alone(front: Section, back: Section) -> tuple[Setting[str], ...]:
    """Where `option independent-streams` is in force: the side whose silence then counts.

    Measured on 2.6 and 2.8: in the frontend's half it ends the WebSockets of clients that only
    listen, in the backend's half those of servers that only listen.
    """
    return tuple(
        Setting(found.name, side, found.origin, found.place)
        for section, side in ((front, "client"), (back, "server"))
        if isinstance(found := option(section, "independent-streams"), Setting) and found.value
    )


def tcp_keepalive(front: Section, somewhere: bool) -> Setting[bool] | None:
    """Does the system ask after silent clients? None where that is not known.

    Measured on 2.6 and 2.8: `tcpka` and `clitcpka` arm the socket of a client (after two hours on
    Linux, or `clitcpka-idle`), `srvtcpka` that of a server alone.

    Args: somewhere: does the file name one of them at all?
    """
    for name in ("clitcpka", "tcpka") if somewhere else ():
        found = option(front, name)
        if isinstance(found, Doubt):
            return None
        if found is not None and found.value:
            return found
    return Setting("option clitcpka", False, Origin.DEFAULT, front.place)
