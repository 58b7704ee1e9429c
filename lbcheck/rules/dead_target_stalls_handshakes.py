"""LB220: a target that silently drops packets holds handshakes for the connect timeout."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.fix import replace
from lbcheck.model import Origin, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import NGINX

LONG_S = 30.0


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Only a value that somebody wrote: nearly everybody leaves nginx's default of 60 s."""
    connect = route.connect
    if connect is None or connect.value < LONG_S or connect.origin is Origin.DEFAULT:
        return
    if any(len(forward.pool.usable) > 1 for forward in route.forwards):
        yield Problem(
            connect.place,
            f"`{connect.name}` waits {human(connect.value)} for a target that drops packets: until "
            "then no other is tried, and its share of handshakes hangs",
            fix=replace(connect.place, f"{connect.name} 3s", safe=True),
        )


RULE = Rule(
    code="LB220",
    name="dead-target-stalls-handshakes",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="The connect timeout is so long that a silent target stalls its share of handshakes.",
    why=(
        "A target behind a dropped route answers nothing. Until the connect timeout has passed, no "
        "other target is tried and the failure is not counted, so that every handshake that meets "
        "it hangs."
    ),
    remedy="Set `proxy_connect_timeout` to about 3 s where WebSockets pass.",
    references=("https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_connect_timeout",),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace("connect_timeout 3s;", "connect_timeout 60s;  # <- here"),
            good=NGINX,
        ),
    ),
    proven=proven.NGINX,
    fixable="safe",
)
