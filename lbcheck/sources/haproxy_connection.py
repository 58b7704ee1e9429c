"""What HAProxy options do to the connections on both sides of a route."""

from __future__ import annotations

from lbcheck.model import Setting
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_values import option


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
