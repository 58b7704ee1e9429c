"""LB907: a baseline knows what is not there any more."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB907",
    name="stale-baseline",
    severity=Severity.INFO,
    vendors=(),
    summary="The baseline holds findings that are no longer found, or rules that do not exist.",
    why=(
        "The faults are mended, or silenced in another way. An entry that is left behind would "
        "hide the same fault when somebody brings it back."
    ),
    remedy="Run `lbcheck baseline prune` and commit the file.",
)
