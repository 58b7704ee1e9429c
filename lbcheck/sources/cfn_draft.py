"""CloudFormation resources → an AWS document. Their properties have botocore's names already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from lbcheck.model import Source, Span
from lbcheck.sources import cfn_compute
from lbcheck.sources.aws_snapshot import Path
from lbcheck.sources.aws_written import UNKNOWN, Draft, Written
from lbcheck.sources.cfn_value import ABSENT, Item, World
from lbcheck.sources.yaml_tree import Mapping as Map
from lbcheck.sources.yaml_tree import Node, Scalar

V2, CLASSIC = "AWS::ElasticLoadBalancingV2::", "AWS::ElasticLoadBalancing::LoadBalancer"
_BALANCER_FIELDS = ("Type",)
_GROUP_FIELDS = (
    "Protocol",
    "ProtocolVersion",
    "Port",
    "TargetType",
    "TargetControlPort",
    "HealthCheckEnabled",
    "HealthCheckProtocol",
    "HealthCheckPort",
    "HealthCheckPath",
    "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "UnhealthyThresholdCount",
    "Matcher",
)
_ADDRESSES = ("TargetGroupArn", *cfn_compute.ADDRESSES)


class Resource:
    """A resource of the template, in one world. `key` is its logical id, `body` the whole of it."""

    def __init__(self, source: Source, world: World, key: Scalar, body: Map) -> None:
        self.source, self.world = source, world
        self.name, self.key = key.text, key
        kind = body.get("Type")
        self.kind = kind.text if isinstance(kind, Scalar) else ""
        properties = body.get("Properties")
        self.body = properties if isinstance(properties, Map) else Map(None, key.start)

    def span(self) -> Span:
        """Its opening line."""
        return Span(self.source, self.key.start, self.key.end)

    def item(self, name: str) -> Item | None:
        """A property; None where it is not there."""
        return self.of(self.body, name)

    def of(self, body: Map, name: str) -> Item | None:
        """A property of something nested."""
        node = body.get(name)
        if node is None:
            return None
        item = self.world.value(node)
        return None if item.value is ABSENT else item

    def spelled(self, name: str) -> str:
        """A property's name as the answer has it."""
        return name[:1].lower() + name[1:] if self.kind.startswith("AWS::ECS::") else name

    def address(self, item: Item | None) -> str:
        """The ARN that a property comes to: a logical id, or one of our own making."""
        if item is None:
            return f"{self.name}:none"
        if isinstance(item.value, str):
            return item.value
        return f"({_text(self.source, item.node)})"


def _text(source: Source, node: Node) -> str:
    text = (source.text or "")[node.start : node.end]
    return " ".join(text.split())[:200]


class Assembly:
    """The load balancers of one world as a draft."""

    def __init__(self, source: Source, world: World, template: Map) -> None:
        self._source = source
        self._world = world
        self.draft = Draft(source, cfn_compute.WORDS)
        self._parts = list(_resources(source, template, world))
        self._names = {resource.name for resource in self._parts}

    def written(self) -> Written:
        """The document of this world."""
        readers: dict[str, Callable[[Resource], None]] = {
            f"{V2}LoadBalancer": self._balancer,
            f"{V2}TargetGroup": self._group,
            f"{V2}Listener": self._listener,
            f"{V2}ListenerRule": self._rule,
            CLASSIC: self._classic,
        }
        readers |= {kind: partial(read, self) for kind, read in cfn_compute.READERS.items()}
        for kind, read in readers.items():
            for resource in self._parts:
                if resource.kind == kind:
                    read(resource)
        return self.draft.finish()

    def _balancer(self, resource: Resource) -> None:
        path = self.draft.add("LoadBalancers", resource.span())
        self.draft.put((*path, "LoadBalancerArn"), resource.name)
        self.draft.put((*path, "LoadBalancerName"), self._name(resource))
        self.fields(path, resource, resource.body, _BALANCER_FIELDS)
        self._attributes(resource, "LoadBalancerAttributes", resource.name)

    def _group(self, resource: Resource) -> None:
        path = self.draft.add("TargetGroups", resource.span())
        self.draft.put((*path, "TargetGroupArn"), resource.name)
        self.draft.put((*path, "TargetGroupName"), self._name(resource))
        self.fields(path, resource, resource.body, _GROUP_FIELDS)
        self._attributes(resource, "TargetGroupAttributes", resource.name)

    def _listener(self, resource: Resource) -> None:
        owner = resource.address(resource.item("LoadBalancerArn"))
        if owner not in self._names:
            self._names.add(owner)
            protocol = resource.item("Protocol")
            plain = None if protocol is None else _plain(protocol)
            self.draft.foreign_balancer(owner, plain, resource.span())
        path = self.draft.add(("Listeners", owner), resource.span())
        self.draft.put((*path, "ListenerArn"), resource.name)
        self.fields(path, resource, resource.body, ("Protocol",))
        port = resource.item("Port")
        if port is not None:  # no place: findings about a listener stand on its opening line
            self.draft.put((*path, "Port"), _plain(port))
        self._list((*path, "DefaultActions"), resource, resource.item("DefaultActions"))
        self.draft.known("Rules", resource.name)
        self._attributes(resource, "ListenerAttributes", resource.name)

    def _rule(self, resource: Resource) -> None:
        owner = resource.address(resource.item("ListenerArn"))
        if owner not in self._names:
            self._names.add(owner)
            self.draft.foreign_listener(owner, resource.span())
        path = self.draft.add(("Rules", owner), resource.span())
        self.draft.put((*path, "RuleArn"), resource.name)
        priority = resource.item("Priority")
        if priority is not None:
            self.draft.put((*path, "Priority"), _plain(priority))
        for name in ("Conditions", "Actions"):
            self._list((*path, name), resource, resource.item(name))

    def _classic(self, resource: Resource) -> None:
        path = self.draft.add("LoadBalancerDescriptions", resource.span())
        self.draft.put((*path, "LoadBalancerName"), resource.name)
        listeners = resource.item("Listeners")
        for each in listeners.value if listeners and isinstance(listeners.value, tuple) else ():
            if isinstance(each.value, Map):
                inner = self.draft.add((*path, "ListenerDescriptions"), self._span(each.node))
                self._map((*inner, "Listener"), resource, each.value)
        check = resource.item("HealthCheck")
        if check is not None:
            self.value((*path, "HealthCheck"), resource, check)
        for own, aws in (
            ("ConnectionSettings", "ConnectionSettings"),
            ("ConnectionDrainingPolicy", "ConnectionDraining"),
        ):
            item = resource.item(own)
            if item is not None:
                self.value(("ClassicAttributes", resource.name, aws), resource, item)

    def _name(self, resource: Resource) -> str:
        """The name that is written, and the logical id: both may speak of WebSockets."""
        item = resource.item("Name")
        written = item.value if item is not None else None
        return written if isinstance(written, str) else resource.name

    def fields(self, path: Path, resource: Resource, body: Map, names: tuple[str, ...]) -> None:
        for name in names:
            item = resource.of(body, name)
            if item is not None:
                self.value((*path, resource.spelled(name)), resource, item, body.key(name))

    def _map(self, path: Path, resource: Resource, body: Map) -> None:
        for key, _ in body.entries():
            item = resource.of(body, key.text)
            if item is not None:
                self.value((*path, resource.spelled(key.text)), resource, item, key)

    def value(self, path: Path, resource: Resource, item: Item, key: Scalar | None = None) -> None:
        """A property and what is nested in it."""
        if isinstance(item.value, Map):
            self._map(path, resource, item.value)
        elif isinstance(item.value, tuple) and any(isinstance(i.value, Map) for i in item.value):
            self._list(path, resource, item)
        elif path[-1] in _ADDRESSES:
            self.draft.put(path, resource.address(item), self._span(item.node, key))
        else:
            place = self._span(item.node, key)
            self._note_origins(place, item)
            self.draft.put(path, _plain(item), place)

    def _note_origins(self, place: Span, item: Item | None) -> None:
        """What decides a value that is told of at a place: a parameter, a condition."""
        origins = self._world.origins.get(id(item.node)) if item is not None else None
        if origins:
            known = place.source.origins.setdefault((place.start, place.end), {})
            for node, said in origins.items():
                known[Span(place.source, node.start, node.end)] = said

    def _list(self, path: Path, resource: Resource, item: Item | None) -> None:
        if item is None:
            return
        if not isinstance(item.value, tuple):
            self.draft.add(path, self._span(item.node))  # one that nobody knows
            return
        for each in item.value:
            inner = self.draft.add(path, self._span(each.node))
            if isinstance(each.value, Map):
                self._map(inner, resource, each.value)

    def _attributes(self, resource: Resource, section: str, arn: str) -> None:
        self.draft.attributes(section, arn)
        item = resource.item(section)
        if item is None:
            return
        for each in item.value if isinstance(item.value, tuple) else (Item(UNKNOWN, item.node),):
            place = self._span(each.node)
            if not isinstance(each.value, Map):
                self.draft.attribute(section, arn, None, UNKNOWN, place)
                continue
            key, value = (resource.of(each.value, name) for name in ("Key", "Value"))
            name = key.value if key is not None and isinstance(key.value, str) else None
            plain = UNKNOWN if value is None else _plain(value)
            self._note_origins(place, value)
            self.draft.attribute(section, arn, name, plain, place)

    def _span(self, node: Node, key: Scalar | None = None) -> Span:
        """From the key to the end of the value; a mapping without its braces, so that it begins at
        a line that says something."""
        if key is not None and key.start <= node.start:
            return Span(self._source, key.start, node.end)
        entries = list(node.entries()) if isinstance(node, Map) else []
        first = min((name.start for name, _ in entries), default=node.start)
        last = max((value.end for _, value in entries), default=node.end)
        return Span(self._source, first, last)


def _plain(item: Item) -> object:
    """A text, a list of texts, or UNKNOWN."""
    if isinstance(item.value, tuple):
        return [one.value if isinstance(one.value, str) else UNKNOWN for one in item.value]
    return item.value if isinstance(item.value, str) else UNKNOWN


def _resources(source: Source, template: Map, world: World) -> Iterator[Resource]:
    """The resources that exist in a world; where that is not known, they do."""
    declared = template.get("Resources")
    for key, body in declared.entries() if isinstance(declared, Map) else ():
        if isinstance(body, Map):
            condition = body.get("Condition")
            name = condition.text if isinstance(condition, Scalar) else None
            if name is None or world.holds(name) is not False:
                yield Resource(source, world, key, body)
