"""LB503: what goes by the client's address sees that of the balancer in front."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HEAD, NGINX_LOCATION, NGINX_UPSTREAM


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    sign = route.behind
    if sign is None:
        return
    shown = (Note(sign.place, "this shows that a balancer stands in front"),)
    for pool in (forward.pool for forward in route.forwards if len(forward.pool.usable) > 1):
        for kept in (each for each in pool.persistence if each.kind == "source"):
            yield Problem(
                kept.setting.place,
                f"`{kept.setting.name}` sees the address of the balancer in front: all its clients "
                "are led to one target",
                related=shown,
            )
    for limit in (each.setting for each in route.limits if each.per_client):
        yield Problem(
            limit.place,
            f"`{limit.name} {limit.value}` sees the address of the balancer in front: all its "
            f"clients together get {limit.value} WebSockets, then 503",
            related=shown,
        )


_REAL = "    set_real_ip_from 127.0.0.1;\n    real_ip_header X-Forwarded-For;\n"
_PASSED_ON = "        proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;\n"
_GOOD = (
    HEAD
    + NGINX_UPSTREAM.replace("zone chat 64k;", "zone chat 64k;\n    hash $remote_addr consistent;")
    .replace("9001;", "9001 max_fails=3;")
    .replace("9002;", "9002 max_fails=3;")
    + NGINX_LOCATION.replace("    location", f"{_REAL}    location").replace(
        "        proxy_connect",
        f"{_PASSED_ON}        proxy_connect",
    )
    + "}\n"
)

RULE = Rule(
    code="LB503",
    name="affinity-by-proxy-address",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="`ip_hash`, a hash or a limit goes by an address that is the balancer's.",
    why=(
        "Behind a balancer every client has its address, unless `real_ip_header` says where the "
        "client's stands: `ip_hash` then leads everybody to one target, and `limit_conn` by "
        "address counts everybody as one."
    ),
    remedy=(
        "`set_real_ip_from` the balancer's network and `real_ip_header X-Forwarded-For` (or "
        "`proxy_protocol`)."
    ),
    references=("https://nginx.org/en/docs/http/ngx_http_realip_module.html",),
    examples=(
        Example(
            Vendor.NGINX,
            bad=_GOOD.replace(_REAL, "").replace("consistent;", "consistent;  # <- here"),
            good=_GOOD,
        ),
    ),
    proven=proven.NGINX,
)
