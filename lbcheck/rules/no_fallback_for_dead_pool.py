"""LB424: the way out for a dead pool is never taken."""

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
    """A `use_backend` that leads to a dead pool for want of any way out is no finding: what would
    answer instead mostly knows no WebSockets."""
    return problems(pool, Effect.FALLBACK_BLIND)


_SPARE = """\
backend spare
    option httpchk GET /readyz
    server c 127.0.0.1:9003 check

"""
_FALLING_BACK = HAPROXY.replace(
    "    use_backend ws_chat if { path_beg /ws }\n",
    "    use_backend spare if { path_beg /ws } { nbsrv(ws_chat) lt 1 }\n"
    "    use_backend ws_chat if { path_beg /ws }\n",
)

RULE = Rule(
    code="LB424",
    name="no-fallback-for-dead-pool",
    severity=Severity.WARNING,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="A fallback asks for living servers, and those that nobody checks never die.",
    why=(
        "`use_backend` leads to a backend even when all of its servers are dead, so people ask "
        "`nbsrv` or `srv_is_up` first. A server without `check` counts as alive for ever: with "
        "all servers dead the answer was still yes, and handshakes got 503 with the fallback "
        "beside them. A `monitor fail` that asks so never fails."
    ),
    remedy="Add `check` to every server of the backend that is asked for.",
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#7.3.2-nbsrv",
        "https://docs.haproxy.org/2.8/configuration.html#7.3.2-srv_is_up",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=_FALLING_BACK.replace("lt 1 }", "lt 1 }  # <- here")
            + _SPARE
            + HAPROXY_BACKEND.replace("9002 check", "9002"),
            good=_FALLING_BACK + _SPARE + HAPROXY_BACKEND,
        ),
    ),
    proven=proven.HAPROXY,
)
