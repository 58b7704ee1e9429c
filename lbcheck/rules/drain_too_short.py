"""LB412: open WebSockets are cut before they could say goodbye."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Fix, Problem, Severity
from lbcheck.fix import replace
from lbcheck.model import Origin, Pool, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.aws_code import in_code
from lbcheck.rules.aws_command import modify_group_attribute
from lbcheck.rules.example_parts import AWS, GROUP
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND, NGINX_WHOLE, at

UNDECLARED_S = 30.0
"""What the slowest measured library takes for its goodbyes (ws gives a client 30 s)."""
_SWITCHES = ("connection_draining", "ConnectionDraining.Enabled")
"""a classic load balancer's draining is on or off"""


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    drain, declared = pool.drain_time, profile.drain.time_s
    if drain is None:
        return
    needed = UNDECLARED_S if declared is None else declared
    if drain.value <= 0 < needed:
        default = drain.origin is Origin.DEFAULT
        off = "off by default" if default else "off" if drain.name in _SWITCHES else "0"
        yield Problem(
            drain.place,
            f"`{drain.name}` is {off}: open WebSockets are cut at once, all clients come back in "
            "the same moment",
            severity=Severity.WARNING if default else None,
            fix=_fix(pool.vendor, drain, max(needed, 60.0)),
        )
    elif drain.value < needed:
        reason = (
            f"the service needs {human(needed)}" if declared else "common shutdowns take up to 30s"
        )
        yield Problem(
            drain.place,
            f"`{drain.name}` cuts open WebSockets after {human(drain.value)}; {reason}",
            severity=Severity.WARNING,
            fix=_fix(pool.vendor, drain, max(needed, 60.0)),
        )


def _fix(vendor: Vendor, drain: Setting[float], seconds: float) -> Fix | None:
    if vendor is not Vendor.AWS:
        return replace(drain.place, f"{drain.name} {seconds:.0f}s")
    if not drain.name.startswith("deregistration_delay"):
        return None
    return modify_group_attribute(
        drain.place,
        f"let sockets live on for {human(seconds)}",
        "deregistration_delay.timeout_seconds",
        f"{seconds:.0f}",
    ) or in_code(drain, f"{seconds:.0f}")


RULE = Rule(
    code="LB412",
    name="drain-too-short",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="The time open sockets get to leave is zero, or shorter than the service needs.",
    why=(
        "When the time is over everything that is still open is cut with a bare FIN: clients see "
        "1006 instead of 1001 "
        "and reconnect together. It ran out exactly at `worker_shutdown_timeout` after an nginx "
        "reload and at "
        "`hard-stop-after` after a HAProxy reload."
    ),
    remedy=(
        "Give more time than the service takes to close all sockets one after the other: 60 s or "
        "more."
    ),
    references=(
        "https://nginx.org/en/docs/ngx_core_module.html#worker_shutdown_timeout",
        "https://docs.haproxy.org/2.8/configuration.html#3.1-hard-stop-after",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html",
    ),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX_WHOLE.replace(
                "worker_shutdown_timeout 10m;", "worker_shutdown_timeout 5s;  # <- here"
            ),
            good=NGINX_WHOLE,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace("hard-stop-after 30m", "hard-stop-after 3s  # <- here")
            + HAPROXY_BACKEND,
            good=HAPROXY + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace(
                'timeout_seconds", "Value": "120"},\n      {"Key": "st',
                'timeout_seconds", "Value": "0"},\n      {"Key": "st',
            ),
            good=AWS,
            here=(at("TargetGroupAttributes", GROUP, 0, "Value"),),
        ),
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
    fixable="unsafe",
)
