"""How long targets have been draining: what one audit cannot see, and several can."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from lbcheck.compare import Spot
from lbcheck.history.memory import Memory
from lbcheck.model import Pool, State, Topology

Seconds = Callable[[Spot], float | None]


def known(memory: Memory, now: int) -> Seconds:
    """The time since a run first saw a target draining; nothing where the last run has not."""

    def seconds(spot: Spot) -> float | None:
        target = memory.targets.get(spot)
        if target is None or target.state != State.DRAINING.value or not target.goes_on(now):
            return None
        return float(now - target.since_time)

    return seconds


def recalled(topology: Topology, seconds: Seconds) -> Topology:
    """The topology whose draining targets say how long they have been so."""
    whole = topology.whole
    return replace(
        topology,
        pools=tuple(_recalled(pool, seconds) for pool in topology.pools),
        whole=(lambda: recalled(whole(), seconds)) if whole else None,
    )


def _recalled(pool: Pool, seconds: Seconds) -> Pool:
    if not any(target.state is State.DRAINING for target in pool.targets):
        return pool
    source = pool.place.source.name
    return replace(
        pool,
        targets=tuple(
            replace(target, draining_s=seconds((source, pool.name, target.name)))
            if target.state is State.DRAINING
            else target
            for target in pool.targets
        ),
    )
