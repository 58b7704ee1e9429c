"""What rules about statements without effect have in common: the reader knows the reason."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem
from lbcheck.model import Effect, Ineffective, Place, Pool, Route

_EXPLAIN_HEADERS = frozenset(
    {
        Effect.HEADERS_REPLACED,
        Effect.UNREACHED,
        Effect.SHADOWED,
        Effect.MAP_BROKEN,
        Effect.CASE_SENSITIVE,
    }
)


TIMEOUTS = (Effect.TIMEOUT_INEFFECTIVE, Effect.WRONG_TIMEOUT, Effect.FOREIGN)
"""what a route has of timeouts that do not help"""


def records(subject: Route | Pool, *effects: Effect) -> list[Ineffective]:
    """The statements that have these effects only."""
    return [record for record in subject.ineffective if record.effect in effects]


def problems(subject: Route | Pool, *effects: Effect) -> Iterator[Problem]:
    """One problem a place and reason, in the reader's words, with what defeats it beside it."""
    return _problems(subject, effects) if subject.ineffective else iter(())


def _problems(subject: Route | Pool, effects: tuple[Effect, ...]) -> Iterator[Problem]:
    told: dict[tuple[Place, str], list[Ineffective]] = {}
    for record in records(subject, *effects):
        told.setdefault((record.setting.place, record.reason), []).append(record)
    for (place, reason), together in told.items():
        names = ", ".join(dict.fromkeys(f"`{record.setting.name}`" for record in together))
        verb = "have" if names.count("`") > 2 else "has"
        cause = together[0].cause
        yield Problem(
            place,
            f"{names} {verb} no effect: {reason}",
            related=(Note(cause, "this takes its effect away"),) if cause else (),
        )


def explains_headers(route: Route) -> bool:
    """Is it known why the handshake headers are missing? That rule speaks then, not LB101/LB102."""
    return bool(route.ineffective) and any(
        record.effect in _EXPLAIN_HEADERS for record in route.ineffective
    )
