"""LB711: a handshake of a foreign origin was accepted."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB711",
    name="origin-unchecked",
    severity=Severity.INFO,
    vendors=(),
    summary="A handshake of a foreign origin was accepted.",
    why=(
        "Browsers send cookies along with a WebSocket that a foreign page opens. Where the "
        "session rests on a cookie and `Origin` is not looked at, any site can act as its "
        "visitors (cross-site WebSocket hijacking)."
    ),
    remedy=(
        "Compare `Origin` with the sites that may connect. Where tokens are sent instead of "
        "cookies, it is harmless."
    ),
    references=("https://www.rfc-editor.org/rfc/rfc6455#section-10.2",),
)
