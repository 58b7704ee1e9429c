"""What holds for a whole HAProxy instance, found out once for all its routes."""

from __future__ import annotations

from collections.abc import Sequence

from lbcheck.model import Declared, Setting
from lbcheck.sources.haproxy_config import Instance
from lbcheck.sources.haproxy_edge import Edge, Frontend
from lbcheck.sources.haproxy_limits import process_limit


class Around:
    """`whole`: more than a fragment; `https`: some frontend terminates TLS, or may; `one_way`:
    `option independent-streams` stands somewhere; `no_http2_websockets`: no client is told that it
    may use them (`h2-workaround-bogus-websocket-clients`, 2.5+); `limit`: how many clients the
    process takes, where somebody wrote it; `inner_idles`: what `haproxy_chain` found out;
    `keepalive`: an option about TCP keepalive stands somewhere."""

    __slots__ = (
        "declared",
        "https",
        "inner_idles",
        "keepalive",
        "limit",
        "no_http2_websockets",
        "one_way",
        "whole",
    )

    def __init__(
        self, instance: Instance, frontends: Sequence[Frontend], declared: Declared
    ) -> None:
        self.declared = declared
        self.whole = any(s.kind in ("global", "defaults") for s in instance.sections)
        self.https = any(frontend.tls is not False for frontend in frontends)
        self.limit = process_limit(instance)
        self.inner_idles: dict[Edge, Setting[float] | None] = {}
        self.keepalive = instance.mentions("tcpka")
        self.one_way = instance.mentions("independent-streams")
        self.no_http2_websockets = instance.mentions("h2-workaround-bogus-websocket-clients")
