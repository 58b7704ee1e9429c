"""LB707: WebSockets ended without a close frame while a target drained."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB707",
    name="closed-without-frame",
    severity=Severity.WARNING,
    vendors=(),
    summary="WebSockets ended without a close frame while a target drained.",
    why=(
        "Clients see close code 1006, as when a cable is cut, and cannot tell a planned end from "
        "a failure. Most servers do that on SIGTERM unless they are told to close their "
        "WebSockets, and a balancer that cuts does it always."
    ),
    remedy=(
        "Close every WebSocket with 1001 or 1012 when the service is told to stop, and let the "
        "balancer wait for longer than that takes."
    ),
    references=("https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1",),
)
