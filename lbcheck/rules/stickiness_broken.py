"""LB502: stickiness was written and keeps nobody."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Effect, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import GROUP, INGRESS_ALB
from lbcheck.rules.pool_examples import (
    AWS_WEIGHTED,
    HAPROXY,
    HAPROXY_BACKEND,
    NGINX_LOCATION,
    NGINX_UPSTREAM,
    at,
)
from lbcheck.rules.without_effect import problems, records


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """Cookie values alone, without the statement, may be what is left of a stickiness that was
    switched off: a WebSocket needs none, so the profile must want it."""
    if not pool.ineffective:
        return
    yield from problems(pool, Effect.STICKINESS_BROKEN)
    if profile.stickiness.need != "none":
        yield from problems(pool, Effect.STICKINESS_LEFT)
    yield from _fragile(pool)


def _fragile(pool: Pool) -> Iterator[Problem]:
    """A remark: it takes a failure, and a WebSocket that is open does not mind."""
    for record in records(pool, Effect.STICKINESS_FRAGILE) if len(pool.usable) > 1 else ():
        yield Problem(
            record.setting.place,
            f"`{record.setting.name}` is {record.setting.value} by default: {record.reason}, and "
            "its clients go on at servers that do not know their session",
            severity=Severity.INFO,
            related=(Note(record.cause, "this is what keeps them"),) if record.cause else (),
        )


_COOKIE = HAPROXY_BACKEND.replace(
    "backend ws_chat\n", "backend ws_chat\n    cookie NODE insert indirect nocache\n"
)
_GOOD = _COOKIE.replace("9001 check", "9001 check cookie a").replace(
    "9002 check", "9002 check cookie b"
)
_HASHED = (
    NGINX_UPSTREAM.replace("zone chat 64k;", "zone chat 64k;\n    ip_hash;")
    .replace("9001;", "9001 max_fails=3;")
    .replace("9002;", "9002 max_fails=3;")
    + NGINX_LOCATION
)

_PINNED = INGRESS_ALB.replace(
    "  annotations:\n",
    "  annotations:\n"
    "    alb.ingress.kubernetes.io/target-group-attributes: stickiness.enabled=true\n",
)

_SHARED = AWS_WEIGHTED.replace(
    '"stickiness.enabled", "Value": "false"', '"stickiness.enabled", "Value": "true"'
)
_TOGETHER = '"TargetGroupStickinessConfig": {"Enabled": true, "DurationSeconds": 3600}, '

RULE = Rule(
    code="LB502",
    name="stickiness-broken",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="A cookie or a hash is meant to keep clients at their target, and does not.",
    why=(
        "HAProxy sends a cookie for servers that have a value, and nothing complains where they "
        "have none: clients got the cookie deleted and were balanced anew with each handshake. "
        "`dynamic` without a key does the same, values without a `cookie` statement send nothing, "
        "and where two servers share a value all clients of the second are led to the first. "
        "nginx takes a server out for 10 s when one request fails (`max_fails` is 1 by default): "
        "with `ip_hash` its clients then poll a server that answers `session unknown`. AWS "
        "keeps no client at a target of a group where a rule gives its next request to another "
        "group, and refuses to try. In Kubernetes a cookie of the load "
        "balancer that leads to nodes keeps nobody at a pod."
    ),
    remedy=(
        "Write `cookie NAME insert indirect nocache` and a value of its own on every server, or "
        "`dynamic` with a `dynamic-cookie-key`. nginx: `max_fails=3` or more on every server. AWS: "
        "stickiness between the groups of a weighted forward. AWS Load Balancer Controller: "
        "`target-type: ip`."
    ),
    references=(
        "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#max_fails",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-cookie",
        "https://docs.haproxy.org/2.8/configuration.html#5.2-cookie",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-dynamic-cookie-key",
        "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#target-type",
    ),
    examples=(
        Example(
            Vendor.NGINX,
            bad=_HASHED.replace("9001 max_fails=3;", "9001;  # <- here").replace(
                "9002 max_fails=3;", "9002;"
            ),
            good=_HASHED,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY + _COOKIE.replace("nocache", "nocache  # <- here"),
            good=HAPROXY + _GOOD,
        ),
        Example(
            Vendor.HAPROXY,
            profile="extends: default\nstickiness: {need: required}\n",
            bad=HAPROXY
            + HAPROXY_BACKEND.replace("9001 check", "9001 check cookie a  # <- here").replace(
                "9002 check", "9002 check cookie b"
            ),
            good=HAPROXY + _GOOD,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY + _GOOD.replace("cookie b", "cookie a  # <- here"),
            good=HAPROXY + _GOOD,
        ),
        Example(
            Vendor.AWS,
            bad=_SHARED,
            good=_SHARED.replace('"ForwardConfig": {', '"ForwardConfig": {' + _TOGETHER, 1),
            here=(at("TargetGroupAttributes", GROUP, 1),),
        ),
        Example(
            Vendor.AWS,
            kind="kubernetes",
            profile="extends: default\nstickiness: {need: required}\n",
            bad=_PINNED.replace("enabled=true", "enabled=true  # <- here"),
            good=_PINNED.replace(
                "  annotations:\n",
                "  annotations:\n    alb.ingress.kubernetes.io/target-type: ip\n",
            ),
        ),
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
)
