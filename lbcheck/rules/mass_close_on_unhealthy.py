"""LB415: all sockets of a target are cut in the same moment."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import GROUP
from lbcheck.rules.pool_examples import AWS_NLB, HAPROXY, HAPROXY_BACKEND, at


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    for close in pool.mass_close:
        yield Problem(
            close.setting.place,
            f"`{close.setting.name}` cuts every open WebSocket {close.what}: all clients come back "
            "in the same moment",
            severity=Severity.INFO if close.meant else None,
        )


_CLOSING = "9001 check on-marked-down shutdown-sessions"
_BACKUP = HAPROXY_BACKEND.replace("9002 check", "9002 check backup")
_KEY = "target_health_state.unhealthy.connection_termination.enabled"
_LAST = '{"Key": "deregistration_delay.connection_termination.enabled", "Value": "true"}'
_RESET = AWS_NLB.replace(_LAST, f'{_LAST},\n      {{"Key": "{_KEY}", "Value": "true"}}')

RULE = Rule(
    code="LB415",
    name="mass-close-on-unhealthy",
    severity=Severity.WARNING,
    vendors=(Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="One failed health check, or the return of the primary, cuts all sockets at once.",
    why=(
        "`on-marked-down shutdown-sessions` is the right thing for a server that is dead. With "
        "`fall 1` a single slow answer counts as death: one check of 100 ms went wrong, and every "
        "WebSocket of a server that was well got 1006; with `fall 5` none did. `on-marked-up "
        "shutdown-backup-sessions` cuts the sockets of the backup when the primary comes back. "
        "A Network Load Balancer resets all connections of a target that its check takes for "
        "unhealthy, unless it is told to let them drain."
    ),
    remedy=(
        "Ask for at least two failed checks in a row (`fall 3`) where being marked down ends "
        "sockets. Where clients may stay on the backup, leave `on-marked-up` out. "
        "On a Network Load Balancer switch "
        "`target_health_state.unhealthy.connection_termination.enabled` off and set a draining "
        "interval."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#5.2-on-marked-down",
        "https://docs.haproxy.org/2.8/configuration.html#5.2-on-marked-up",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + HAPROXY_BACKEND.replace("9001 check", f"{_CLOSING} fall 1  # <- here").replace(
                "9002 check", "9002 check on-marked-down shutdown-sessions"
            ),
            good=HAPROXY
            + HAPROXY_BACKEND.replace("9001 check", _CLOSING).replace(
                "9002 check", "9002 check on-marked-down shutdown-sessions"
            ),
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + _BACKUP.replace(
                "9001 check", "9001 check on-marked-up shutdown-backup-sessions  # <- here"
            ),
            good=HAPROXY + _BACKUP,
        ),
        Example(
            Vendor.AWS,
            bad=_RESET,
            good=_RESET.replace(f'{_KEY}", "Value": "true"', f'{_KEY}", "Value": "false"'),
            here=(at("TargetGroupAttributes", GROUP, 2),),
        ),
    ),
    proven=proven.HAPROXY,
)
