"""LB203: another check type has replaced the HTTP health check."""

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
    return problems(pool, Effect.CHECK_OVERRIDDEN)


RULE = Rule(
    code="LB203",
    name="health-check-overridden",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="A later check type silently replaces `option httpchk`.",
    why=(
        "A backend has one kind of check, and the last one written wins, also over `defaults`. "
        "With `option tcp-check` "
        "below `option httpchk` HAProxy only connects: an application that answers 503 to "
        "everything stays UP."
    ),
    remedy="Keep one check type: remove the other `option *-check` line.",
    references=("https://docs.haproxy.org/2.8/configuration.html#4.2-option%20httpchk",),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    option httpchk GET /readyz  # <- here
    option tcp-check
    server a 127.0.0.1:9001 check
    server b 127.0.0.1:9002 check
""",
            good=HAPROXY + HAPROXY_BACKEND,
        ),
    ),
    proven=proven.HAPROXY,
)
