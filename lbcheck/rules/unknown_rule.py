"""LB906: a suppression names a rule that does not exist."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB906",
    name="unknown-rule",
    severity=Severity.WARNING,
    vendors=(),
    summary="An inline suppression names no rule of lbcheck.",
    why=(
        "It silences nothing, most likely because of a slip of the pen, or because the rule was "
        "given another code."
    ),
    remedy="Write the code or name as `lbcheck rules` lists it.",
)
