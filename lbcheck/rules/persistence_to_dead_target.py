"""LB409: persistence leads clients to a target that is dead."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.fix import delete
from lbcheck.model import Persistence, Pool, State, Target, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND
from lbcheck.rules.pool_state import check_explained

_BY_HEALTH = frozenset({"cookie", "stick-table", "source", "hash", "use-server"})
"""Kinds that pass a dead target over, provided that somebody notices its death."""


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    moved = pool.redispatch is not None and pool.redispatch.value
    unchecked = None if check_explained(pool) else _unchecked(pool)
    for persistence in pool.persistence:
        if not persistence.narrow:
            yield from _problems(persistence, unchecked, moved)


def _problems(persistence: Persistence, unchecked: Target | None, moved: bool) -> Iterator[Problem]:
    setting = persistence.setting
    late = Severity.WARNING if moved else Severity.ERROR
    if persistence.kind == "force-persist":
        yield Problem(
            setting.place,
            f"`{setting.name}` leads clients to their target even when it is known to be dead: "
            "503 for ever",
        )
    elif persistence.kind == "option persist":
        yield Problem(
            setting.place,
            f"`{setting.name}` tries a dead target first; {_outcome(moved)}",
            severity=late,
            fix=delete(setting.place),
        )
    elif persistence.kind in _BY_HEALTH and unchecked is not None:
        yield Problem(
            setting.place,
            f"`{setting.name}` leads clients to `{unchecked.name}`, which is not checked: when it "
            "is dead, "
            f"{_outcome(moved)}",
            severity=late,
            related=(Note(unchecked.place, "no health check"),),
        )


def _outcome(moved: bool) -> str:
    if moved:
        return "each of their handshakes first waits for connect timeouts"
    return "they get 503, and nothing moves them to another target"


def _unchecked(pool: Pool) -> Target | None:
    """The first target that nobody checks, where there are others to move to."""
    if len(pool.targets) < 2:
        return None
    judged = (t for t in pool.targets if not (t.checked or t.unreadable or t.state is State.DOWN))
    return next(judged, None)


_STICKY = (
    HAPROXY_BACKEND.replace(
        "backend ws_chat\n", "backend ws_chat\n    cookie NODE insert indirect nocache\n"
    )
    .replace("9001 check", "9001 check cookie a")
    .replace("9002 check", "9002 check cookie b")
)

RULE = Rule(
    code="LB409",
    name="persistence-to-dead-target",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="A cookie, stick table, hash or `persist` option leads clients to a dead target.",
    why=(
        "A client that is tied to a dead server that nobody checks gets 503 after the connect "
        "timeouts, every time; "
        "`option redispatch` moves it, but each handshake waits first (2 s measured). `option "
        "persist` does it even "
        "with a server known to be dead, and a broad `force-persist` also switches redispatch off; "
        "without a cookie, a stick table or `use-server` neither does anything."
    ),
    remedy=(
        "Check every server, remove `option persist`, and restrict `force-persist` to the "
        "operator's own requests."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#4.2-option%20persist",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-force-persist",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-option%20redispatch",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY + _STICKY + "    option persist  # <- here\n",
            good=HAPROXY + _STICKY,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + HAPROXY_BACKEND.replace(
                "backend ws_chat\n", "backend ws_chat\n    balance source  # <- here\n"
            ).replace("9002 check", "9002"),
            good=HAPROXY
            + HAPROXY_BACKEND.replace("backend ws_chat\n", "backend ws_chat\n    balance source\n"),
        ),
    ),
    proven=proven.HAPROXY,
    fixable="unsafe",
)
