"""LB901: a source, or a part of it, could not be read."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB901",
    name="unreadable-source",
    severity=Severity.WARNING,
    vendors=(),
    summary="A file, or a part of it, could not be read, so it was not judged.",
    why=(
        "What was not read cannot be called clean: a statement after a missing brace or in a "
        "missing include may be the one "
        "that breaks the WebSockets. The run is incomplete and ends with exit code 3."
    ),
    remedy="Mend the place that is named, or give lbcheck the file that is missing.",
)
