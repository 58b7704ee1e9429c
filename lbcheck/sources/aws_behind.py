"""Pools with what runs behind them: what starts and stops their targets, and who is about to go.

What of it was not read, or is of no target group, is left out.
"""

from __future__ import annotations

from msgspec.structs import replace

from lbcheck.model import Pool
from lbcheck.sources import aws_leaving
from lbcheck.sources.aws_compute import Compute
from lbcheck.sources.aws_deployment import deployments
from lbcheck.sources.aws_inventory import Inventory


def join(pools: dict[str, Pool], inventory: Inventory) -> dict[str, Pool]:
    """The pools by the ARNs of their groups, completed."""
    compute = Compute(inventory)
    if compute.empty:
        return pools
    stopped = aws_leaving.machines(compute.machines)
    return {
        arn: replace(
            pool,
            deployments=tuple(deployments(arn, pool, compute)),
            targets=aws_leaving.marked(
                pool.targets, inventory.health.get(arn), _reasons(arn, compute, stopped)
            ),
        )
        for arn, pool in pools.items()
    }


def leaving(inventory: Inventory) -> list[str]:
    """The ARNs of groups that have a healthy target which is about to stop."""
    compute = Compute(inventory)
    stopped = aws_leaving.machines(compute.machines)
    found = []
    for arn, health in inventory.health.items():
        known = _reasons(arn, compute, stopped)
        going = (each for each in health.value if each.target and each.target.id in known)
        if any(each.target_health and each.target_health.state == "healthy" for each in going):
            found.append(arn)
    return found


def _reasons(arn: str, compute: Compute, stopped: aws_leaving.Reasons) -> aws_leaving.Reasons:
    return {
        **stopped,
        **aws_leaving.scaled(compute.scaling.get(arn, ())),
        **aws_leaving.tasks(compute.tasks_of(arn)),
    }
