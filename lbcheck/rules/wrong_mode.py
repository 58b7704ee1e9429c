"""LB509: HAProxy goes another way than the configuration says."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND
from lbcheck.rules.without_effect import problems


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    yield from problems(route, Effect.WRONG_MODE)
    for forward in route.forwards:
        for variable in forward.pool.unset:
            yield Problem(
                variable.place,
                f"where `{variable.name}` is not set, the address is empty, and HAProxy connects "
                "to the address that the client dialled",
                severity=Severity.INFO,
            )


_ROUTED = """\
frontend edge
    mode {mode}
    bind 127.0.0.1:8080
    use_backend ws_chat if {{ path_beg /ws }}{here}
    default_backend pages

backend pages
    server p 127.0.0.1:9003 check

"""
_DEFAULTS = HAPROXY.partition("frontend")[0]

RULE = Rule(
    code="LB509",
    name="wrong-mode",
    severity=Severity.WARNING,
    vendors=(Vendor.HAPROXY,),
    subject=Route,
    check=check,
    summary="HTTP tests in mode tcp do not match; an unset variable leaves an address empty.",
    why=(
        "A frontend in mode tcp, which is HAProxy's default, chooses the backend as soon as a "
        "client is connected: `path_beg /ws` matched no request that came a moment later, as all "
        "do over a network, and handshakes went to the default backend. In an address a variable "
        "that is not set is nothing at all, and a server without an address is the one the client "
        "dialled: HAProxy itself, or whatever is there. `haproxy -c` accepts both."
    ),
    remedy=(
        "Write `mode http` in the frontend (or in its `defaults`), or wait for the request with "
        '`tcp-request inspect-delay`. Give variables a default: `"${CHAT_HOST-10.0.0.1}:9001"`.'
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#4.2-mode",
        "https://docs.haproxy.org/2.8/configuration.html#2.3",
        "https://docs.haproxy.org/2.8/configuration.html#5.2",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=_DEFAULTS + _ROUTED.format(mode="tcp", here="  # <- here") + HAPROXY_BACKEND,
            good=_DEFAULTS + _ROUTED.format(mode="http", here="") + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + HAPROXY_BACKEND.replace(
                "127.0.0.1:9001 check", '"${CHAT_HOST}:9001" check  # <- here'
            ),
            good=HAPROXY
            + HAPROXY_BACKEND.replace("127.0.0.1:9001", '"${CHAT_HOST-127.0.0.2}:9001"'),
        ),
    ),
    proven=proven.HAPROXY,
)
