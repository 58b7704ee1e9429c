"""LB501: the service needs its clients back on the same target."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.aws_command import modify_group_attribute
from lbcheck.rules.example_parts import AWS, GROUP
from lbcheck.rules.pool_examples import (
    HAPROXY,
    HAPROXY_BACKEND,
    NGINX,
    NGINX_LOCATION,
    NGINX_UPSTREAM,
    at,
)
from lbcheck.rules.without_effect import records


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    needs, count = profile.stickiness, len(pool.usable)
    if needs.need == "none" or pool.stickiness is not None or pool.incapable is not None:
        return
    if count < 2 and not pool.several:
        return
    if records(pool, Effect.STICKINESS_BROKEN, Effect.STICKINESS_LEFT):
        return  # somebody tried: LB502 says what is missing
    unsure = pool.several and needs.need == "conditional"
    spread = f"{count} targets" if count else "its targets"
    symptom = f": {needs.symptom}" if needs.symptom else ""
    notes = (f"not needed if {needs.unless}",) if needs.unless else ()
    off = pool.not_sticky
    yield Problem(
        off.place if off else pool.place,
        f"`{pool.name}` spreads the requests of one client over {spread}, "
        f"and the profile needs stickiness{symptom}",
        severity=Severity.INFO if unsure else None,
        notes=notes,
        fix=modify_group_attribute(
            pool.place, "switch stickiness on", "stickiness.enabled", "true"
        ),
    )


_PROFILE = "extends: default\nstickiness: {need: required}\n"

RULE = Rule(
    code="LB501",
    name="stickiness-missing",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="Several targets, no stickiness, and a protocol that needs it.",
    why=(
        "Socket.IO and SockJS start with HTTP polling, SignalR with a negotiate request: the next "
        "request must reach "
        "the target that knows the session, else it answers 400 (`Session ID unknown`) or 404. A "
        "plain WebSocket is "
        "one connection and needs no stickiness."
    ),
    remedy=(
        "Make the balancer sticky (`ip_hash` or `hash`, a `cookie`, `stickiness.enabled`), or let "
        "clients use the "
        "WebSocket transport alone and say `stickiness: {need: none}` in the profile."
    ),
    references=(
        "https://socket.io/docs/v4/using-multiple-nodes/",
        "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#ip_hash",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html",
    ),
    examples=(
        Example(
            Vendor.NGINX,
            profile=_PROFILE,
            bad=NGINX.replace("upstream chat {", "upstream chat {  # <- here"),
            good=NGINX_UPSTREAM.replace("zone chat 64k;", "ip_hash;\n    zone chat 64k;")
            .replace("9001;", "9001 max_fails=3;")
            .replace("9002;", "9002 max_fails=3;")
            + NGINX_LOCATION,
        ),
        Example(
            Vendor.HAPROXY,
            profile=_PROFILE,
            bad=HAPROXY + HAPROXY_BACKEND.replace("backend ws_chat", "backend ws_chat  # <- here"),
            good=HAPROXY
            + """\
backend ws_chat
    cookie NODE insert indirect nocache
    option httpchk GET /readyz
    server a 127.0.0.1:9001 check cookie a
    server b 127.0.0.1:9002 check cookie b
""",
        ),
        Example(
            Vendor.AWS,
            profile=_PROFILE,
            bad=AWS,
            good=AWS.replace(
                '"stickiness.enabled", "Value": "false"', '"stickiness.enabled", "Value": "true"'
            ),
            here=(at("TargetGroupAttributes", GROUP, 1),),
        ),
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
    fixable="unsafe",
)
