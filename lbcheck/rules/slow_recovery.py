"""LB211: a target that is well again waits long for its first handshake."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import HealthCheck, Origin, Place, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    needed, limit = pool.check.recovery_s, profile.health.max_recovery_s
    place = _place(pool.check)
    if pool.vendor is Vendor.HAPROXY and needed is not None and needed > limit and place:
        rise = pool.check.rise
        yield Problem(
            place,
            f"a target that is well again gets handshakes after {human(needed)} only "
            f"(`rise {rise.value if rise else 0}`); the profile allows {human(limit)}",
        )


def _place(found: HealthCheck) -> Place | None:
    """Of a part that somebody chose."""
    for part in (found.rise, found.down_interval, found.interval):
        if part is not None and part.origin is not Origin.DEFAULT:
            return part.place
    return None


RULE = Rule(
    code="LB211",
    name="slow-recovery",
    severity=Severity.INFO,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="It takes too long until a target that is well again is back.",
    why=(
        "A target comes back after `rise` good checks, `downinter` (else `inter`) apart, and "
        "`fastinter` apart from the first one on. Until then the others carry its sockets, in a "
        "rolling deployment those of several targets at once."
    ),
    remedy="Lower `rise` to 2 or 3, or set `downinter` and `fastinter`.",
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#5.2-inter",
        "https://docs.haproxy.org/2.8/configuration.html#5.2-rise",
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
    ),
    proven=proven.HAPROXY,
)
