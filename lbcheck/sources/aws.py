"""AWS snapshots → topology: listeners, rules as routes, target groups as pools. Pure.

What was not read stays unknown and is said on its source (`aws_unread`), where a WebSocket may
depend on it. Groups that no rule reaches are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from msgspec.structs import replace

from lbcheck.model import (
    Belief,
    Declared,
    Level,
    Listener,
    Place,
    Pool,
    Route,
    Topology,
    Vendor,
    Visit,
)
from lbcheck.sources import (
    aws_behind,
    aws_belief,
    aws_classic,
    aws_limits,
    aws_loose,
    aws_route,
    aws_shares,
    aws_targets,
    aws_unread,
    aws_visit,
)
from lbcheck.sources.aws_inventory import Inventory
from lbcheck.sources.aws_pool import pool, unread
from lbcheck.sources.aws_rules import Step, steps
from lbcheck.sources.aws_snapshot import Snapshot

_TYPES = frozenset({"application", "network", None})
Believed = tuple[Step, Belief]


def read(snapshots: Sequence[Snapshot], declared: Declared) -> Topology:
    """Everything the snapshots say, in their order.

    Args: declared: paths that carry WebSockets and paths that do not.
    """
    topologies = [_read(Inventory(snapshot), declared) for snapshot in snapshots]
    sources = (part.source for s in snapshots for part in (s, *s.beside))
    return Topology(
        tuple(sources),
        tuple(chain.from_iterable(t.listeners for t in topologies)),
        tuple(chain.from_iterable(t.routes for t in topologies)),
        tuple(chain.from_iterable(t.pools for t in topologies)),
    )


def reached(inventory: Inventory, declared: Declared, level: Level) -> set[str]:
    """The ARNs that a route believed to at least `level` depends on: load balancers, listeners and
    groups. What leads to another load balancer is among them: only its targets say to which."""
    rules = _rules(inventory)
    found = {
        arn
        for step, belief in _believed(rules, inventory, declared)
        if belief.level >= level or _leads_on(step, inventory)
        for arn in (step.balancer.resource, step.listener.resource, *(s.group for s in step.shares))
    }
    loose = aws_loose.groups(rules, inventory, declared)
    return found | {arn for arn, belief in loose.items() if belief.level >= level}


def _leads_on(step: Step, inventory: Inventory) -> bool:
    groups = (inventory.groups.get(share.group) for share in step.shares)
    return any(group and group.value.target_type == "alb" for group in groups)


def _rules(inventory: Inventory) -> list[Step]:
    return [
        step
        for arn, balancer in inventory.balancers.items()
        if balancer.value.type in _TYPES
        for listener in inventory.listeners.get(arn, ())
        for step in steps(inventory, balancer, listener)
    ]


def _believed(rules: list[Step], inventory: Inventory, declared: Declared) -> list[Believed]:
    """The rules that a WebSocket may come to."""
    beliefs = aws_belief.beliefs(rules, inventory, declared)
    believed = [(step, b) for step, b in zip(rules, beliefs, strict=True) if b is not None]
    return _through_network(believed, inventory)


def _read(inventory: Inventory, declared: Declared) -> Topology:
    rules = _rules(inventory)
    believed = _believed(rules, inventory, declared)
    loose = aws_loose.groups(rules, inventory, declared)
    pools = _pools(believed, loose, inventory)
    visited = aws_visit.taken(rules, declared.visits) if declared.visits else {}
    routes = _routes(believed, inventory, pools, visited)
    spare = aws_loose.routes(loose, inventory, pools, declared)
    classics = aws_classic.read(inventory, declared)
    if inventory.written:  # what code does not say is no answer that is missing
        inventory.source.invalid += aws_limits.refused(inventory)
    else:
        aws_unread.say(believed, pools, inventory)
    return Topology(
        listeners=(*_listeners(rules, routes), *classics.listeners),
        routes=(*chain.from_iterable(routes.values()), *spare, *classics.routes),
        pools=(*pools.values(), *classics.pools),
    )


def _through_network(believed: list[Believed], inventory: Inventory) -> list[Believed]:
    """A Network Load Balancer in front of an ALB carries what the ALB carries (target type alb)."""
    strongest: dict[str, Believed] = {}
    for step, belief in believed:
        known = strongest.get(step.balancer.resource)
        if known is None or belief.level > known[1].level:
            strongest[step.balancer.resource] = (step, belief)
    return [(step, _inner(step, belief, strongest, inventory)) for step, belief in believed]


def _inner(
    step: Step, belief: Belief, strongest: dict[str, Believed], inventory: Inventory
) -> Belief:
    for share in step.shares:
        group, health = inventory.groups.get(share.group), inventory.health.get(share.group)
        if not group or not health or group.value.target_type != "alb":
            continue
        for described in health.value:
            inner = strongest.get((described.target and described.target.id) or "")
            if inner and inner[1].level > belief.level:
                name = inner[0].balancer.value.load_balancer_name
                belief = Belief(inner[1].level, f"leads to `{name}`, where {inner[1].evidence}")
    return belief


def _pools(
    believed: Iterable[Believed], loose: dict[str, Belief], inventory: Inventory
) -> dict[str, Pool]:
    """The groups that rules reach, each with its strongest belief; unread ones included."""
    strongest = dict(loose)
    places: dict[str, Place] = {}
    for step, belief in believed:
        belief = Belief(Level.POSSIBLE, "shadowed") if aws_route.unreached(step, belief) else belief
        for share in step.shares:
            known = strongest.get(share.group)
            if known is None or belief.level > known.level:
                strongest[share.group] = belief
            places.setdefault(share.group, share.place)
    pools = {}
    for arn, belief in strongest.items():
        group = inventory.groups.get(arn)
        pools[arn] = pool(group, inventory, belief) if group else unread(arn, places[arn], belief)
    loaded = (s.group for step, _ in believed for s in step.shares if s.weight != 0)
    pools = aws_shares.marked((step for step, _ in believed), pools)
    joined = aws_behind.join(aws_targets.leaving(pools, inventory, loaded), inventory)
    return _with_rules(joined, believed)


def _with_rules(pools: dict[str, Pool], believed: Iterable[Believed]) -> dict[str, Pool]:
    """The pools with the rules that lead to them, as far as a WebSocket is believed to come."""
    found: dict[str, list[tuple[str, Place]]] = {}
    for step, belief in believed:
        for share in step.shares if belief.level > Level.POSSIBLE else ():
            found.setdefault(share.group, []).append((aws_route.address(step), step.place))
    return {
        arn: replace(pool, reached_by=tuple(found[arn])) if arn in found else pool
        for arn, pool in pools.items()
    }


def _routes(
    believed: Iterable[Believed],
    inventory: Inventory,
    pools: dict[str, Pool],
    visited: dict[int, tuple[Visit, ...]],
) -> dict[str, list[Route]]:
    """Routes by listener. Fixed answers and healthy redirects carry nothing and are no route."""
    siblings: dict[str, list[Step]] = {}
    for step, _ in believed:
        siblings.setdefault(step.balancer.resource, []).append(step)
    routes: dict[str, list[Route]] = {}
    for step, belief in believed:
        own = routes.setdefault(step.listener.resource, [])
        if step.carries:
            made = aws_route.route(step, belief, inventory, pools)
            own.append(replace(made, takes=visited[id(step)]) if id(step) in visited else made)
        elif redirect := aws_route.redirect_of(step, siblings[step.balancer.resource]):
            own.append(aws_route.redirecting(step, belief, redirect))
    return routes


def _listeners(rules: Iterable[Step], routes: dict[str, list[Route]]) -> Iterable[Listener]:
    seen = set()
    for step in rules:
        listener = step.listener
        if listener.resource not in seen:
            seen.add(listener.resource)
            yield Listener(
                vendor=Vendor.AWS,
                address=aws_route.listener_address(step.balancer, listener),
                place=listener.at("Port"),
                routes=tuple(routes.get(listener.resource, ())),
                tls=listener.value.protocol in ("HTTPS", "TLS"),
            )
