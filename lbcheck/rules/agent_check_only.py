"""LB216: an agent is asked about a server, and the server itself is not."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Pool, State, Target, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.no_health_check import add_check
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    watched = [target for target in pool.targets if _by_agent_alone(target)]
    if watched:
        first, *others = watched
        yield Problem(
            first.place,
            f"`{first.name}` has an agent and no `check`: when the machine dies the agent is "
            "silent too, which changes nothing, and it keeps getting its share of handshakes",
            related=tuple(Note(target.place, "likewise") for target in others),
            fix=add_check(watched),
        )


def _by_agent_alone(target: Target) -> bool:
    return target.agent and not (target.checked or target.unreadable or target.state is State.DOWN)


_AGENT = "agent-check agent-port 9101 agent-inter 2s"

RULE = Rule(
    code="LB216",
    name="agent-check-only",
    severity=Severity.WARNING,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="A server has `agent-check` and no `check`: its death is not noticed.",
    why=(
        "An agent can set weight, drain and down. An agent that does not answer is ignored, by "
        "design: with server and agent dead, half of all handshakes failed with 503 for ever. Nor "
        "does an agent know whether the application behind the port lives."
    ),
    remedy="Add `check` and `option httpchk`; the agent goes on steering the weight.",
    references=("https://docs.haproxy.org/2.8/configuration.html#5.2-agent-check",),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + f"""\
backend ws_chat
    option httpchk GET /readyz
    server a 127.0.0.1:9001 {_AGENT}  # <- here
    server b 127.0.0.1:9002 check
""",
            good=HAPROXY + HAPROXY_BACKEND.replace("9001 check", f"9001 check {_AGENT}"),
        ),
    ),
    proven=proven.HAPROXY,
    fixable="unsafe",
)
