"""LB410: a handshake refused by a draining target is not tried at another one."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Fix, Note, Problem, Severity
from lbcheck.fix import insert, replace
from lbcheck.model import CheckKind, Origin, Pool, Route, Setting, Span, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY, NGINX

_NGINX_RETRY = "proxy_next_upstream error timeout http_502 http_503 http_504"
_UNTOLD = frozenset({CheckKind.NONE, CheckKind.PASSIVE, CheckKind.CONNECT})
"""Checks that do not see a 503: the draining target keeps its share for as long as it drains."""


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """The default is concerned too, so the severity asks for a sign that somebody drains.

    A warning where statuses to retry were written and 503 is not among them, where the profile
    says how long the service drains, or where somebody set for how long sockets may live on;
    else an info: `proxy_next_upstream error` alone may suit a service that leaves by closing its
    port, as Centrifugo's documentation has it. With an active HTTP check the draining target
    leaves by itself: nothing is said.
    """
    setting = route.retries_503
    if setting is None or setting.value or 503 not in profile.health.draining:
        return
    if route.retries is not None and not route.retries.value:
        return  # no retry at all: LB214 says so
    for pool in (forward.pool for forward in route.forwards):
        if len(pool.usable) > 1 and pool.check.kind in _UNTOLD:
            yield _problem(route, setting, pool, profile)
            return


def _problem(route: Route, setting: Setting[bool], pool: Pool, profile: Profile) -> Problem:
    planned = (
        profile.drain.time_s is not None
        or _lists_statuses(setting)
        or (pool.drain_time is not None and pool.drain_time.origin is not Origin.DEFAULT)
    )
    default = setting.origin is Origin.DEFAULT
    return Problem(
        setting.place,
        f"{_cause(route, setting)} and its share of new WebSockets fails while other targets are "
        "free",
        severity=Severity.WARNING if planned else Severity.INFO,
        related=(Note(pool.place, f"`{pool.name}` has {len(pool.usable)} targets"),),
        fix=_fix(route, setting),
        default=default,
    )


def _lists_statuses(setting: Setting[bool]) -> bool:
    place = setting.place
    if setting.origin is Origin.DEFAULT or not isinstance(place, Span):
        return False
    words = (place.source.text or "")[place.start : place.end].split()
    return any(word.strip(";").removeprefix("http_").isdigit() for word in words)


def _cause(route: Route, setting: Setting[bool]) -> str:
    default = setting.origin is Origin.DEFAULT
    if default and route.vendor is Vendor.HAPROXY:
        return "no `retry-on 503` is in force: the 503 of a draining target goes to the client,"
    if setting.name == "option redispatch":
        return "without `option redispatch` the 503 of a draining target is tried at the same one,"
    name = f"`{setting.name}`, left at its default," if default else f"`{setting.name}`"
    return f"{name} hands the 503 of a draining target to the client,"


def _fix(route: Route, setting: Setting[bool]) -> Fix | None:
    if route.vendor is Vendor.NGINX:
        words = f"{_NGINX_RETRY};"
        if setting.origin is Origin.SET:
            return replace(setting.place, _NGINX_RETRY, description=words)
        return insert(route.place, (words,))
    return None


RULE = Rule(
    code="LB410",
    name="failed-handshake-not-retried",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX, Vendor.HAPROXY),
    subject=Route,
    check=check,
    summary="A 503 from a draining target reaches the client although another target is free.",
    why=(
        "A service that drains well answers new handshakes with 503. By default nginx takes that "
        "for an answer: with "
        "one of two peers draining five of ten handshakes failed, for as long as it drained; with "
        "`http_503` none "
        "did, and the peer was left out after the first. HAProxy needs `retry-on 503` together "
        "with `option redispatch`."
    ),
    remedy=(
        "nginx: `proxy_next_upstream error timeout http_502 http_503 http_504;` with a short "
        "`fail_timeout`. "
        "HAProxy: `retry-on conn-failure 503` and `option redispatch 1`."
    ),
    references=(
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-retry-on",
    ),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace(f"{_NGINX_RETRY};", "proxy_next_upstream error timeout;  # <- here"),
            good=NGINX,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    retry-on conn-failure  # <- here
    server a 127.0.0.1:9001 check
    server b 127.0.0.1:9002 check
""",
            good=HAPROXY
            + """\
backend ws_chat
    retry-on conn-failure 503
    option redispatch 1
    option httpchk GET /readyz
    server a 127.0.0.1:9001 check
    server b 127.0.0.1:9002 check
""",
        ),
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
    fixable="unsafe",
)
