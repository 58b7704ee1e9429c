"""LB211: a target that is well again waits long for its first handshake."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import HealthCheck, Origin, Place, Pool, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import AWS
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND

ADVISED_RISE = 3


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """A vendor's defaults alone are no decision of anybody and stay unsaid: 150 s on AWS."""
    found, limit = pool.check, profile.health.max_recovery_s
    needed, rise, place = found.recovery_s, found.rise, _place(found)
    if pool.vendor is Vendor.NGINX or needed is None or rise is None:
        return
    late = (found.detection_s or 0) > profile.health.max_detection_s
    if pool.vendor is Vendor.AWS and late and not _high(found):
        return  # LB210 tells of the interval, which an AWS check has only one of
    if needed > limit and place:
        yield Problem(
            place,
            f"a target that is well again gets handshakes after {human(needed)} only "
            f"({_sum(found, rise)}); {profile.whose} allows {human(limit)}",
        )


def _high(found: HealthCheck) -> bool:
    return found.rise is not None and found.rise.value > ADVISED_RISE


def _sum(found: HealthCheck, rise: Setting[int]) -> str:
    simple = found.interval if not (found.down_interval or found.fast_interval) else None
    return f"`{rise.name}` {rise.value}" + (f" x {human(simple.value)}" if simple else "")


def _place(found: HealthCheck) -> Place | None:
    """Of a part that somebody chose; the threshold first where it is above what is advised."""
    intervals = (found.down_interval, found.interval)
    for part in (found.rise, *intervals) if _high(found) else (*intervals, found.rise):
        if part is not None and part.origin is not Origin.DEFAULT:
            return part.place
    return None


RULE = Rule(
    code="LB211",
    name="slow-recovery",
    severity=Severity.INFO,
    vendors=(Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="It takes too long until a target that is well again is back.",
    why=(
        "A target comes back after `rise` good checks, `downinter` (else `inter`) apart, and "
        "`fastinter` apart from the first one on; on AWS after the interval times the healthy "
        "threshold. Until then the others carry its sockets, in a "
        "rolling deployment those of several targets at once."
    ),
    remedy=(
        "Lower `rise` (on AWS the healthy threshold) to 2 or 3, or set `downinter` and `fastinter`."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#5.2-inter",
        "https://docs.haproxy.org/2.8/configuration.html#5.2-rise",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + HAPROXY_BACKEND.replace(
                "9001 check", "9001 check inter 10s fall 2 rise 10  # <- here"
            ).replace("9002 check", "9002 check inter 10s fall 2 rise 10"),
            good=HAPROXY
            + HAPROXY_BACKEND.replace("9001 check", "9001 check inter 10s fall 2 rise 2").replace(
                "9002 check", "9002 check inter 10s fall 2 rise 2"
            ),
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace('"HealthyThresholdCount": 2', '"HealthyThresholdCount": 10'),
            good=AWS,
            here=("TargetGroups/0/HealthyThresholdCount",),
        ),
    ),
    proven=proven.HAPROXY,
)
