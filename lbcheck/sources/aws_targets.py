"""Targets of a group: what AWS says of each, and what is known of them from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from lbcheck.model import (
    CheckKind,
    HealthCheck,
    Leaving,
    MassClose,
    Minimum,
    Origin,
    Pool,
    Setting,
    State,
    Target,
)
from lbcheck.sources.aws_answers import HealthDescription, LoadBalancer, TargetGroup
from lbcheck.sources.aws_inventory import Attributes, Inventory, Item

_STATES = {
    "healthy": State.HEALTHY,
    "initial": State.INITIAL,
    "unhealthy": State.UNHEALTHY,
    "unhealthy.draining": State.DRAINING,
    "draining": State.DRAINING,
    "unused": State.UNUSED,
    "unavailable": State.UNKNOWN,
}
_MINIMUM = "target_group_health.unhealthy_state_routing.minimum_healthy_targets"
_RESETS = "target_health_state.unhealthy.connection_termination.enabled"
_CROSS_ZONE = "load_balancing.cross_zone.enabled"


def targets(
    group: Item[TargetGroup], health: Item[list[HealthDescription]] | None, check: HealthCheck
) -> tuple[Target, ...]:
    """The targets of a group; none where their health was not read."""
    if health is None:
        return ()
    checked = check.kind is not CheckKind.NONE
    weight = Setting("Weight", 1, Origin.DEFAULT, group.at("TargetGroupName"))
    return tuple(
        _target(described, at, health, weight, checked) for at, described in enumerate(health.value)
    )


def _target(
    described: HealthDescription,
    at: int,
    item: Item[list[HealthDescription]],
    weight: Setting[int],
    checked: bool,
) -> Target:
    target, health = described.target, described.target_health
    name = (target and target.id) or f"target {at + 1}"
    address = f"{name}:{target.port}" if target and target.port else name
    state = (health and health.state) or ""
    said = [text for text in (health and health.reason, health and health.description) if text]
    return Target(
        name=address,
        address=address,
        place=item.at(at, "Target", "Id"),
        weight=weight,
        state=_STATES.get(state.lower(), State.UNKNOWN),
        state_place=item.at(at, "TargetHealth"),
        reason=": ".join(said),
        checked=checked,
        zone=(target and target.availability_zone) or "",
    )


def minimums(attributes: Attributes | None) -> Iterator[Minimum]:
    """From how many healthy targets on unhealthy ones get nothing (user guide, "Target group
    health"). One healthy target is the default, which everybody expects."""
    for part, percent in (("count", False), ("percentage", True)):
        key = f"{_MINIMUM}.{part}"
        found = attributes.find(key) if attributes is not None else None
        if attributes is not None and found is not None and (number := _number(found[0])) > 1:
            word = attributes.part.word(key)
            yield Minimum(Setting(word, number, Origin.SET, found[1]), percent)


def _number(text: str) -> int:
    """0 for "off" and for what is no number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def mass_close(group: Item[TargetGroup], attributes: Attributes | None) -> Iterator[MassClose]:
    """A Network Load Balancer resets the connections of an unhealthy target unless it is told not
    to (user guide, "Connection termination for unhealthy targets")."""
    found = attributes.find(_RESETS) if attributes is not None else None
    if attributes is None or found is None or group.value.protocol not in ("TCP", "TLS"):
        return
    if found[0].lower() == "true":
        setting = Setting(attributes.part.word(_RESETS), "true", Origin.SET, found[1])
        yield MassClose(setting, "of a target that fails its health check", meant=True)


def zonal(
    group: Item[TargetGroup], attributes: Attributes | None, inventory: Inventory
) -> Setting[str] | None:
    """What switches cross-zone load balancing off for a group; None where it is on, or unknown.

    The group's word counts before the load balancer's (`use_load_balancer_configuration`), which an
    ALB has always on; a Network Load Balancer has it off by default.
    """
    own = attributes.find(_CROSS_ZONE) if attributes is not None else None
    if attributes is None or attributes.hides(_CROSS_ZONE):
        return None
    if own is not None and own[0].lower() in ("true", "false"):
        word = attributes.part.word(_CROSS_ZONE)
        off = own[0].lower() == "false"
        return Setting(word, "false", Origin.SET, own[1]) if off else None
    for arn in group.value.load_balancer_arns or ():
        balancer = inventory.balancers.get(arn)
        if balancer is not None and balancer.value.type == "network":
            return _zonal_balancer(balancer, inventory.balancer_attributes.get(arn))
    return None


def _zonal_balancer(
    balancer: Item[LoadBalancer], attributes: Attributes | None
) -> Setting[str] | None:
    if attributes is None or attributes.hides(_CROSS_ZONE):
        return None
    found = attributes.find(_CROSS_ZONE)
    word = attributes.part.word(_CROSS_ZONE)
    if found is None:
        return Setting(word, "false", Origin.DEFAULT, balancer.at("LoadBalancerName"))
    return Setting(word, "false", Origin.SET, found[1]) if found[0].lower() == "false" else None


def leaving(pools: dict[str, Pool], inventory: Inventory, routed: Iterable[str]) -> dict[str, Pool]:
    """The pools, with what one group knows of another's targets: who drains in one of them is
    about to go, though the other still takes it for healthy.

    Args: routed: ARNs of groups that a rule gives a share of new connections.
    """
    found: dict[tuple[str, ...], tuple[Pool, Target]] = {}
    reached = [arn for arn in dict.fromkeys(routed) if arn in pools]
    for arn in reached:
        for target in pools[arn].targets:
            if target.state is State.DRAINING:
                found.setdefault(_identity(arn, target, inventory), (pools[arn], target))
    if not found:
        return pools
    marked = {arn: _marked(arn, pools[arn], found, inventory) for arn in reached}
    return {**pools, **marked}


def _marked(
    arn: str,
    pool: Pool,
    found: dict[tuple[str, ...], tuple[Pool, Target]],
    inventory: Inventory,
) -> Pool:
    marked = []
    for target in pool.targets:
        known = found.get(_identity(arn, target, inventory))
        if known is not None and target.state is State.HEALTHY:
            reason = f"it is draining in `{known[0].name}`"
            place = known[1].state_place or known[1].place
            target = replace(target, leaving=Leaving(reason, place, elsewhere=True))
        marked.append(target)
    return replace(pool, targets=tuple(marked))


def _identity(arn: str, target: Target, inventory: Inventory) -> tuple[str, ...]:
    """What two groups must have in common. An instance may run several targets, one a port; an
    address belongs to one task or pod, which leaves as a whole."""
    group = inventory.groups.get(arn)
    if group is not None and group.value.target_type == "ip":
        return ("ip", target.name.rpartition(":")[0] or target.name)
    return ("instance", target.name)
