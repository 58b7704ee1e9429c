"""LB505: the proxy runs out of connections long before the service does."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Level, Listener, Pool, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import NGINX
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND

FEW = 1000
"""sockets; a WebSocket stays, so that a limit made for short requests fills up"""
TINY = 100
"""connections to one target: the threads of an application server, not its sockets"""
FEW_OF_ONE = 10
"""sockets of one client address: tabs, devices, and everybody else behind the same router"""


def check(listener: Listener, profile: Profile) -> Iterator[Problem]:
    capacity = listener.capacity
    if capacity is not None and capacity.value < FEW:
        yield Problem(
            capacity.place,
            f"`{capacity.name}` leaves room for about {capacity.value} WebSockets: each one stays, "
            f"and {_OUTCOMES[listener.vendor]}",
        )
    for route in listener.routes:
        if route.belief.level >= Level.LIKELY:
            yield from _limited(route)
            for forward in route.forwards:
                yield from _per_target(forward.pool)


def _limited(route: Route) -> Iterator[Problem]:
    for limit in route.limits:
        whose, few = ("one client address", FEW_OF_ONE) if limit.per_client else ("all", FEW)
        if limit.setting.value < few:
            yield Problem(
                limit.setting.place,
                f"`{limit.setting.name} {limit.setting.value}`: WebSockets of {whose} count for as "
                "long as they are open, and the next one gets 503",
            )


def _per_target(pool: Pool) -> Iterator[Problem]:
    limit = pool.per_target
    if limit is not None and limit.value < TINY and limit.value * len(pool.usable) < FEW:
        yield Problem(
            limit.place,
            f"`{limit.name}` gives a server of `{pool.name}` {limit.value} connections: "
            "WebSockets stay, the next handshakes wait in vain and are answered 503",
        )


_OUTCOMES = {
    Vendor.NGINX: "takes a connection to the client and one to the target",
    Vendor.HAPROXY: "the next clients are not answered at all",
}
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
    vendors=(Vendor.NGINX, Vendor.HAPROXY),
    subject=Listener,
    check=check,
    summary="A connection limit was written that fewer than a thousand WebSockets exhaust.",
    why=(
        "nginx counts the connection to the target as well: 64 `worker_connections` of one worker "
        "carried 31 WebSockets, then clients got nothing at all. In HAProxy `maxconn` of the "
        "process or a frontend leaves the next client unanswered, and `maxconn` of a server (or "
        "the few ports of its `source`) ends in 503. Limits made for short requests do not fit "
        "connections that stay."
    ),
    remedy=(
        "Raise `worker_connections` (and `worker_rlimit_nofile`) to twice the sockets you expect, "
        "`limit_conn` to what the clients behind one address need, and `maxconn` in HAProxy to "
        "more than all of them."
    ),
    references=(
        "https://nginx.org/en/docs/ngx_core_module.html#worker_connections",
        "https://docs.haproxy.org/2.8/configuration.html#3.2-maxconn",
        "https://docs.haproxy.org/2.8/configuration.html#5.2-maxconn",
    ),
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
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace("30m\n", "30m\n    maxconn 500  # <- here\n", 1) + HAPROXY_BACKEND,
            good=HAPROXY.replace("30m\n", "30m\n    maxconn 20000\n", 1) + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + HAPROXY_BACKEND.replace("9001 check", "9001 check maxconn 50  # <- here").replace(
                "9002 check", "9002 check maxconn 60"
            ),
            good=HAPROXY
            + HAPROXY_BACKEND.replace("9001 check", "9001 check maxconn 5000").replace(
                "9002 check", "9002 check maxconn 6000"
            ),
        ),
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
)
