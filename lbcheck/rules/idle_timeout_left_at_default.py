"""LB302: the vendor's 60 seconds decide, and nothing says that anybody pings."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Origin, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import AWS, IDLE_120, IDLE_TIMEOUT, WHOLE_NGINX
from lbcheck.rules.without_effect import TIMEOUTS, records

DEFAULT_S = 60.0
"""nginx `proxy_read_timeout`, the ALB's idle timeout; an NLB's 350 s outlive common heartbeats."""


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    idle = route.idle
    if idle is None or idle.origin is not Origin.DEFAULT or idle.value != DEFAULT_S:
        return
    if profile.heartbeat.interval_s is not None or profile.min_idle_s is not None:
        return  # LB301 compares
    if records(route, *TIMEOUTS):
        return  # LB306: somebody raised the wrong one
    pings = "nobody pings" if profile.heartbeat.sender == "none" else "no heartbeat is declared"
    yield Problem(
        idle.place,
        f"`{idle.name}` is left at its default: {human(idle.value)} of silence end the "
        f"connection, and {pings}",
        notes=_settles(profile, idle.value),
        default=True,
    )


def _settles(profile: Profile, seconds: float) -> tuple[str, ...]:
    """Most stacks ping more often than once a minute: whoever says so has no finding."""
    if profile.heartbeat.sender == "none":
        return ()
    return (
        f"a heartbeat shorter than {human(seconds)} is enough: name the stack (`lbcheck profiles "
        "list`) or its interval (`--param heartbeat.interval_s=25`)",
    )


RULE = Rule(
    code="LB302",
    name="idle-timeout-left-at-default",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX, Vendor.AWS),
    subject=Route,
    check=check,
    summary="The idle timeout of a WebSocket route is the vendor's default of 60 seconds.",
    why=(
        "A socket on which nothing is said for a minute is closed with a bare FIN (close code "
        "1006). Whether that happens depends on a heartbeat that nobody has declared."
    ),
    remedy=(
        "Declare the heartbeat in the profile (this rule is then silent and LB301 compares), or "
        "set the timeout: `proxy_read_timeout`, `idle_timeout.timeout_seconds`."
    ),
    references=(
        "https://nginx.org/en/docs/http/websocket.html",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html",
    ),
    examples=(
        Example(
            Vendor.NGINX,
            bad=WHOLE_NGINX.replace("        proxy_read_timeout 120s;\n", "").replace(
                "/ws/ {", "/ws/ {  # <- here"
            ),
            good=WHOLE_NGINX,
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace(IDLE_120, IDLE_120.replace("120", "60")),
            good=AWS,
            here=(IDLE_TIMEOUT,),
        ),
    ),
    proven=proven.NGINX,
)
