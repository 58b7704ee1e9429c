"""What a rule that shares clients out to several groups does to the stickiness of these."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from lbcheck.model import Effect, Ineffective, Pool, Setting
from lbcheck.sources.aws_pool import UNREAD
from lbcheck.sources.aws_route import pool_stickiness
from lbcheck.sources.aws_rules import Step


def marked(steps: Iterable[Step], pools: dict[str, Pool]) -> dict[str, Pool]:
    """The pools; what keeps clients at a target of a group that they may leave says so.

    AWS: "You must enable group stickiness before enabling target stickiness". A group of weight 0
    has left the swap or waits for it, and is none of them.
    """
    found = dict(pools)
    for step in steps:
        groups = [share.group for share in step.shares if share.weight != 0]
        between = pool_stickiness(step) if len(groups) > 1 else None
        if between is not None and not between.value:
            for arn in groups:
                found[arn] = _marked(found[arn], between, len(groups))
    return found


def _marked(pool: Pool, between: Setting[bool], groups: int) -> Pool:
    if pool.stickiness is None or pool.stickiness.value == UNREAD:
        return pool
    reason = (
        f"a rule may lead the next request of a client to another of its {groups} groups; without "
        "stickiness between these AWS refuses it"
    )
    sticky = pool.stickiness
    setting: Setting[object] = Setting(sticky.name, sticky.value, sticky.origin, sticky.place)
    record = Ineffective(Effect.STICKINESS_BROKEN, setting, reason, between.place)
    if record in pool.ineffective:
        return pool
    return replace(pool, ineffective=(*pool.ineffective, record))
