"""LB905: a suppression that does not say why."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB905",
    name="suppression-without-reason",
    severity=Severity.WARNING,
    vendors=(),
    summary="An inline suppression has no `reason`.",
    why=(
        "Whoever reads the file next cannot tell a decision from an oversight. A suppression "
        "without a reason silences "
        "nothing."
    ),
    remedy='Write `# lbcheck: ignore[LB301] until=2027-01-31 reason="..."`.',
)
