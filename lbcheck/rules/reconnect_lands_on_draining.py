"""LB706: a client that was sent away came back to the instance that was leaving."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB706",
    name="reconnect-lands-on-draining",
    severity=Severity.ERROR,
    vendors=(),
    summary="A client that was sent away came back to the instance that was leaving.",
    why=(
        "The balancer does not know yet that the instance is leaving, or a cookie leads there. The "
        "client is closed again and again until the instance is gone; asking a health endpoint "
        "through the same balancer first does not help, as another target answers it."
    ),
    remedy=(
        "Let the instance answer handshakes 503 while it drains, and let the balancer try those at "
        "another target (LB410). Or take it out of rotation, wait for as long as the balancer "
        "needs to see it, and close its WebSockets only then."
    ),
    references=("https://www.rfc-editor.org/rfc/rfc6455#section-7.2.3",),
)
