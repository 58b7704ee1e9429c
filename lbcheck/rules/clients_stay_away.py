"""LB712: clients had no WebSocket any more after a target had left."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB712",
    name="clients-stay-away",
    severity=Severity.ERROR,
    vendors=(),
    summary="Clients had no WebSocket any more after a target had left.",
    why=(
        "They were refused until the end, or were closed with a code after which the usual client "
        "gives up (`client.fatal_codes` of the profile). People see a dead page until they load it "
        "again."
    ),
    remedy=(
        "Close with a code that clients take for a restart (1001, 1012), keep enough targets that "
        "take new WebSockets, and let clients try for longer than a deployment takes."
    ),
    references=("https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1",),
)
