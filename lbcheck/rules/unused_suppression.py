"""LB903: a suppression that silences nothing."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB903",
    name="unused-suppression",
    severity=Severity.WARNING,
    vendors=(),
    summary="An inline suppression matches no finding.",
    why=(
        "The fault is mended, or has moved away from the comment. A comment that is left behind "
        "would silence the next "
        "fault of this kind on the line without anybody noticing."
    ),
    remedy="Delete the comment.",
)
