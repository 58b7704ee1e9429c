"""LB214: nginx neither learns from a dead peer nor tries another."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.fix import replace
from lbcheck.model import Origin, Route, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import NGINX, NGINX_LOCATION, NGINX_UPSTREAM

_RETRY = "proxy_next_upstream error timeout http_502 http_503 http_504"


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """A single peer is never taken out and has no other to try: nothing to say there."""
    choice = False
    for forward in route.forwards:
        usable = forward.pool.usable
        if len(usable) > 1:
            choice = True
            off = [target.passive_off for target in usable if target.passive_off is not None]
            if off:
                yield _uncounted(off)
    retries = route.retries
    if choice and retries is not None and not retries.value:
        own = retries.origin is Origin.SET
        mend = own and retries.name == "proxy_next_upstream"
        yield Problem(
            retries.place,
            f"`{retries.name}` lets nobody try another target: a handshake that meets a dead one "
            "gets 502 although another one is up",
            related=() if own else (Note(route.place, "is in force here"),),
            fix=replace(retries.place, _RETRY, description=f"{_RETRY};") if mend else None,
        )


def _uncounted(settings: list[Setting[int]]) -> Problem:
    first, *others = settings
    return Problem(
        first.place,
        f"`{first.name}={first.value}`: failures are not counted, so a dead target is tried "
        "again in every round",
        related=tuple(Note(setting.place, "nor are they here") for setting in others),
    )


RULE = Rule(
    code="LB214",
    name="passive-health-disabled",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="Failures of a target are not counted, or a failed handshake is not tried elsewhere.",
    why=(
        "Passive checks are all that open-source nginx has, and `off`, a list without `error` or "
        "one try leave a failed handshake with the client. With `max_fails=0` and a target that "
        "drops packets three "
        "of six handshakes were slow, with the default one of six; with `proxy_next_upstream off` "
        "the handshake that "
        "meets the dead target gets 502, again after each `fail_timeout` and in every worker."
    ),
    remedy=(
        "Remove `max_fails=0`, and let the WebSocket location try the next target: a handshake is "
        "a GET."
    ),
    references=(
        "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#max_fails",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream",
    ),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX_UPSTREAM.replace(
                "server 127.0.0.1:9001;", "server 127.0.0.1:9001 max_fails=0;  # <- here"
            )
            + NGINX_LOCATION,
            good=NGINX,
        ),
        Example(
            Vendor.NGINX,
            bad=NGINX.replace(f"{_RETRY};", "proxy_next_upstream off;  # <- here"),
            good=NGINX,
        ),
    ),
    proven=proven.NGINX,
    fixable="unsafe",
)
