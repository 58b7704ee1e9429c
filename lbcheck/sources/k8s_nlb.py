"""Services that ask for a Network Load Balancer of their own → what the controller makes of them.

Defaults are those of the AWS Load Balancer Controller (2.14, docs/guide/service/annotations.md): a
TCP check every 10 s with a timeout of 10 s, three passes and three failures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from lbcheck.sources import k8s_draft, yaml_tree
from lbcheck.sources.aws_written import UNKNOWN, Draft
from lbcheck.sources.k8s_keys import NLB
from lbcheck.sources.k8s_objects import Annotation, Object
from lbcheck.sources.k8s_service import is_nlb
from lbcheck.sources.yaml_tree import Node, Sequence

_GROUP = {
    "healthcheck-path": ("HealthCheckPath",),
    "healthcheck-port": ("HealthCheckPort",),
    "healthcheck-protocol": ("HealthCheckProtocol",),
    "healthcheck-interval": ("HealthCheckIntervalSeconds",),
    "healthcheck-timeout": ("HealthCheckTimeoutSeconds",),
    "healthcheck-healthy-threshold": ("HealthyThresholdCount",),
    "healthcheck-unhealthy-threshold": ("UnhealthyThresholdCount",),
    "healthcheck-success-codes": ("Matcher", "HttpCode"),
}
_DEFAULTS = {
    "HealthCheckIntervalSeconds": 10,
    "HealthCheckTimeoutSeconds": 10,
    "HealthyThresholdCount": 3,
    "UnhealthyThresholdCount": 3,
}
WORDS = {".".join(path): f"aws-load-balancer-{name}" for name, path in _GROUP.items()}


def of(objects: Iterable[Object]) -> list[Object]:
    """The Services that ask for a Network Load Balancer."""
    return [
        thing
        for thing in objects
        if thing.kind == "Service"
        and is_nlb(thing)
        and thing.text("spec", "type") in (None, "LoadBalancer")
    ]


def write(draft: Draft, services: Iterable[Object]) -> None:
    for service in services:
        _balancer(draft, service)


def _balancer(draft: Draft, service: Object) -> None:
    name = f"service[{service.name}]"
    path = draft.add("LoadBalancers", service.place)
    draft.put((*path, "LoadBalancerArn"), name)
    draft.put((*path, "Type"), "network")
    draft.attributes("LoadBalancerAttributes", name)
    k8s_draft.attributes(draft, "LoadBalancerAttributes", name, _find(service, "attributes"))
    for port in _ports(service):
        number = yaml_tree.text(port, "port")
        if (yaml_tree.text(port, "protocol") or "TCP") == "TCP" and number:
            _listener(draft, service, name, number, tls=_tls(service, port))


def _tls(service: Object, port: Node) -> bool:
    """With a certificate every port is for TLS, or those that `ssl-ports` names."""
    if _find(service, "ssl-cert") is None:
        return False
    listed = _find(service, "ssl-ports")
    named = {part.strip() for part in listed.text.split(",")} if listed else {"*"}
    return not named.isdisjoint({"*", yaml_tree.text(port, "port"), yaml_tree.text(port, "name")})


def _ports(service: Object) -> Iterator[Node]:
    ports = service.at("spec", "ports")
    if isinstance(ports, Sequence):
        yield from ports.items


def _find(service: Object, name: str) -> Annotation | None:
    for prefix in NLB:
        found = service.annotations.get(f"{prefix}/aws-load-balancer-{name}")
        if found is not None:
            return found
    return None


def _listener(draft: Draft, service: Object, balancer: str, port: str, *, tls: bool) -> None:
    arn, group = f"{balancer}:{port}", f"{balancer}/{port}"
    protocol = "TLS" if tls else "TCP"
    path = draft.add(("Listeners", balancer), service.place)
    draft.put((*path, "ListenerArn"), arn)
    draft.put((*path, "Protocol"), protocol)
    draft.put((*path, "Port"), port)
    action = draft.add((*path, "DefaultActions"))
    draft.put((*action, "Type"), "forward")
    draft.put((*action, "TargetGroupArn"), group)
    draft.known("Rules", arn)
    draft.attributes("ListenerAttributes", arn)
    if not tls:  # AWS keeps 350 s there
        found = _find(service, f"listener-attributes.{protocol}-{port}")
        k8s_draft.attributes(draft, "ListenerAttributes", arn, found)
    _group(draft, service, group, port)


def _group(draft: Draft, service: Object, arn: str, port: str) -> None:
    group = draft.add("TargetGroups", service.place)
    draft.put((*group, "TargetGroupArn"), arn)
    draft.put((*group, "TargetGroupName"), service.name)
    draft.put((*group, "Protocol"), "TCP")
    draft.put((*group, "HealthCheckProtocol"), "TCP")
    k8s_draft.group(draft, group, partial(_find, service), _GROUP, _DEFAULTS)
    draft.attributes("TargetGroupAttributes", arn)
    if k8s_draft.refused(service):
        draft.attribute("TargetGroupAttributes", arn, None, UNKNOWN)
    for name in ("target-group-attributes", f"target-group-attributes.{port}"):
        k8s_draft.attributes(draft, "TargetGroupAttributes", arn, _find(service, name))
