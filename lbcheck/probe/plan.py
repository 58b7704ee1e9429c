"""All that is asked of one URL, in order: handshake, targets, then silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from lbcheck.probe import checks, health, ladder
from lbcheck.probe.result import Ladder, Seen


class Prober(checks.Asker, ladder.Holder, Protocol):
    """Whoever reaches services."""


class Plan(Struct, frozen=True):
    """What to look at besides the handshake.

    targets: the WebSocket's URL at each target, and the health check made there; window_s: how long
    WebSockets are held, with a ping every `pings_s` (None: they are not).
    """

    subprotocols: tuple[str, ...] = ()
    targets: tuple[tuple[str, health.Check], ...] = ()
    window_s: float | None = None
    pings_s: tuple[float, ...] = ()


def look(
    prober: Prober,
    url: str,
    name: str,
    host: str,
    plan: Plan,
    shown: Callable[[float], None] = lambda elapsed_s: None,
) -> Seen:
    """What is seen of a URL.

    Args: name: what it is called in reports; host: the name clients send; shown: is told how many
    seconds WebSockets have been held.
    """
    offered = plan.subprotocols
    handshake = checks.handshake(prober, url, offered)
    targets = tuple(
        health.target(prober, there, host, check, offered) for there, check in plan.targets
    )
    if plan.window_s is None or not handshake.good:
        return Seen(name, handshake, targets)
    silent = [
        ladder.Foot(there, host=host)
        for (there, _), target in zip(plan.targets, targets, strict=True)
        if target.handshake.good
    ]
    feet = [ladder.Foot(url), *(ladder.Foot(url, ping_s) for ping_s in plan.pings_s)]
    rungs = ladder.climb(prober, [*feet, *silent], plan.window_s, offered, shown)
    names = [target.name for target in targets if target.handshake.good]
    direct = tuple(zip(names, rungs[len(feet) :], strict=True))
    return Seen(name, handshake, targets, Ladder(plan.window_s, rungs[: len(feet)], direct))
