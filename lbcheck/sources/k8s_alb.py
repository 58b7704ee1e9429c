"""Ingresses of the AWS Load Balancer Controller → the load balancers that it makes of them.

Defaults are the controller's own (2.14, docs/guide/ingress/annotations.md): a health check every
15 s with a timeout of 5 s, two passes and two failures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from lbcheck.model import Effect, Ineffective, Origin, Pool, Setting
from lbcheck.sources import k8s_alb_rules, k8s_draft
from lbcheck.sources import k8s_keys as keys
from lbcheck.sources.aws_snapshot import Path as Place
from lbcheck.sources.aws_written import UNKNOWN, Draft
from lbcheck.sources.k8s_alb_rules import Balanced
from lbcheck.sources.k8s_objects import Annotation, Object
from lbcheck.sources.k8s_paths import Path, address

_GROUP = {
    "healthcheck-path": ("HealthCheckPath",),
    "healthcheck-port": ("HealthCheckPort",),
    "healthcheck-protocol": ("HealthCheckProtocol",),
    "healthcheck-interval-seconds": ("HealthCheckIntervalSeconds",),
    "healthcheck-timeout-seconds": ("HealthCheckTimeoutSeconds",),
    "healthy-threshold-count": ("HealthyThresholdCount",),
    "unhealthy-threshold-count": ("UnhealthyThresholdCount",),
    "success-codes": ("Matcher", "HttpCode"),
    "backend-protocol": ("Protocol",),
    "backend-protocol-version": ("ProtocolVersion",),
    "target-type": ("TargetType",),
    "target-control-port": ("TargetControlPort",),
}
_DEFAULTS = {
    "HealthCheckIntervalSeconds": 15,
    "HealthCheckTimeoutSeconds": 5,
    "HealthyThresholdCount": 2,
    "UnhealthyThresholdCount": 2,
}
_LOGINS = {"oidc": "AuthenticateOidcConfig", "cognito": "AuthenticateCognitoConfig"}
WORDS = {".".join(path): name for name, path in _GROUP.items()}


class Desk(Struct, frozen=True):
    """What is written. `services`: by the identity of a path's own; `made`: groups so far;
    `on_nodes`: names of groups whose targets are nodes, not pods."""

    draft: Draft
    services: Mapping[int, Object]
    made: set[str]
    on_nodes: set[str]


def write(draft: Draft, ingresses: Iterable[Balanced], services: Mapping[int, Object]) -> set[str]:
    """Put the load balancers of Ingresses into a draft. Those of a group share one.

    Args: services: by the identity of a path's own.

    Returns: the names of groups whose targets are nodes.
    """
    desk = Desk(draft, services, set(), set())
    groups: dict[str, list[Balanced]] = {}
    for one in ingresses:
        shared = one.ingress.annotations.get(f"{keys.ALB}/group.name")
        groups.setdefault(shared.text if shared else address(one.ingress), []).append(one)
    for name, members in groups.items():
        _balancer(desk, name, sorted(members, key=k8s_alb_rules.turn))
    return desk.on_nodes


def _balancer(desk: Desk, name: str, members: list[Balanced]) -> None:
    draft, first = desk.draft, members[0]
    path = draft.add("LoadBalancers", first.served.place)
    draft.put((*path, "LoadBalancerArn"), name)
    draft.put((*path, "Type"), "application")
    draft.attributes("LoadBalancerAttributes", name)
    for member in members:
        if member.params is not None:  # they override what an Ingress says
            spec, name_of = member.params.at("spec"), "loadBalancerAttributes"
            k8s_draft.pairs(draft, "LoadBalancerAttributes", name, member.params, spec, name_of)
        own = member.ingress.annotations
        found = own.get(f"{keys.ALB}/load-balancer-attributes")
        k8s_draft.attributes(draft, "LoadBalancerAttributes", name, found)
        if f"{keys.ALB}/group.name" in own or k8s_draft.refused(member.ingress):
            # Another member of the group may set any attribute; a refused object sets none.
            draft.attribute("LoadBalancerAttributes", name, None, UNKNOWN)
    for listening, own_members in k8s_alb_rules.listeners(members).items():
        _listener(desk, name, listening, own_members)


def _listener(
    desk: Desk, balancer: str, listening: tuple[str, object], members: list[Balanced]
) -> None:
    draft, (protocol, port) = desk.draft, listening
    path = draft.add(("Listeners", balancer), members[0].served.place)
    arn = f"{balancer}:{port}"
    draft.put((*path, "ListenerArn"), arn)
    draft.put((*path, "Protocol"), protocol)
    draft.put((*path, "Port"), port)
    draft.known("Rules", arn)
    ruled = k8s_alb_rules.rules(members, str(protocol))
    for priority, (member, way) in enumerate(ruled, 1):
        rule = _rule(desk, arn, priority, way)
        if protocol == "HTTPS":  # no other listener can ask who somebody is
            _login(desk, rule, member, way)
        _answer(desk, rule, member, way)


def _rule(desk: Desk, listener: str, priority: int, way: Path) -> Place:
    draft = desk.draft
    rule = draft.add(("Rules", listener), way.place)
    draft.put((*rule, "Priority"), priority)
    k8s_draft.condition(draft, rule, "path-pattern", k8s_alb_rules.patterns(way))
    if way.host:
        k8s_draft.condition(draft, rule, "host-header", [way.host])
    if f"{keys.ALB}/conditions.{way.service}" in way.ingress.annotations:
        draft.add((*rule, "Conditions"))  # unknown
    return rule


def _login(desk: Desk, rule: Place, member: Balanced, way: Path) -> None:
    """The action that the controller puts in front of the others for `auth-type`."""
    layers = _layers(desk, member, way)
    asked = _find(layers, "auth-type")
    kind = _LOGINS.get(asked.text) if asked else None
    if asked is None or kind is None:
        return
    otherwise = _find(layers, "auth-on-unauthenticated-request")
    action = desk.draft.add((*rule, "Actions"), asked.place)
    desk.draft.put((*action, "Type"), f"authenticate-{asked.text}", asked.place)
    shown = (
        "authenticate" if otherwise is None else UNKNOWN if otherwise.unknown else otherwise.text
    )
    desk.draft.put((*action, kind, "OnUnauthenticatedRequest"), shown, asked.place)


def _answer(desk: Desk, rule: Place, member: Balanced, way: Path) -> None:
    draft = desk.draft
    written = member.ingress.annotations.get(f"{keys.ALB}/actions.{way.service}")
    if way.port == "use-annotation" and written is not None:
        _action(desk, rule, member, way, written)
        return
    action = draft.add((*rule, "Actions"))
    draft.put((*action, "Type"), "forward")
    group = _group(desk, member, way, (way.service, way.port))
    draft.put((*action, "TargetGroupArn"), group)


def _layers(desk: Desk, member: Balanced, way: Path) -> list[Object]:
    service = desk.services.get(id(way))
    return [thing for thing in (service, member.ingress) if thing is not None]


def _action(desk: Desk, rule: Place, member: Balanced, way: Path, written: Annotation) -> None:
    """What an annotation has the rule do; its keys begin with a large letter, or a small one."""
    draft, parsed = desk.draft, k8s_alb_rules.parsed(way.ingress, written)
    if not isinstance(parsed, dict):
        return
    action = draft.add((*rule, "Actions"), written.place)
    said = k8s_alb_rules.large(parsed)
    draft.put((*action, "Type"), str(said.get("Type")))
    if isinstance(said.get("TargetGroupARN"), str):
        draft.put((*action, "TargetGroupArn"), said["TargetGroupARN"])
    for name, value in k8s_alb_rules.large(said.get("RedirectConfig")).items():
        draft.put((*action, "RedirectConfig", name), str(value), written.place)
    fixed = k8s_alb_rules.large(said.get("FixedResponseConfig"))
    if fixed:
        status = str(fixed.get("StatusCode"))
        draft.put((*action, "FixedResponseConfig", "StatusCode"), status, written.place)
    forward = k8s_alb_rules.large(said.get("ForwardConfig"))
    sticky = k8s_alb_rules.large(forward.get("TargetGroupStickinessConfig")).get("Enabled")
    if sticky is not None:
        path = (*action, "ForwardConfig", "TargetGroupStickinessConfig", "Enabled")
        draft.put(path, sticky is True, written.place)
    groups = forward.get("TargetGroups")
    for group in groups if isinstance(groups, list) else ():
        edge = draft.add((*action, "ForwardConfig", "TargetGroups"))
        own = k8s_alb_rules.large(group)
        arn = own.get("TargetGroupARN")
        service = (str(own.get("ServiceName")), str(own.get("ServicePort")))
        draft.put((*edge, "TargetGroupArn"), arn or _group(desk, member, way, service))
        draft.put((*edge, "Weight"), own.get("Weight"), written.place)


def _group(desk: Desk, member: Balanced, way: Path, target: tuple[str, str]) -> str:
    """The target group of a Service and port; its ARN."""
    draft = desk.draft
    arn = f"service[{target[0]}:{target[1]}]/{member.number}"
    if arn in desk.made:
        return arn
    desk.made.add(arn)
    group = draft.add("TargetGroups", way.place)
    draft.put((*group, "TargetGroupArn"), arn)
    draft.put((*group, "TargetGroupName"), target[0])
    layers = _layers(desk, member, way)
    targets = _find(layers, "target-type")
    if targets is None or targets.text == "instance":
        desk.on_nodes.add(target[0])
    draft.put((*group, "Protocol"), "HTTP")
    k8s_draft.group(draft, group, partial(_find, layers), _GROUP, _DEFAULTS)
    draft.attributes("TargetGroupAttributes", arn)
    if any(k8s_draft.refused(thing) for thing in layers):
        draft.attribute("TargetGroupAttributes", arn, None, UNKNOWN)
    found = _find(layers, "target-group-attributes")
    k8s_draft.attributes(draft, "TargetGroupAttributes", arn, found)
    return arn


def _find(layers: list[Object], name: str) -> Annotation | None:
    """Annotations of the Service have the higher priority."""
    for thing in layers:
        found = thing.annotations.get(f"{keys.ALB}/{name}")
        if found is not None:
            return found
    return None


def with_node_stickiness(pool: Pool, on_nodes: set[str]) -> Pool:
    """A cookie of the load balancer leads to a node, which leads on to any pod: "`ip` mode is
    required for sticky sessions to work" (docs/guide/ingress/annotations.md).

    Args: on_nodes: names of groups whose targets are nodes.
    """
    if pool.name not in on_nodes or not pool.stickiness or pool.stickiness.value == "unknown":
        return pool
    place = pool.stickiness.place
    setting: Setting[object] = Setting("stickiness.enabled", True, Origin.SET, place)
    reason = "targets are nodes, each of which leads to any pod; set `target-type: ip`"
    record = Ineffective(Effect.STICKINESS_LEFT, setting, reason)
    return replace(pool, ineffective=(*pool.ineffective, record))
