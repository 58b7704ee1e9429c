"""LB702: the handshake was answered 101, and a client still has to refuse it."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB702",
    name="handshake-incorrect",
    severity=Severity.ERROR,
    vendors=(),
    summary="The handshake was answered 101, and a client still has to refuse it.",
    why=(
        "A wrong or missing `Sec-WebSocket-Accept`, `Upgrade` or `Connection`, or a subprotocol "
        "or extension that was not asked for, fails the connection in every browser. Caches and "
        "proxies that write their own 101 or drop headers do that."
    ),
    remedy=(
        "Let the target's own 101 through unchanged: no cached or fixed answer, no header "
        "removed on the WebSocket's path."
    ),
    references=("https://www.rfc-editor.org/rfc/rfc6455#section-4.1",),
)
