"""LB709: a client was led to another target than before, although it has to come back."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB709",
    name="stickiness-broken-live",
    severity=Severity.ERROR,
    vendors=(),
    summary="A client was led to another target than before, although it has to come back.",
    why=(
        "What the service keeps of a session is in one process. A request that comes to another "
        "one is answered that nobody knows the session (Engine.IO: 400, code 1; SockJS: 404)."
    ),
    remedy=(
        "Let the balancer send a client's requests to one target, by a cookie or by its address; "
        "or let clients use WebSockets only, without long polling before it."
    ),
    references=("https://socket.io/docs/v4/using-multiple-nodes/",),
)
