"""LB708: the health check accepts a path that does not exist."""

from __future__ import annotations

from lbcheck.finding import Severity
from lbcheck.model import Topology
from lbcheck.rule import Rule

RULE: Rule[Topology] = Rule(
    code="LB708",
    name="health-endpoint-cannot-fail",
    severity=Severity.WARNING,
    vendors=(),
    summary="The health check accepts a path that does not exist.",
    why=(
        "What answers the check answers anything: the front page of an application, a default "
        "site, a proxy. It says yes for as long as something listens, and never that WebSockets "
        "work."
    ),
    remedy=(
        "Give the service an endpoint of its own for health, and let the check expect its "
        "status only."
    ),
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    ),
)
