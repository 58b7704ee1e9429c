"""Ask AWS for its classic load balancers: an API of their own, with a rate of its own."""

from __future__ import annotations

from typing import Any

from lbcheck.sources import aws_classic, aws_plain
from lbcheck.sources.aws_asker import Asker
from lbcheck.sources.aws_inventory import Inventory
from lbcheck.sources.aws_session import Call, Session
from lbcheck.sources.aws_snapshot import Account, load

_BATCH = 20  # names in one DescribeTags
_SECTIONS = {
    "ClassicAttributes": (
        "describe_load_balancer_attributes",
        "LoadBalancerAttributes",
        "LoadBalancerName",
    ),
    "InstanceStates": ("describe_instance_health", "InstanceStates", "LoadBalancerName"),
}


def read(session: Session, document: dict[str, Any], errors: list[dict[str, str]]) -> None:
    """Add the classic load balancers of an account and region to a snapshot document."""
    asker = Asker(session, "elb", errors)
    balancers = asker.ask([Call("describe_load_balancers", "LoadBalancerDescriptions")])[0] or []
    names = session.request.names
    if names:
        balancers = [b for b in balancers if b["LoadBalancerName"] in names]
    tags = _tags(asker, [balancer["LoadBalancerName"] for balancer in balancers])
    wanted = session.request.tags.items()
    balancers = [
        b for b in balancers if wanted <= aws_plain.tag_pairs(tags.get(b["LoadBalancerName"], []))
    ]
    if not balancers:
        return
    document["LoadBalancerDescriptions"] = balancers
    document["Tags"].update(tags)
    document.update({section: {} for section in _SECTIONS})
    reached = _reached(session, document)
    stage = [(section, name) for section in _SECTIONS for name in reached]
    asker.read("classic load balancers", stage, _SECTIONS, document)
    for name, answer in document["ClassicAttributes"].items():
        document["ClassicAttributes"][name] = answer[0]


def _tags(asker: Asker, names: list[str]) -> dict[str, Any]:
    calls = [
        Call("describe_tags", "TagDescriptions", {"LoadBalancerNames": names[at : at + _BATCH]})
        for at in range(0, len(names), _BATCH)
    ]
    described = [one for answer in asker.ask(calls) for one in answer or ()]
    return {one["LoadBalancerName"]: one.get("Tags", []) for one in described}


def _reached(session: Session, document: dict[str, Any]) -> list[str]:
    """Their names, as far as a WebSocket may come to them."""
    names = [balancer["LoadBalancerName"] for balancer in document["LoadBalancerDescriptions"]]
    scope, snapshot = session.request.scope, load(Account("", document))
    if scope is None or snapshot is None:
        return names
    inventory = Inventory(snapshot)
    beliefs = (aws_classic.belief_of(c, inventory, scope.declared) for c in inventory.classics)
    return [
        name
        for name, belief in zip(names, beliefs, strict=True)
        if belief is not None and belief.level >= scope.level
    ]
