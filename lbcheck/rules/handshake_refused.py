"""LB701: a real WebSocket handshake was not answered 101."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB701",
    name="handshake-refused",
    severity=Severity.ERROR,
    vendors=(),
    summary="A real WebSocket handshake was not answered 101.",
    why=(
        "What the configuration promises does not arrive at the client: it sees an error, a "
        "redirect or a page, and no WebSocket is opened. The likely cause at the balancer is "
        "told with the status."
    ),
    remedy=(
        "Read the rules that are named, look at the route that really takes the request, and "
        "probe the target without the balancer: where it answers 101, the balancer is at fault."
    ),
    references=("https://www.rfc-editor.org/rfc/rfc6455#section-4.1",),
)
