"""Gateway API with the AWS Load Balancer Controller → the load balancers that it makes of it.

LoadBalancerConfiguration and TargetGroupConfiguration (gateway.k8s.aws/v1beta1, controller 2.14)
say what HTTPRoute and Gateway have no words for. What they leave out has defaults that differ
between releases, and is not judged; the health path is `/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Fields

from msgspec import Struct

from lbcheck.model import Span
from lbcheck.sources import k8s_draft, yaml_tree
from lbcheck.sources.aws_snapshot import Path
from lbcheck.sources.aws_written import UNKNOWN, Draft
from lbcheck.sources.k8s_objects import Object
from lbcheck.sources.yaml_tree import Mapping, Node, Scalar

_CHECK = {
    "healthCheckPath": ("HealthCheckPath",),
    "healthCheckPort": ("HealthCheckPort",),
    "healthCheckProtocol": ("HealthCheckProtocol",),
    "healthCheckInterval": ("HealthCheckIntervalSeconds",),
    "healthCheckTimeout": ("HealthCheckTimeoutSeconds",),
    "healthyThresholdCount": ("HealthyThresholdCount",),
    "unhealthyThresholdCount": ("UnhealthyThresholdCount",),
}
_CODES = ("Matcher", "HttpCode")
_OPEN = (
    ("HealthCheckIntervalSeconds",),
    ("HealthCheckTimeoutSeconds",),
    ("HealthyThresholdCount",),
    ("UnhealthyThresholdCount",),
    _CODES,
)
"""what has defaults of the controller's own"""
_GROUP = {"protocolVersion": ("ProtocolVersion",), "targetType": ("TargetType",)}
_ROUTES = ("HTTPRoute", "TCPRoute", "TLSRoute")
WORDS = {
    **{".".join(path): f"healthCheckConfig.{name}" for name, path in _CHECK.items()},
    **{".".join(path): name for name, path in _GROUP.items()},
    ".".join(_CODES): "healthCheckConfig.matcher.httpCode",
}


class Way(Struct, frozen=True):
    """One match of an HTTPRoute, and the Service that it leads to."""

    hosts: tuple[str, ...]
    path: str
    exact: bool
    service: str
    place: Span

    @property
    def patterns(self) -> list[str]:
        return [self.path] if self.exact else k8s_draft.below(self.path)


def configured(objects: Sequence[Object]) -> list[Object]:
    """The objects that only this controller has; nothing is read without one."""
    kinds = ("LoadBalancerConfiguration", "TargetGroupConfiguration")
    return [thing for thing in objects if thing.kind in kinds]


def served(objects: Sequence[Object]) -> frozenset[int]:
    """The Gateways of this controller, and the routes that lead from them, by identity."""
    gateways = [gateway for gateway, _ in _configured(objects)]
    names = {gateway.name for gateway in gateways}
    routes = [route for kind in _ROUTES for route in _of(objects, kind)]
    led = [route for route in routes if not names.isdisjoint(_parents(route))]
    return frozenset(map(id, (*gateways, *led)))


def _configured(objects: Sequence[Object]) -> Iterator[tuple[Object, Object]]:
    """The Gateways that name a configuration of this controller, with it."""
    for gateway in _of(objects, "Gateway"):
        named = gateway.text("spec", "infrastructure", "parametersRef", "name")
        configs = [c for c in _of(objects, "LoadBalancerConfiguration") if c.name == named]
        if configs:
            yield gateway, configs[0]


def write(draft: Draft, objects: Sequence[Object]) -> None:
    used: set[str] = set()
    services: set[str] = set()
    for gateway, config in _configured(objects):
        used.add(config.name)
        services |= _gateway(draft, gateway, config, objects)
    for config in _of(objects, "LoadBalancerConfiguration"):
        if config.name not in used:
            _balancer(draft, config, config, "application")
    for config in _of(objects, "TargetGroupConfiguration"):
        target = config.text("spec", "targetReference", "name") or config.name
        if target not in services:
            _group(draft, target, config.place, config, "HTTP")


def _of(objects: Sequence[Object], kind: str) -> list[Object]:
    return [thing for thing in objects if thing.kind == kind]


def _gateway(draft: Draft, gateway: Object, config: Object, objects: Sequence[Object]) -> set[str]:
    """A Gateway with its configuration; the Services that it leads to."""
    listeners = list(_items(gateway.at("spec", "listeners")))
    plain = {yaml_tree.text(one, "protocol") for one in listeners} <= {"HTTP", "HTTPS"}
    arn = _balancer(draft, gateway, config, "application" if plain else "network")
    kinds = _ROUTES[:1] if plain else _ROUTES[1:]
    routes = [route for kind in kinds for route in _of(objects, kind)]
    ways = [way for route in routes for way in _ways(route, gateway.name)]
    ways.sort(key=lambda way: (not way.exact, -len(way.path)))
    for one in listeners:
        protocol, port = yaml_tree.text(one, "protocol"), yaml_tree.text(one, "port")
        path = draft.add(("Listeners", arn), gateway.place)
        own = f"{arn}:{port}"
        draft.put((*path, "ListenerArn"), own)
        draft.put((*path, "Protocol"), protocol)
        draft.put((*path, "Port"), port)
        draft.known("Rules", own)
        draft.attributes("ListenerAttributes", own)
        for extra in _items(config.at("spec", "listenerConfigurations")):
            if yaml_tree.text(extra, "protocolPort") == f"{protocol}:{port}":
                k8s_draft.pairs(
                    draft, "ListenerAttributes", own, config, extra, "listenerAttributes"
                )
        for priority, way in enumerate(ways, 1):
            if plain:
                _rule(draft, own, priority, way)
            else:
                _forward(draft, draft.add((*path, "DefaultActions")), way)
    for way in ways:
        config_of = _config_of(way.service, objects)
        _group(draft, way.service, way.place, config_of, "HTTP" if plain else "TCP")
    return {way.service for way in ways}


def _balancer(draft: Draft, thing: Object, config: Object, kind: str) -> str:
    arn = f"{thing.kind.lower()}[{thing.name}]"
    path = draft.add("LoadBalancers", thing.place)
    draft.put((*path, "LoadBalancerArn"), arn)
    draft.put((*path, "LoadBalancerName"), thing.name)
    draft.put((*path, "Type"), kind)
    draft.attributes("LoadBalancerAttributes", arn)
    spec = config.at("spec")
    k8s_draft.pairs(draft, "LoadBalancerAttributes", arn, config, spec, "loadBalancerAttributes")
    return arn


def _parents(route: Object) -> list[str | None]:
    return [yaml_tree.text(one, "name") for one in _items(route.at("spec", "parentRefs"))]


def _ways(route: Object, gateway: str) -> Iterator[Way]:
    if gateway not in _parents(route):
        return
    names = _items(route.at("spec", "hostnames"))
    hosts = tuple(one.text for one in names if isinstance(one, Scalar))
    for rule in _items(route.at("spec", "rules")):
        services = [yaml_tree.at(one, "name") for one in _items(yaml_tree.at(rule, "backendRefs"))]
        service = next((one for one in services if isinstance(one, Scalar)), None)
        matches: list[Node | None] = [*_items(yaml_tree.at(rule, "matches"))]
        for match in matches or [None]:
            value = yaml_tree.at(match, "path", "value")
            place = value if isinstance(value, Scalar) else service
            if service is not None and place is not None:
                yield Way(
                    hosts,
                    yaml_tree.text(value) or "/",
                    yaml_tree.text(match, "path", "type") == "Exact",
                    service.text,
                    Span(route.source, place.start, place.end),
                )


def _rule(draft: Draft, listener: str, priority: int, way: Way) -> None:
    rule = draft.add(("Rules", listener), way.place)
    draft.put((*rule, "Priority"), priority)
    k8s_draft.condition(draft, rule, "path-pattern", way.patterns)
    if way.hosts:
        k8s_draft.condition(draft, rule, "host-header", list(way.hosts))
    _forward(draft, draft.add((*rule, "Actions")), way)


def _forward(draft: Draft, action: Path, way: Way) -> None:
    draft.put((*action, "Type"), "forward")
    draft.put((*action, "TargetGroupArn"), f"service[{way.service}]")


def _config_of(service: str, objects: Sequence[Object]) -> Object | None:
    for config in _of(objects, "TargetGroupConfiguration"):
        if config.text("spec", "targetReference", "name") == service:
            return config
    return None


def _group(draft: Draft, service: str, place: Span, config: Object | None, protocol: str) -> None:
    arn = f"service[{service}]"
    if any(group.get("TargetGroupArn") == arn for group in draft.document.get("TargetGroups", ())):
        return
    group = draft.add("TargetGroups", place)
    draft.put((*group, "TargetGroupArn"), arn)
    draft.put((*group, "TargetGroupName"), service)
    draft.put((*group, "Protocol"), protocol)
    draft.attributes("TargetGroupAttributes", arn)
    props = config.at("spec", "defaultConfiguration") if config else None
    if config is None or not isinstance(props, Mapping):
        draft.attribute("TargetGroupAttributes", arn, None, UNKNOWN)
        return
    _settings(draft, group, config, props, _GROUP)
    k8s_draft.pairs(draft, "TargetGroupAttributes", arn, config, props, "targetGroupAttributes")
    check = props.get("healthCheckConfig")
    if isinstance(check, Mapping):
        _settings(draft, group, config, check, _CHECK)
        codes = check.get("matcher")
        if isinstance(codes, Mapping):
            _settings(draft, group, config, codes, {"httpCode": _CODES})
    written = draft.document["TargetGroups"][group[1]]
    for field in _OPEN:
        if field[0] not in written:
            draft.put((*group, *field), UNKNOWN)


def _settings(
    draft: Draft,
    group: Path,
    config: Object,
    within: Mapping,
    fields: Fields[str, tuple[str, ...]],
) -> None:
    for name, field in fields.items():
        key, value = within.key(name), within.get(name)
        if key is not None and isinstance(value, Scalar):
            shown = value.text.upper() if name.endswith(("Protocol", "Version")) else value.text
            place = Span(config.source, key.start, value.end)
            draft.put((*group, *field), UNKNOWN if "$" in shown else shown, place)


def _items(node: Node | None) -> Iterator[Node]:
    if isinstance(node, yaml_tree.Sequence):
        yield from node.items
