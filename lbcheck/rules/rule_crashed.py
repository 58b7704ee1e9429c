"""LB902: a rule failed on its subject."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB902",
    name="rule-crashed",
    severity=Severity.ERROR,
    vendors=(),
    summary="A rule of lbcheck failed; the other rules still reported.",
    why=(
        "The rule said nothing about this place, neither good nor bad. This is a bug in lbcheck; "
        "the run ends with exit "
        "code 4."
    ),
    remedy=(
        "Report it with the configuration around the place; `--ignore` of the rule named in the "
        "message is the way round."
    ),
)
