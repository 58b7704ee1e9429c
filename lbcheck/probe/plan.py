"""All that is asked of one URL, in order: handshake, targets, then silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from lbcheck.probe import drain, health, ladder
from lbcheck.probe.checks import Asker, handshake
from lbcheck.probe.landings import Session
from lbcheck.probe.node import Node
from lbcheck.probe.rehearsal import Rehearsal
from lbcheck.probe.result import Ladder, Seen, Target
from lbcheck.probe.spread import spread


class Prober(drain.Opener, ladder.Holder, Protocol):
    """Whoever reaches services."""


class Plan(Struct, frozen=True):
    """What to look at besides the handshake.

    targets: the WebSocket's URL at each target, and the health check made there; window_s: how long
    WebSockets are held, with a ping every `pings_s` (None: they are not); spread: how many
    handshakes tell where they land (None: none do); session: how one of the profile's protocol is
    opened; drill: the drain rehearsal; node: how instances tell who they are.
    """

    subprotocols: tuple[str, ...] = ()
    targets: tuple[tuple[str, health.Check], ...] = ()
    window_s: float | None = None
    pings_s: tuple[float, ...] = ()
    spread: int | None = None
    session: Callable[[Asker, str], Session] | None = None
    drill: drain.Drill | None = None
    node: Node = Node()


class Watcher(Struct, frozen=True):
    """Whoever looks on.

    passed: is told how many seconds WebSockets have been held, of all windows together; ready: how
    many are held, when a target may be drained.
    """

    passed: Callable[[float], None] = lambda elapsed_s: None
    ready: Callable[[int], None] = lambda held: None


_NOBODY = Watcher()


def look(
    prober: Prober, url: str, name: str, host: str, plan: Plan, watcher: Watcher = _NOBODY
) -> Seen:
    """What is seen of a URL.

    Args: name: what it is called in reports; host: the name clients send.
    """
    offered = plan.subprotocols
    shaken = handshake(prober, url, offered)
    targets = tuple(
        health.target(prober, there, host, check, offered) for there, check in plan.targets
    )
    if not shaken.good:
        return Seen(name, shaken, targets)
    return Seen(
        name,
        shaken,
        targets,
        _ladder(prober, url, host, plan, targets, watcher),
        spread(prober, url, plan.spread, plan.node, offered, plan.session) if plan.spread else None,
        _rehearsal(prober, url, plan, watcher),
    )


def _rehearsal(prober: Prober, url: str, plan: Plan, watcher: Watcher) -> Rehearsal | None:
    if plan.drill is None:
        return None
    before_s = plan.window_s or 0.0
    return drain.rehearse(
        prober, url, plan.drill, plan.node, plan.subprotocols, watcher.ready,
        lambda elapsed_s: watcher.passed(before_s + elapsed_s),
    )  # fmt: skip


def _ladder(
    prober: Prober, url: str, host: str, plan: Plan, targets: tuple[Target, ...], watcher: Watcher
) -> Ladder | None:
    if plan.window_s is None:
        return None
    silent = [
        ladder.Foot(there, host=host)
        for (there, _), target in zip(plan.targets, targets, strict=True)
        if target.handshake.good
    ]
    feet = [ladder.Foot(url), *(ladder.Foot(url, ping_s) for ping_s in plan.pings_s)]
    deaf = ladder.Foot(url, deaf=True)
    *rungs, unanswering = ladder.climb(
        prober, [*feet, *silent, deaf], plan.window_s, plan.subprotocols, watcher.passed
    )
    names = [target.name for target in targets if target.handshake.good]
    direct = tuple(zip(names, rungs[len(feet) :], strict=True))
    return Ladder(plan.window_s, tuple(rungs[: len(feet)]), direct, unanswering)
