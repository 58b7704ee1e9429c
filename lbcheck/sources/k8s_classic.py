"""Services with a classic load balancer, which the in-tree provider of Kubernetes makes.

Whether a Service of type LoadBalancer gets a classic one or an NLB depends on the cluster. Only
those are judged that have what an NLB has not: an idle timeout, a listener that speaks HTTP ...
"""

from __future__ import annotations

from collections.abc import Iterable

from lbcheck.belief import by_names
from lbcheck.model import (
    Belief,
    CheckKind,
    Declared,
    Forward,
    HealthCheck,
    Level,
    Origin,
    Pool,
    Route,
    Setting,
    Topology,
    Vendor,
)
from lbcheck.sources.k8s_keys import CLASSIC_ONLY
from lbcheck.sources.k8s_objects import Annotation, Object
from lbcheck.sources.k8s_service import is_nlb

_PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"
_IDLE = "connection-idle-timeout"
_HTTP = ("http", "https")


def read(services: Iterable[Object], declared: Declared) -> Topology:
    routes = [route for service in services if (route := _route(service, declared))]
    return Topology(routes=tuple(routes), pools=tuple(r.forwards[0].pool for r in routes))


def _route(service: Object, declared: Declared) -> Route | None:
    idle = service.annotations.get(f"{_PREFIX}{_IDLE}")
    spoken = service.annotations.get(f"{_PREFIX}backend-protocol")
    http = spoken is not None and spoken.text.lower() in _HTTP
    if service.text("spec", "type") != "LoadBalancer" or is_nlb(service):
        return None
    if not http and not any(f"{_PREFIX}{name}" in service.annotations for name in CLASSIC_ONLY):
        return None
    belief = _belief(service, declared)
    incapable = None
    if spoken is not None and http:
        reason = f"a classic load balancer's {spoken.text.upper()} listener drops the upgrade"
        incapable = Setting(spoken.name, reason, Origin.SET, spoken.place)
    address = f"service[{service.name}]"
    check = HealthCheck(CheckKind.UNKNOWN, service.place)
    pool = Pool(
        vendor=Vendor.AWS,
        name=service.name,
        address=address,
        place=service.place,
        belief=belief,
        targets=(),
        check=check,
        incapable=incapable,
        complete=False,
    )
    return Route(
        vendor=Vendor.AWS,
        address=f"{address}/listener",
        place=service.place,
        path="default",
        belief=belief,
        forwards=(Forward(pool),),
        idle=_idle(service, idle),
        covers_all=True,
    )


def _idle(service: Object, found: Annotation | None) -> Setting[float] | None:
    """60 s by default, as every classic load balancer has."""
    if found is None:
        return Setting(_IDLE, 60.0, Origin.DEFAULT, service.place)
    if found.refused or not (found.text.isascii() and found.text.isdigit()):
        return None
    return Setting(found.name, float(found.text), Origin.SET, found.place)


def _belief(service: Object, declared: Declared) -> Belief:
    """Everything of the Service passes there, whatever its path."""
    if declared.websocket_paths:
        said = f"the profile declares `{declared.websocket_paths[0]}`, and everything passes here"
        return Belief(Level.LIKELY, said, declared=True)
    return by_names(service.name)
