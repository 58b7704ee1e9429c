"""LB217: parameters of a health check stand on a server that is not checked."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND
from lbcheck.rules.pool_state import check_explained
from lbcheck.rules.without_effect import problems


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """That nothing is checked at all LB202 says where there is an `option httpchk`."""
    return iter(()) if check_explained(pool) else problems(pool, Effect.PARAMETERS_UNUSED)


RULE = Rule(
    code="LB217",
    name="check-parameters-without-check",
    severity=Severity.WARNING,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="A server has `inter`, `observe`, `on-marked-down` ... and no `check`.",
    why=(
        "Only `check` starts a health check; `inter`, `fall`, `port`, `check-ssl` say how, and "
        "`observe` and `on-error` act on servers that are checked. HAProxy accepts them alone, "
        "and a dead server keeps its share of handshakes for ever."
    ),
    remedy="Add `check` to the server, or remove the parameters.",
    references=("https://docs.haproxy.org/2.8/configuration.html#5.2-check",),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY + HAPROXY_BACKEND.replace("9001 check", "9001 inter 2s fall 2  # <- here"),
            good=HAPROXY + HAPROXY_BACKEND.replace("9001 check", "9001 check inter 2s fall 2"),
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    default-server observe layer4 error-limit 1 on-error mark-down  # <- here
    server a 127.0.0.1:9001
    server b 127.0.0.1:9002
""",
            good=HAPROXY
            + """\
backend ws_chat
    option httpchk GET /readyz
    default-server check observe layer4 error-limit 1 on-error mark-down
    server a 127.0.0.1:9001
    server b 127.0.0.1:9002
""",
        ),
    ),
    proven=proven.HAPROXY,
)
