"""LB505: the proxy runs out of connections long before the service does."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Listener, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import NGINX

FEW = 1000
"""sockets; a WebSocket stays, so that a limit made for short requests fills up"""


def check(listener: Listener, profile: Profile) -> Iterator[Problem]:
    capacity = listener.capacity
    if capacity is not None and capacity.value < FEW:
        yield Problem(
            capacity.place,
            f"`{capacity.name}` leaves room for about {capacity.value} WebSockets: each one stays, "
            "and takes a connection to the client and one to the target",
        )


_WHOLE = f"""\
worker_shutdown_timeout 30m;
events {{ worker_connections 4096; }}
http {{
{NGINX}}}
"""

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
        "Raise `worker_connections` (and `worker_rlimit_nofile`) to twice the sockets you expect."
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
    ),
    proven=proven.NGINX,
)
