"""LB210: a dead target keeps getting handshakes for too long."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import HealthCheck, Origin, Place, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.aws_command import modify_group
from lbcheck.rules.example_parts import AWS
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND

AWS_DEFAULT_S = 66.0
"""30 s x 2 + 6 s: a group for HTTP as CreateTargetGroup makes it."""


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """A vendor's defaults alone are no decision of anybody and stay unsaid.

    What is no slower than the default of AWS is an info there: nobody has made it worse.
    """
    found, limit = pool.check, profile.health.max_detection_s
    needed, place = found.detection_s, _place(found, limit)
    if needed is None or needed <= limit or place is None:
        return
    interval, fall, timeout = found.interval, found.fall, found.timeout
    assert interval is not None
    assert fall is not None
    rest = f" + {human(timeout.value)}" if timeout else ""
    yield Problem(
        place,
        f"a dead target is out only after {human(needed)} ({human(interval.value)} x "
        f"{fall.value}{rest}); "
        f"{profile.whose} allows {human(limit)}",
        severity=Severity.INFO if pool.vendor is Vendor.AWS and needed <= AWS_DEFAULT_S else None,
        fix=modify_group(
            place,
            "check more often",
            "--health-check-interval-seconds 10 --health-check-timeout-seconds 5 "
            "--unhealthy-threshold-count 2",
        ),
    )


def _place(found: HealthCheck, limit: float) -> Place | None:
    """Of the part that somebody chose; the timeout only where it makes the difference."""
    interval, fall, timeout = found.interval, found.fall, found.timeout
    for part in (interval, fall):
        if part is not None and part.origin is not Origin.DEFAULT:
            return part.place
    if interval and fall and timeout and interval.value * fall.value <= limit:
        return timeout.place if timeout.origin is not Origin.DEFAULT else None
    return None


RULE = Rule(
    code="LB210",
    name="slow-detection",
    severity=Severity.WARNING,
    vendors=(Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="It takes too long until a dead target is taken out.",
    why=(
        "Until interval x threshold (and the last check's timeout) have passed, the balancer "
        "sends its share of "
        "handshakes to the dead target. When an instance dies, all its clients come back in that "
        "very moment."
    ),
    remedy=(
        "Check more often or lower the number of failures that count: 5 to 10 s and two failures "
        "are usual."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#5.2-inter",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    option httpchk GET /readyz
    server a 127.0.0.1:9001 check inter 20s fall 3  # <- here
    server b 127.0.0.1:9002 check inter 20s fall 3
""",
            good=HAPROXY + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace('"HealthCheckIntervalSeconds": 10', '"HealthCheckIntervalSeconds": 60'),
            good=AWS,
            here=("TargetGroups/0/HealthCheckIntervalSeconds",),
        ),
    ),
    proven=proven.HAPROXY,
    fixable="unsafe",
)
