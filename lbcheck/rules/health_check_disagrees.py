"""LB703: a target's health check and a real handshake with it disagree."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB703",
    name="health-check-disagrees",
    severity=Severity.ERROR,
    vendors=(),
    summary="A target's health check and a real handshake with it disagree.",
    why=(
        "Where the check says yes and the WebSocket says no, a target that takes no sockets "
        "stays in rotation and every client that is led there fails. Where it is the reverse, a "
        "target that works is thrown out."
    ),
    remedy=(
        "Ask an endpoint that knows whether new sockets are taken: 200 while they are, 503 "
        "while the instance is leaving or cannot serve."
    ),
    references=("https://docs.haproxy.org/2.8/configuration.html#5.2-check",),
)
