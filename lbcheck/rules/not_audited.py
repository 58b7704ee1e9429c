"""LB908: something AWS did not answer was not judged."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB908",
    name="not-audited",
    severity=Severity.WARNING,
    vendors=(),
    summary="AWS refused or did not answer a call that rules needed.",
    why=(
        "Access denied, throttling or a region that is switched off leave a gap: what was not "
        "read is never called clean. "
        "The run is incomplete and ends with exit code 3."
    ),
    remedy=(
        "Grant the permission that is named (`elasticloadbalancing:Describe*` is enough), or run "
        "again."
    ),
)
