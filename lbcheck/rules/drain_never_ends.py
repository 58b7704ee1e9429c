"""LB413: nothing ends the draining of open WebSockets."""

from __future__ import annotations

from collections.abc import Iterator
from math import isinf

from lbcheck.finding import Fix, Problem, Severity
from lbcheck.fix import insert
from lbcheck.model import Level, Pool, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.aws_code import in_code
from lbcheck.rules.aws_command import modify_group_attribute
from lbcheck.rules.example_parts import GROUP
from lbcheck.rules.pool_examples import AWS_NLB, HAPROXY, HAPROXY_BACKEND, NGINX_WHOLE, at


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    drain = pool.drain_time
    if drain is not None and isinf(drain.value):
        yield Problem(
            drain.place,
            f"no `{drain.name}`: {_OUTCOMES[pool.vendor]}",
            severity=_severity(pool, profile),
            fix=_fix(pool.vendor, drain),
        )


def _severity(pool: Pool, profile: Profile) -> Severity:
    """No end is the default of all three, so a warning wants to be sure that sockets really stay.

    A declared drain time is such a sign for each vendor; declared WebSocket paths are one for
    HAProxy (every reload leaves a process behind) and AWS. nginx documents no limit as the
    normal case, and nearly every configuration leaves it so: an info there.
    """
    if profile.drain.time_s is not None:
        return Severity.WARNING
    if pool.vendor is Vendor.HAPROXY and pool.mode == "tcp":
        return Severity.INFO  # whether a declared path passes here cannot be seen
    if pool.vendor is Vendor.NGINX or pool.belief.level < Level.CERTAIN:
        return Severity.INFO
    return Severity.WARNING if profile.websocket.paths else Severity.INFO


_OUTCOMES = {
    Vendor.NGINX: "after a reload the old workers stay for as long as one WebSocket is open",
    Vendor.HAPROXY: "after a reload the old process stays for as long as one WebSocket is open",
    Vendor.AWS: "WebSockets of a deregistered target are never moved off it",
}


def _fix(vendor: Vendor, drain: Setting[float]) -> Fix | None:
    if vendor is Vendor.HAPROXY:
        return insert(drain.place, ("hard-stop-after 30m",))
    return modify_group_attribute(
        drain.place,
        "end open connections after the deregistration delay",
        "deregistration_delay.connection_termination.enabled",
        "true",
    ) or in_code(drain, "true")


_DECLARED = "extends: default\ndrain: {time_s: 30}\n"

RULE = Rule(
    code="LB413",
    name="drain-never-ends",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="Open sockets may stay on a leaving process or target without end.",
    why=(
        "A WebSocket that pings never becomes idle. Each reload of nginx or HAProxy then leaves a "
        "process with the old "
        "configuration, the old certificate and its memory, and two sockets stayed on a target "
        "that had been taken "
        "out. A network load balancer keeps connections of a deregistered target unless "
        "connection termination is on."
    ),
    remedy=(
        "Set an end well above the service's own drain time: `worker_shutdown_timeout 10m;`, "
        "`hard-stop-after 30m`, "
        "or `deregistration_delay.connection_termination.enabled`."
    ),
    references=(
        "https://nginx.org/en/docs/ngx_core_module.html#worker_shutdown_timeout",
        "https://docs.haproxy.org/2.8/configuration.html#3.1-hard-stop-after",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html",
    ),
    examples=(
        Example(
            Vendor.NGINX,
            profile=_DECLARED,
            bad=NGINX_WHOLE.replace("worker_shutdown_timeout 10m;\n", "").replace(
                "http {", "http {  # <- here"
            ),
            good=NGINX_WHOLE,
        ),
        Example(
            Vendor.HAPROXY,
            profile=_DECLARED,
            bad=HAPROXY.replace(
                "global\n    hard-stop-after 30m", "global  # <- here\n    maxconn 2000"
            )
            + HAPROXY_BACKEND,
            good=HAPROXY + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.AWS,
            profile=_DECLARED,
            bad=AWS_NLB.replace(
                'connection_termination.enabled", "Value": "true"',
                'connection_termination.enabled", "Value": "false"',
            ),
            good=AWS_NLB,
            here=(at("TargetGroupAttributes", GROUP.replace("/app/", "/net/"), 1, "Value"),),
        ),
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
    fixable="unsafe",
)
