"""LB705: pings or pongs do not come through."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB705",
    name="heartbeat-lost",
    severity=Severity.ERROR,
    vendors=(),
    summary="Pings or pongs do not come through.",
    why=(
        "A side that hears no pong takes the other one for dead and closes; a service whose "
        "pings never arrive does not keep quiet connections open. Something between the two "
        "answers or drops frames."
    ),
    remedy=(
        "Let the target's frames through unchanged, and let the service ping as its profile says."
    ),
    references=("https://www.rfc-editor.org/rfc/rfc6455#section-5.5.2",),
)
