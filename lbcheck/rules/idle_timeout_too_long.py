"""LB307: dead connections stay for as long as the idle timeout lasts."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import AWS, HAPROXY, IDLE_120, IDLE_TIMEOUT, NGINX


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    idle = route.idle
    if idle is None or idle.value <= profile.idle.max_s:
        return
    if route.vendor is Vendor.NGINX and not _has_another_target(route):
        return  # a day in front of one target is what most projects recommend
    if math.isinf(idle.value):
        message = f"`{idle.name}` sets no limit: the sockets of clients that vanished stay for ever"
    else:
        message = (
            f"`{idle.name}` keeps the sockets of clients that vanished for {human(idle.value)}"
        )
    message += f" ({profile.whose} allows {human(profile.idle.max_s)})"
    if route.vendor is Vendor.NGINX:
        message += "; it also is the time a hung target is waited for before the next is tried"
    yield Problem(idle.place, message)


def _has_another_target(route: Route) -> bool:
    return any(len(forward.pool.targets) > 1 for forward in route.forwards)


RULE = Rule(
    code="LB307",
    name="idle-timeout-too-long",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Route,
    check=check,
    summary="The idle timeout is longer than the profile allows, or infinite.",
    why=(
        "A client that loses its network sends no FIN: only the idle timeout frees its socket "
        "here and in the target. In nginx the same value is the time a handshake waits for a hung "
        "target, which until then is neither ejected nor passed over."
    ),
    remedy="A few times the heartbeat interval is enough; let the service ping.",
    references=(
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-timeout%20client",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html",
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace(
                "server {",
                "upstream chat {\n    zone chat 64k;\n    server 127.0.0.1:9000;\n"
                "    server 127.0.0.1:9001;\n}\nserver {",
            )
            .replace("http://127.0.0.1:9000", "http://chat")
            .replace("timeout 120s;", "timeout 7d;  # <- here"),
            good=NGINX.replace("timeout 120s;", "timeout 1d;"),
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace("tunnel 1h", "tunnel 7d  # <- here"),
            good=HAPROXY.replace("tunnel 1h", "tunnel 24h"),
        ),
        Example(
            Vendor.AWS,
            profile="id: short\nidle:\n  max_s: 600\n",
            bad=AWS.replace(IDLE_120, IDLE_120.replace("120", "4000")),
            good=AWS,
            here=(IDLE_TIMEOUT,),
        ),
    ),
)
