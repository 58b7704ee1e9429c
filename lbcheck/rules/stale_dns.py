"""LB418: a target's name is turned into an address once."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Level, Pool, Resolution, Target, Topology, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import NGINX
from lbcheck.rules.pool_examples import HAPROXY

_ELB = (".elb.amazonaws.com", ".elb.amazonaws.com.cn")
_VENDORS = (Vendor.NGINX, Vendor.HAPROXY)


def check(topology: Topology, profile: Profile) -> Iterator[Problem]:
    """Of all pools, for any name goes stale; only an info where nothing says WebSocket."""
    for pool in topology.pools:
        if pool.vendor in _VENDORS:
            for target in pool.targets:
                if target.resolution is Resolution.ONCE and not target.unreadable:
                    yield _problem(pool, target)


def _problem(pool: Pool, target: Target) -> Problem:
    if _host(target.address).endswith(_ELB):
        reason = "a load balancer's addresses change at any time"
        severity = Severity.ERROR
    else:
        reason = "after a move of the target new connections still go to the old address"
        severity = Severity.WARNING if pool.belief.level >= Level.LIKELY else Severity.INFO
    return Problem(
        target.place,
        f"`{target.address}` is resolved once, when the proxy starts: {reason}",
        severity=severity,
    )


def _host(address: str) -> str:
    return address.rpartition("//")[2].partition("/")[0].partition(":")[0].rstrip(".").lower()


_ADDRESS = "proxy_pass http://127.0.0.1:9000;"
_NAME = "proxy_pass http://chat.internal.example:9000"

RULE = Rule(
    code="LB418",
    name="stale-dns",
    severity=Severity.WARNING,
    vendors=_VENDORS,
    subject=Topology,
    check=check,
    summary="A name is resolved at start only, so the proxy keeps sending to the old address.",
    why=(
        "nginx resolves names in `upstream` and in a `proxy_pass` without variables when it reads "
        "its configuration, "
        "HAProxy a `server` name without `resolvers` likewise. When the target moves, as "
        "containers and load "
        "balancers do, new handshakes go to the old address until somebody reloads."
    ),
    remedy=(
        "nginx 1.27.3 and later: `server NAME resolve;` with `zone` and `resolver`; before: a "
        "variable in `proxy_pass` "
        "and `resolver ... valid=10s;`. HAProxy: a `resolvers` section, and `resolvers NAME "
        "init-addr last,libc,none` "
        "on the server."
    ),
    references=(
        "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#resolve",
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver",
        "https://docs.haproxy.org/2.8/configuration.html#5.3",
    ),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace(_ADDRESS, f"{_NAME};  # <- here"),
            good=NGINX.replace(
                _ADDRESS, "set $chat chat.internal.example;\n        proxy_pass http://$chat:9000;"
            ).replace("    location", "    resolver 127.0.0.1 valid=10s;\n    location"),
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    option httpchk GET /readyz
    server a chat-1.internal.example:9001 check init-addr libc,none  # <- here
""",
            good=HAPROXY.replace(
                "frontend edge",
                "resolvers local\n    nameserver ns1 127.0.0.1:53\n\nfrontend edge",
            )
            + """\
backend ws_chat
    option httpchk GET /readyz
    server a chat-1.internal.example:9001 check resolvers local init-addr none
""",
        ),
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
)
