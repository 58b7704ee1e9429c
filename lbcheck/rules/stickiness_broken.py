"""LB502: stickiness was written and keeps nobody."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND
from lbcheck.rules.without_effect import problems


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """Cookie values alone, without the statement, may be what is left of a stickiness that was
    switched off: a WebSocket needs none, so the profile must want it."""
    yield from problems(pool, Effect.STICKINESS_BROKEN)
    if profile.stickiness.need != "none":
        yield from problems(pool, Effect.STICKINESS_LEFT)


_COOKIE = HAPROXY_BACKEND.replace(
    "backend ws_chat\n", "backend ws_chat\n    cookie NODE insert indirect nocache\n"
)
_GOOD = _COOKIE.replace("9001 check", "9001 check cookie a").replace(
    "9002 check", "9002 check cookie b"
)

RULE = Rule(
    code="LB502",
    name="stickiness-broken",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="A cookie is meant to keep clients at their target, and does not.",
    why=(
        "HAProxy sends a cookie for servers that have a value, and nothing complains where they "
        "have none: clients got the cookie deleted and were balanced anew with each handshake. "
        "`dynamic` without a key does the same, values without a `cookie` statement send nothing, "
        "and where two servers share a value all clients of the second are led to the first."
    ),
    remedy=(
        "Write `cookie NAME insert indirect nocache` and a value of its own on every server, or "
        "`dynamic` with a `dynamic-cookie-key`."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#4.2-cookie",
        "https://docs.haproxy.org/2.8/configuration.html#5.2-cookie",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-dynamic-cookie-key",
    ),
    examples=(
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
    ),
    proven=proven.HAPROXY,
)
