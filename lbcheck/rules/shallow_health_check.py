"""LB204: the health check only opens a TCP connection."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import CheckKind, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.aws_command import modify_group
from lbcheck.rules.pool_examples import AWS_NLB, HAPROXY, HAPROXY_BACKEND
from lbcheck.rules.pool_state import check_explained


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """HAProxy in mode tcp may carry what is no HTTP at all, or pass TLS on: silent there."""
    if pool.check.kind is not CheckKind.CONNECT or check_explained(pool):
        return
    if pool.mode == "tcp" and pool.vendor is not Vendor.AWS:
        return
    path = profile.health.path or profile.health.suggest
    yield Problem(
        pool.check.place,
        f"the health check of `{pool.name}` only opens a connection: a target that hangs, or "
        "answers 503 because "
        f"it drains, passes; `{path}` could tell",
        fix=modify_group(
            pool.check.place,
            f"ask `{path}` over HTTP",
            f"--health-check-protocol HTTP --health-check-path {path}",
        ),
    )


RULE = Rule(
    code="LB204",
    name="shallow-health-check",
    severity=Severity.WARNING,
    vendors=(Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="The health check opens a TCP connection and asks nothing.",
    why=(
        "A kernel accepts connections for a process that hangs, and a draining application still "
        "listens. Seen on "
        "HAProxy with `check` alone: a server that answered 503 to everything, or never answered, "
        "stayed UP, and half "
        "of all handshakes failed."
    ),
    remedy=(
        "Check over HTTP and ask a path that answers 503 while draining: `option httpchk` with "
        "`http-check send` and "
        "`http-check expect status 200`; on AWS a health check protocol of HTTP."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#4.2-option%20httpchk",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    server a 127.0.0.1:9001 check  # <- here
    server b 127.0.0.1:9002 check
""",
            good=HAPROXY + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.AWS,
            bad=AWS_NLB.replace('"HealthCheckProtocol": "HTTP"', '"HealthCheckProtocol": "TCP"'),
            good=AWS_NLB,
            here=("TargetGroups/0/HealthCheckProtocol",),
        ),
    ),
    proven=proven.HAPROXY,
    fixable="unsafe",
)
