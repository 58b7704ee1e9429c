"""LB710: a request that is no proper handshake was accepted on the WebSocket's path."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB710",
    name="plain-request-accepted",
    severity=Severity.WARNING,
    vendors=(),
    summary="A request that is no proper handshake was accepted on the WebSocket's path.",
    why=(
        "A server has to refuse what has no `Upgrade`, no key or another version. What takes it "
        "looks at nothing: a fixed answer, or a page on the same path that makes a plain health "
        "check say yes whether or not WebSockets work."
    ),
    remedy=(
        "Let the WebSocket server answer this path (426 or 400 to a plain request). Where a "
        "page is meant to be there, declare it: `handshake: {plain_get_status: [200]}`."
    ),
    references=("https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2",),
)
