"""LB219: at each start HAProxy has no server until its slow checks were answered."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.model import Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND

SOON_S = 3.0
"""Clients that meet a refused handshake come back about then."""


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """The first checks are spread over `inter`; `fastinter` acts on servers not yet checked, too
    (HAProxy configuration manual 5.2)."""
    found, state = pool.check, pool.check.starts_down
    interval = found.fast_interval or found.interval
    if state is None or interval is None or found.rise is None:
        return
    needed = interval.value * (found.rise.value if state.value == "fully-down" else 1)
    if needed > SOON_S:
        yield Problem(
            state.place,
            f"`init-state {state.value}` keeps every server of `{pool.name}` down until it was "
            f"checked: at each start handshakes are answered 503 for up to {human(needed)}",
        )


_DOWN = "check inter {}init-state down"


def _backend(interval: str, mark: str = "") -> str:
    first, second = (
        f"{port} {_DOWN.format(interval)}{end}" for port, end in (("9001", mark), ("9002", ""))
    )
    return HAPROXY_BACKEND.replace("9001 check", first).replace("9002 check", second)


RULE = Rule(
    code="LB219",
    name="down-until-checked",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="`init-state down` with slow checks: no server is up for seconds after each start.",
    why=(
        "With `init-state down` (HAProxy 3.1 and later) a server is down until its first check "
        "was good, with `fully-down` until `rise` checks were, and first checks are spread over "
        "`inter`. A reload that starts a new process then answers every handshake with 503 for "
        "that long, while all clients of the old process come back."
    ),
    remedy="Add `fastinter 500ms`: it also is the interval of servers that were not checked yet.",
    references=("https://docs.haproxy.org/3.2/configuration.html#5.2-init-state",),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY + _backend("10s ", "  # <- here"),
            good=HAPROXY + _backend("10s fastinter 500ms "),
            since=(3, 1),
        ),
    ),
)
