"""LB408: stickiness leads clients back to the target that sends them away."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Place, Pool, State, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY, NGINX_LOCATION, NGINX_UPSTREAM

_FOLLOWED = frozenset({"cookie", "stick-table", "sticky", "route", "learn"})
"""What leads to a draining target; a hash or `balance source` passes it over (weight 0)."""


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    sticky = _sticky(pool)
    if sticky is None or len(pool.targets) < 2:
        return  # without another target they have no choice
    word, place = sticky
    marks = {mark.place: mark.name for mark in pool.drain_marks}
    for target in pool.targets if pool.vendor is Vendor.NGINX else ():
        if target.state is State.DRAINING:
            marks.setdefault(target.state_place or target.place, "drain")
    for mark, name in marks.items():
        yield Problem(
            mark,
            f"`{name}` drains, but `{word}` leads returning clients back to the draining target: "
            "told to go away, "
            "they reconnect to the same one",
            related=(Note(place, "stickiness is set here"),),
        )


def _sticky(pool: Pool) -> tuple[str, Place] | None:
    for persistence in pool.persistence:
        if persistence.kind in _FOLLOWED and not persistence.narrow:
            return persistence.setting.name, persistence.setting.place
    stickiness = pool.stickiness
    if stickiness is not None and stickiness.value in _FOLLOWED:
        return stickiness.name, stickiness.place
    return None


RULE = Rule(
    code="LB408",
    name="sticky-to-draining",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY),
    subject=Pool,
    check=check,
    summary="A cookie or stick table leads new sockets to a draining target.",
    why=(
        "Draining takes a target out of balancing, not out of persistence. With `weight 0`, "
        "`drain` or `http-check "
        "disable-on-404` in HAProxy, and with `sticky` and `drain` in nginx, six of six new "
        "WebSockets with the "
        "cookie went to the draining target: close, reconnect, same target, without end."
    ),
    remedy=(
        "Drain with HAProxy's `state maint` (open sockets stay, new ones move) and without "
        "`disable-on-404`, in "
        "nginx with `down`; or use no cookie for WebSockets, which are sticky by nature."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#4.2-http-check%20disable-on-404",
        "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#sticky",
        "https://github.com/haproxy/haproxy/issues/2894",
    ),
    examples=(
        Example(
            Vendor.NGINX,
            since=(1, 29, 6),
            bad=NGINX_UPSTREAM.replace("9001;", "9001 drain;  # <- here").replace(
                "zone chat 64k;", "zone chat 64k;\n    sticky cookie node;"
            )
            + NGINX_LOCATION,
            good=NGINX_UPSTREAM.replace("9001;", "9001 down;")
            .replace("zone chat 64k;", "zone chat 64k;\n    sticky cookie node;")
            .replace("9002;\n", "9002;\n    server 127.0.0.1:9003;\n")
            + NGINX_LOCATION,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    cookie NODE insert indirect nocache
    option httpchk GET /readyz
    http-check disable-on-404  # <- here
    server a 127.0.0.1:9001 check cookie a
    server b 127.0.0.1:9002 check cookie b
""",
            good=HAPROXY
            + """\
backend ws_chat
    cookie NODE insert indirect nocache
    option httpchk GET /readyz
    server a 127.0.0.1:9001 check cookie a
    server b 127.0.0.1:9002 check cookie b
""",
        ),
    ),
    proven=(proven.NGINX_1_31, *proven.HAPROXY),
)
