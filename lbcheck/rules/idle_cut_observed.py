"""LB704: a quiet WebSocket was cut before the next ping would have come."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB704",
    name="idle-cut-observed",
    severity=Severity.ERROR,
    vendors=(),
    summary="A quiet WebSocket was cut before the next ping would have come.",
    why=(
        "Somebody on the way ends a connection after so long a silence; clients see close code "
        "1006 and reconnect, again and again. A bare FIN after the same time each time is the "
        "timeout of a balancer."
    ),
    remedy=(
        "Raise the idle timeout on the way (`proxy_read_timeout`, `timeout tunnel`, "
        "`idle_timeout.timeout_seconds`), or ping more often than the longest interval that was "
        "seen to be safe."
    ),
    references=("https://www.rfc-editor.org/rfc/rfc6455#section-5.5.2",),
)
