"""Target groups and load balancers whose listeners are not in the answer.

Who saves `describe-target-groups` alone still wants to know that a group cannot take WebSockets,
and a module that makes a group often leaves its rules to another one.
Such a group gets a route of its own; nothing is claimed about the requests that come to it.
"""

from __future__ import annotations

from collections.abc import Iterable

from lbcheck.belief import by_names
from lbcheck.model import Belief, Declared, Forward, Level, Pool, Route, Vendor
from lbcheck.sources import aws_belief, aws_route
from lbcheck.sources.aws_answers import LoadBalancer, TargetGroup
from lbcheck.sources.aws_inventory import Inventory, Item
from lbcheck.sources.aws_rules import Step


def groups(rules: Iterable[Step], inventory: Inventory, declared: Declared) -> dict[str, Belief]:
    """The groups that a rule which was not read may reach, with the belief in each."""
    reached = {share.group for step in rules for share in step.shares}
    found = {
        arn: group
        for arn, group in inventory.groups.items()
        if arn not in reached and (inventory.written or _may_be_reached(group, inventory))
    }
    alone = len(inventory.groups) == 1
    return {arn: _belief(group, alone, declared) for arn, group in found.items()}


def routes(
    loose: dict[str, Belief], inventory: Inventory, pools: dict[str, Pool], declared: Declared
) -> Iterable[Route]:
    """One route for each such group, and one for the idle timeout of each such load balancer."""
    for arn, belief in loose.items():
        group = inventory.groups[arn]
        edge = Forward(pools[arn], aws_route.http_version(group))
        place, address = pools[arn].place, pools[arn].address
        yield Route(
            Vendor.AWS, f"{address}/rule[unread]", place, "unread", belief, forwards=(edge,)
        )
    alone = len(inventory.balancers) == 1
    for arn, balancer in inventory.balancers.items():
        idle = aws_route.idle(balancer, None, inventory)
        if arn not in inventory.listeners and idle is not None:
            name = balancer.value.load_balancer_name or arn
            yield Route(
                vendor=Vendor.AWS,
                address=f"aws/{name}/listener[unread]",
                place=balancer.at("LoadBalancerName"),
                path="unread",
                belief=_belief(balancer, alone, declared),
                idle=idle,
            )


def unread_listeners(inventory: Inventory) -> list[Item[LoadBalancer]]:
    """The load balancers whose listeners were not read."""
    return [
        balancer
        for arn, balancer in inventory.balancers.items()
        if arn not in inventory.listeners and balancer.value.type != "gateway"
    ]


def unread_rules(inventory: Inventory, balancer: Item[LoadBalancer]) -> list[str]:
    """An ALB's listeners whose rules were not read. A Network Load Balancer's have none."""
    if balancer.value.type == "network":
        return []
    listeners = inventory.listeners.get(balancer.resource, ())
    return [item.resource for item in listeners if item.resource not in inventory.rules]


def _may_be_reached(group: Item[TargetGroup], inventory: Inventory) -> bool:
    owners = group.value.load_balancer_arns
    if owners is None:
        owners = list(inventory.balancers)
        return not owners or any(_unread(arn, inventory) for arn in owners)
    return any(_unread(arn, inventory) for arn in owners)


def _unread(arn: str, inventory: Inventory) -> bool:
    balancer = inventory.balancers.get(arn)
    if balancer is None or arn not in inventory.listeners:
        return True
    return bool(unread_rules(inventory, balancer))


def _belief(
    thing: Item[TargetGroup] | Item[LoadBalancer], alone: bool, declared: Declared
) -> Belief:
    paths = declared.websocket_paths
    if any(path in ("/", "/*", "*") for path in paths):
        return Belief(Level.CERTAIN, "the profile declares every path", declared=True)
    if paths and alone:
        said = f"the profile declares `{paths[0]}`, and the answer has nothing else of its kind"
        return Belief(Level.LIKELY, said)
    return by_names(*aws_belief.names(thing))
