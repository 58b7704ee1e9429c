"""Join AWS answers by ARN: whose attributes, rules, targets and tags are these?

A command's answer such as `{"Attributes": [...]}` does not say whose it is. It belongs to the only
resource of its kind in the folder, or to the one its file is named after; else it stays unread.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from msgspec import Struct

from lbcheck.model import Place, Source, Trouble
from lbcheck.sources.aws_answers import (
    Attribute,
    CallError,
    ClassicAttributes,
    ClassicBalancer,
    HealthDescription,
    InstanceState,
    Listener,
    LoadBalancer,
    Rule,
    Tag,
    TargetGroup,
)
from lbcheck.sources.aws_snapshot import Path, Snapshot

T = TypeVar("T")
_GROUP_KEYS = (
    "deregistration_delay.",
    "stickiness.",
    "slow_start.",
    "load_balancing.algorithm.",
    "target_group_health.",
    "target_health_state.",
    "preserve_client_ip.",
    "proxy_protocol_v2.",
    "target_failover.",
)
_LISTENER_KEYS = ("tcp.idle_timeout.", "routing.http.request.", "routing.http.response.")


class Item(Struct, Generic[T], frozen=True, gc=False):
    """A part of an answer: its value, where it stands, and the ARN people know it by."""

    part: Snapshot
    path: Path
    resource: str
    value: T

    @property
    def source(self) -> Source:
        return self.part.source

    def at(self, *steps: str | int) -> Place:
        """The place of something inside it."""
        return self.part.place((*self.path, *steps), self.resource)

    def unknown(self, *steps: str | int) -> bool:
        """Is something inside it set to a value that nobody knows?"""
        return self.part.unknown((*self.path, *steps))


class Attributes(Item[list[Attribute]], frozen=True, gc=False):
    def find(self, key: str) -> tuple[str, Place] | None:
        """An attribute's value as text and its place; None where it is not among them."""
        for number, attribute in enumerate(self.value):
            if attribute.key == key and attribute.value is not None:
                return attribute.text, self.at(number)
        return None

    def hides(self, key: str) -> bool:
        """May it be set to a value that nobody knows? Then its absence is no default.

        An attribute without value is one such; one without key may be any.
        """
        return any(own in (key, None) for own, _ in self.hidden())

    def hidden(self) -> Iterator[tuple[str | None, Place]]:
        """The keys of what is set to values that nobody knows, and where; None: it may be any."""
        for number, attribute in enumerate(self.value):
            if attribute.value is None:
                yield attribute.key, self.at(number)


class Inventory:
    """Everything of one snapshot, by ARN. What is not in a map was not read."""

    __slots__ = (
        "balancer_attributes",
        "balancers",
        "classic_attributes",
        "classics",
        "errors",
        "group_attributes",
        "groups",
        "health",
        "instance_states",
        "listener_attributes",
        "listeners",
        "parts",
        "rules",
        "source",
        "tags",
        "written",
    )

    def __init__(self, snapshot: Snapshot) -> None:
        self.source = snapshot.source
        self.written = snapshot.written
        self.balancers: dict[str, Item[LoadBalancer]] = {}
        self.balancer_attributes: dict[str, Attributes] = {}
        self.listeners: dict[str, list[Item[Listener]]] = {}
        self.listener_attributes: dict[str, Attributes] = {}
        self.rules: dict[str, list[Item[Rule]]] = {}
        self.groups: dict[str, Item[TargetGroup]] = {}
        self.group_attributes: dict[str, Attributes] = {}
        self.health: dict[str, Item[list[HealthDescription]]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.classics: list[Item[ClassicBalancer]] = []
        self.classic_attributes: dict[str, Item[ClassicAttributes]] = {}
        self.instance_states: dict[str, Item[list[InstanceState]]] = {}
        self.errors: list[Item[CallError]] = []
        self.parts = (snapshot, *snapshot.beside)
        for part in self.parts:
            self._take_resources(part)
            self._take_listeners(part)
            self._take_by_arn(part)
            self._take_classic(part)
        for part in self.parts:
            self._take_unnamed(part)

    def _take_resources(self, part: Snapshot) -> None:
        source, document = part.source, part.document
        for at, balancer in enumerate(document.load_balancers or ()):
            arn = balancer.load_balancer_arn or f"{source.name}#{at}"
            self.balancers.setdefault(arn, Item(part, ("LoadBalancers", at), arn, balancer))
        for at, group in enumerate(document.target_groups or ()):
            arn = group.target_group_arn or f"{source.name}#{at}"
            self.groups.setdefault(arn, Item(part, ("TargetGroups", at), arn, group))
        for at, classic in enumerate(document.load_balancer_descriptions or ()):
            name = classic.load_balancer_name or f"{source.name}#{at}"
            path = ("LoadBalancerDescriptions", at)
            self.classics.append(Item(part, path, name, classic))
        for at, error in enumerate(document.errors or ()):
            self.errors.append(Item(part, ("Errors", at), error.resource or "", error))

    def _take_listeners(self, part: Snapshot) -> None:
        source, document = part.source, part.document
        for balancer, path, listener in _flat(document.listeners, "Listeners"):
            arn = listener.listener_arn or f"{source.name}#{path[-1]}"
            owner = balancer or listener.load_balancer_arn or ""
            self.listeners.setdefault(owner, []).append(Item(part, path, arn, listener))
        for owner, path, rule in _flat(document.rules, "Rules"):
            arn = rule.rule_arn or ""
            # …:listener-rule/app/NAME/LB/LISTENER/RULE is a rule of …:listener/app/NAME/LB/LISTENER
            owner = owner or arn.replace(":listener-rule/", ":listener/").rpartition("/")[0]
            self.rules.setdefault(owner, []).append(Item(part, path, arn, rule))
        # An empty list was read, too: this listener has no rules of its own.
        for section, known in (("listeners", self.listeners), ("rules", self.rules)):
            answer = getattr(document, section)
            for arn in answer if isinstance(answer, dict) else ():
                known.setdefault(arn, [])

    def _take_by_arn(self, part: Snapshot) -> None:
        document = part.document
        for name, section, known in (
            ("LoadBalancerAttributes", document.load_balancer_attributes, self.balancer_attributes),
            ("ListenerAttributes", document.listener_attributes, self.listener_attributes),
            ("TargetGroupAttributes", document.target_group_attributes, self.group_attributes),
        ):
            for arn, attributes in (section or {}).items():
                known.setdefault(arn, Attributes(part, (name, arn), arn, attributes))
        for arn, health in (document.target_health or {}).items():
            self.health.setdefault(arn, Item(part, ("TargetHealth", arn), arn, health))
        for arn, tags in (document.tags or {}).items():
            self.tags.setdefault(arn, _plain(tags))
        for described in document.tag_descriptions or ():
            self.tags.setdefault(described.resource_arn or "", _plain(described.tags or ()))

    def _take_classic(self, part: Snapshot) -> None:
        document = part.document
        for name, attributes in (document.classic_attributes or {}).items():
            item = Item(part, ("ClassicAttributes", name), name, attributes)
            self.classic_attributes.setdefault(name, item)
        for name, states in (document.instance_states or {}).items():
            path = ("InstanceStates", name)
            self.instance_states.setdefault(name, Item(part, path, name, states))

    def _take_unnamed(self, part: Snapshot) -> None:
        """Answers that do not say whose they are."""
        document = part.document
        health = document.target_health_descriptions
        if health is not None:
            section = "TargetHealthDescriptions"
            arn = self._owner(part.source, section, self._group_names(), self.health)
            if arn is not None:
                item = Item(part, ("TargetHealthDescriptions",), arn, health)
                self.health.setdefault(arn, item)
                if arn not in self.groups:
                    self.groups[arn] = Item(part, (), arn, TargetGroup(target_group_name=arn))
        if document.attributes is not None:
            self._take_attributes(part, document.attributes)

    def _take_attributes(self, part: Snapshot, attributes: list[Attribute]) -> None:
        keys = [attribute.key or "" for attribute in attributes]
        if any(key.startswith(_LISTENER_KEYS) for key in keys):
            known, names = self.listener_attributes, self._listener_names()
        elif any(key.startswith(_GROUP_KEYS) for key in keys):
            known, names = self.group_attributes, self._group_names()
        else:
            known, names = self.balancer_attributes, self._balancer_names()
        arn = self._owner(part.source, "Attributes", names, known)
        if arn is None:
            return
        known.setdefault(arn, Attributes(part, ("Attributes",), arn, attributes))
        if known is self.group_attributes and arn not in self.groups:
            self.groups[arn] = Item(part, (), arn, TargetGroup(target_group_name=arn))
        elif known is self.listener_attributes and not names:
            network = LoadBalancer(load_balancer_name=arn, type="network")
            self.balancers[arn] = Item(part, (), arn, network)
            self.listeners[arn] = [Item(part, (), arn, Listener(protocol="TCP"))]
        elif known is self.balancer_attributes and arn not in self.balancers:
            self.balancers[arn] = Item(part, (), arn, LoadBalancer(load_balancer_name=arn))

    def _owner(
        self, source: Source, section: str, names: dict[str, str], known: Container[str]
    ) -> str | None:
        """The ARN an unnamed answer belongs to; a new one where there is nothing of its kind."""
        if not names:
            return os.path.splitext(os.path.basename(source.name))[0]
        shown = os.path.basename(source.name)
        named = [arn for arn, name in names.items() if len(names) == 1 or (name and name in shown)]
        if len(named) == 1 and named[0] not in known:
            return named[0]
        said = f"which of {len(names)} resources it belongs to"
        if len(names) == 1:
            said = "whose it is, and the only resource of its kind has one already"
        remedy = "put the resource's name into the file's name, or use `lbcheck snapshot aws`"
        source.troubles.append(Trouble(f"`{section}` does not say {said}", remedy=remedy))
        return None

    def _balancer_names(self) -> dict[str, str]:
        return {
            arn: item.value.load_balancer_name or ""
            for arn, item in self.balancers.items()
            if item.path
        }

    def _group_names(self) -> dict[str, str]:
        return {
            arn: item.value.target_group_name or ""
            for arn, item in self.groups.items()
            if item.path
        }

    def _listener_names(self) -> dict[str, str]:
        return {
            item.resource: str(item.value.port or "")
            for items in self.listeners.values()
            for item in items
            if item.path and item.value.protocol in ("TCP", "TLS", "TCP_UDP", None)
        }


def _flat(
    section: dict[str, list[T]] | list[T] | None, name: str
) -> Iterable[tuple[str, tuple[str | int, ...], T]]:
    """Owner ("" where unknown), path and value of each element of a map of lists or a list."""
    if isinstance(section, dict):
        for arn, values in section.items():
            for at, value in enumerate(values):
                yield arn, (name, arn, at), value
    else:
        for at, value in enumerate(section or ()):
            yield "", (name, at), value


def _plain(tags: Sequence[Tag]) -> dict[str, str]:
    return {tag.key or "": tag.value or "" for tag in tags}
