"""What can be said of a pool's targets as a whole, for the rules on dead and draining ones."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from lbcheck.finding import Note
from lbcheck.model import Effect, Forward, Pool, Route, State, Target

_LEAVING = frozenset({State.DRAINING, State.DOWN})
_ALIVE = (State.HEALTHY, State.INITIAL, State.UNKNOWN)
_EVERYWHERE = ("", "all")


class Death(Enum):
    """Why no target of a pool may get new connections."""

    EMPTY = "has no target"
    LEAVING = "has only targets that are draining or down"
    UNHEALTHY = "has no healthy target"


def death(pool: Pool) -> Death | None:
    """Why a pool is dead; None where it is alive, or not known well enough to say."""
    chosen = _chosen(pool)
    for target in pool.targets:
        if target.unreadable or target.state in _ALIVE:
            return None
        if target.state is State.DRAINING and target.name in chosen:
            return None
    if not pool.complete:
        return None
    states = {target.state for target in pool.targets}
    if State.UNHEALTHY in states:
        return Death.UNHEALTHY
    return Death.LEAVING if states & _LEAVING else Death.EMPTY


def _chosen(pool: Pool) -> set[str]:
    """The servers that `use-server` leads to, whatever their weight."""
    ways = [each.setting.value for each in pool.persistence if each.kind == "use-server"]
    return {way.partition(" ")[0] for way in ways}


def dead_everywhere(route: Route, why: Death) -> Iterator[Pool]:
    """The pools that are dead for this reason, where nothing the route leads to is alive."""
    dead = []
    for forward in route.forwards:
        if _share(forward):
            found = death(forward.pool)
            if found is None:
                return
            if found is why:
                dead.append(forward.pool)
    yield from dead


def dead_shares(route: Route) -> Iterator[tuple[Forward, Death, float]]:
    """Forwards to a dead pool beside a live one, and their share of new connections (0 to 1)."""
    loaded = [forward for forward in route.forwards if _share(forward)]
    total = sum(_share(forward) for forward in loaded)
    if all(death(forward.pool) for forward in loaded):
        return
    for forward in loaded:
        why = death(forward.pool)
        if why is not None:
            yield forward, why, _share(forward) / total


def parts(pool: Pool) -> dict[str, tuple[Target, ...]]:
    """The targets that AWS counts together, by what to call them: a zone's where cross-zone load
    balancing is off, else all. Those outside of the VPC (their zone is "all") are in every zone.
    """
    if pool.zonal is None:
        return {f"`{pool.name}`": pool.targets}
    known = [target for target in pool.targets if target.state is not State.UNUSED]
    zones = dict.fromkeys(t.zone for t in known if t.zone not in _EVERYWHERE)
    return {
        f"`{pool.name}` in {zone}": tuple(t for t in known if t.zone in (zone, *_EVERYWHERE))
        for zone in zones
    }


def failing_zones(route: Route) -> Iterator[tuple[Pool, str, tuple[Target, ...]]]:
    """Zones without a healthy target of pools that are alive elsewhere, and what fails there."""
    for forward in route.forwards:
        pool = forward.pool
        if pool.zonal is None or not _share(forward) or death(pool):
            continue
        for name, own in parts(pool).items():
            sick = tuple(target for target in own if target.state is State.UNHEALTHY)
            if sick and not any(target.state in _ALIVE for target in own):
                yield pool, name, sick


def _share(forward: Forward) -> int:
    return 1 if forward.weight is None else forward.weight.value


def states(targets: tuple[Target, ...]) -> tuple[Note, ...]:
    """A note for each target: its state, and the vendor's reason for it."""
    return tuple(
        Note(
            target.state_place or target.place,
            f"`{target.name}` is {target.state.value}"
            + (f" ({target.reason})" if target.reason else ""),
        )
        for target in targets
    )


def check_explained(pool: Pool) -> bool:
    """Do LB202 or LB203 say already why the targets are not (or hardly) checked?"""
    return any(
        record.effect in (Effect.CHECK_INEFFECTIVE, Effect.CHECK_OVERRIDDEN)
        for record in pool.ineffective
    )
