"""LB904: a suppression whose date has passed."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB904",
    name="expired-suppression",
    severity=Severity.WARNING,
    vendors=(),
    summary="The `until` date of an inline suppression has passed.",
    why=("The date was the promise to look again. From then on the finding is reported again."),
    remedy="Mend the fault, or decide again: a new date and a reason that still holds.",
)
