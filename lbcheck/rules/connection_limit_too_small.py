"""LB505: the proxy runs out of connections long before the service does."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Level, Listener, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import NGINX

FEW = 1000
"""sockets; a WebSocket stays, so that a limit made for short requests fills up"""


FEW_OF_ONE = 10
"""sockets of one client address: tabs, devices, and everybody else behind the same router"""


def check(listener: Listener, profile: Profile) -> Iterator[Problem]:
    capacity = listener.capacity
    if capacity is not None and capacity.value < FEW:
        yield Problem(
            capacity.place,
            f"`{capacity.name}` leaves room for about {capacity.value} WebSockets: each one stays, "
            "and takes a connection to the client and one to the target",
        )
    for route in listener.routes:
        if route.limits and route.belief.level >= Level.LIKELY:
            yield from _limited(route)


def _limited(route: Route) -> Iterator[Problem]:
    for limit in route.limits:
        whose, few = ("one client address", FEW_OF_ONE) if limit.per_client else ("all", FEW)
        if limit.setting.value < few:
            yield Problem(
                limit.setting.place,
                f"`{limit.setting.name} {limit.setting.value}`: WebSockets of {whose} count for as "
                "long as they are open, and the next one gets 503",
            )


_WHOLE = f"""\
worker_shutdown_timeout 30m;
events {{ worker_connections 4096; }}
http {{
{NGINX}}}
"""
_LIMITED = "limit_conn_zone $binary_remote_addr zone=clients:1m;\n" + NGINX.replace(
    "        proxy_pass", "        limit_conn clients 20;\n        proxy_pass"
)

RULE = Rule(
    code="LB505",
    name="connection-limit-too-small",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX,),
    subject=Listener,
    check=check,
    summary="A connection limit was written that fewer than a thousand WebSockets exhaust.",
    why=(
        "nginx counts the connection to the target as well: 64 `worker_connections` of one worker "
        "carried 31 WebSockets, then clients got nothing at all. Limits made for short requests do "
        "not fit connections that stay."
    ),
    remedy=(
        "Raise `worker_connections` (and `worker_rlimit_nofile`) to twice the sockets you expect, "
        "and `limit_conn` to what the clients behind one address need."
    ),
    references=("https://nginx.org/en/docs/ngx_core_module.html#worker_connections",),
    examples=(
        Example(
            Vendor.NGINX,
            bad=_WHOLE.replace(
                "worker_connections 4096; }", "worker_connections 1024; }  # <- here"
            ),
            good=_WHOLE,
        ),
        Example(
            Vendor.NGINX,
            bad=_LIMITED.replace("conn clients 20;", "conn clients 2;  # <- here"),
            good=_LIMITED,
        ),
    ),
    proven=proven.NGINX,
)
