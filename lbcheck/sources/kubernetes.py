"""Kubernetes manifests → topology: what the controllers make of Ingresses and Services.

The settings in force are resolved in the words of each controller; behind that the rules are
those of its proxy. An annotation without effect is put on the thing that it was meant for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from lbcheck.model import (
    Belief,
    CheckKind,
    Declared,
    Forward,
    HealthCheck,
    Ineffective,
    Level,
    Listener,
    Pool,
    Route,
    Source,
    Span,
    Topology,
    Vendor,
)
from lbcheck.sources import (
    aws,
    k8s_alb,
    k8s_faults,
    k8s_haproxy,
    k8s_nginx,
    k8s_objects,
    k8s_paths,
    k8s_settings,
)
from lbcheck.sources.aws_written import Draft
from lbcheck.sources.k8s_controller import Controller, Served, served
from lbcheck.sources.k8s_faults import Fault
from lbcheck.sources.k8s_keys import Purpose
from lbcheck.sources.k8s_objects import Object, say
from lbcheck.sources.k8s_paths import Path
from lbcheck.sources.k8s_settings import ConfigMap, Settings

_VENDORS = {
    Controller.AWS: Vendor.AWS,
    Controller.INGRESS_NGINX: Vendor.NGINX,
    Controller.NGINX_INC: Vendor.NGINX,
    Controller.HAPROXY_INGRESS: Vendor.HAPROXY,
    Controller.HAPROXY_TECH: Vendor.HAPROXY,
}
_HAPROXY = (Controller.HAPROXY_INGRESS, Controller.HAPROXY_TECH)


class Entry(Struct, frozen=True):
    """An Ingress and everything that is known of it before its settings are resolved."""

    ingress: Object
    served: Served
    paths: tuple[Path, ...]
    faults: tuple[Fault, ...]


class Cluster(Struct, frozen=True):
    """The manifests of one folder: they are applied together."""

    objects: tuple[Object, ...]
    services: dict[tuple[str, str], Object]
    config_maps: dict[Controller, ConfigMap]

    def of(self, kind: str) -> list[Object]:
        return [thing for thing in self.objects if thing.kind == kind]

    def service(self, path: Path) -> Object | None:
        return self.services.get((path.ingress.namespace, path.service))


def read(sources: Sequence[Source], declared: Declared) -> Topology:
    """What every manifest says, folder by folder."""
    folders: dict[str, list[Source]] = {}
    for source in sources:
        folders.setdefault(os.path.dirname(source.path or source.name), []).append(source)
    parts = [_cluster(members, declared) for members in folders.values()]
    return Topology(
        tuple(sources),
        tuple(chain.from_iterable(part.listeners for part in parts)),
        tuple(chain.from_iterable(part.routes for part in parts)),
        tuple(chain.from_iterable(part.pools for part in parts)),
    )


def _cluster(sources: Sequence[Source], declared: Declared) -> Topology:
    objects = tuple(
        thing for source in sources if not source.unread for thing in k8s_objects.read(source)
    )
    services = {(t.namespace, t.name): t for t in objects if t.kind == "Service"}
    cluster = Cluster(objects, services, k8s_settings.config_maps(objects))
    entries = _entries(cluster, declared)
    ways = [path for entry in entries for path in entry.paths]
    beliefs = dict(zip(map(id, ways), k8s_paths.beliefs(ways, services, declared), strict=True))
    parts = [_proxied(entry, cluster, beliefs) for entry in entries if not _is_alb(entry)]
    parts += _balanced([e for e in entries if _is_alb(e)], cluster, declared)
    parts += [_services(cluster, entries)]
    return Topology(
        (),
        tuple(chain.from_iterable(part.listeners for part in parts)),
        tuple(chain.from_iterable(part.routes for part in parts)),
        tuple(chain.from_iterable(part.pools for part in parts)),
    )


def _entries(cluster: Cluster, declared: Declared) -> list[Entry]:
    classes = {
        thing.name: thing.text("spec", "controller") or "" for thing in cluster.of("IngressClass")
    }
    found = []
    for ingress in cluster.of("Ingress"):
        who = served(ingress, classes, declared)
        faults = (*k8s_faults.of_ingress(ingress, who), *k8s_faults.among_labels(ingress))
        found.append(Entry(ingress, who, tuple(k8s_paths.of(ingress)), faults))
    return found


def _is_alb(entry: Entry) -> bool:
    return entry.served.controller is Controller.AWS


# --- nginx and HAProxy ----------------------------------------------------------------------


def _proxied(entry: Entry, cluster: Cluster, beliefs: dict[int, Belief]) -> Topology:
    """An Ingress in front of which a proxy stands in the cluster."""
    controller = entry.served.controller
    if controller is None:
        _unknown(entry, beliefs)
        return _bare(entry.faults, k8s_paths.address(entry.ingress), Vendor.NGINX)
    routes = [_route(entry, path, controller, cluster, beliefs[id(path)]) for path in entry.paths]
    routes, bare = _with_faults(routes, entry, _VENDORS[controller])
    pools = tuple(forward.pool for route in routes for forward in route.forwards)
    listener = Listener(
        _VENDORS[controller],
        k8s_paths.address(entry.ingress),
        entry.ingress.place,
        tuple(routes),
        tls=entry.ingress.at("spec", "tls") is not None,
    )
    return Topology((), (listener,), (*routes, *bare.routes), (*pools, *bare.pools))


def _unknown(entry: Entry, beliefs: dict[int, Belief]) -> None:
    """Not a pass in silence: nobody has looked at what this controller does."""
    if any(beliefs[id(path)].level >= Level.LIKELY for path in entry.paths):
        other = entry.served.other
        said = (
            f"is served by `{other}`, a controller that lbcheck does not know"
            if other
            else "does not say which controller serves it"
        )
        remedy = "say which one it is: --param ingress.controller=NAME" if not other else ""
        shown = f"the Ingress `{entry.ingress.name}` {said}"
        say(entry.ingress.source, shown, entry.served.place, remedy)


def _route(
    entry: Entry, path: Path, controller: Controller, cluster: Cluster, belief: Belief
) -> Route:
    service = cluster.service(path)
    things = [entry.ingress]
    if service is not None and controller in _HAPROXY:
        things.insert(0, service)
    settings = Settings(entry.served, things, cluster.config_maps.get(controller))
    make = _haproxy_route if controller in _HAPROXY else _nginx_route
    route = make(path, controller, settings, belief)
    return replace(
        route, ineffective=(*route.ineffective, *(fault.record() for fault in settings.faults))
    )


def _nginx_route(path: Path, controller: Controller, settings: Settings, belief: Belief) -> Route:
    pool = Pool(
        vendor=Vendor.NGINX,
        name=path.service,
        address=f"{path.address}/service[{path.service}]",
        place=settings.place,
        belief=belief,
        targets=(),
        check=HealthCheck(CheckKind.UNKNOWN, settings.place),
        drain_time=k8s_nginx.drain_time(settings, controller),
        stickiness=k8s_nginx.stickiness(settings, controller, path.service),
        several=True,
        complete=False,
    )
    return Route(
        vendor=Vendor.NGINX,
        address=path.address,
        place=path.place,
        path=path.path,
        belief=belief,
        forwards=(Forward(pool, k8s_nginx.http_version(settings, controller)),),
        idle=k8s_nginx.idle(settings, controller),
        upgrade=k8s_nginx.upgrade(settings, controller, path.service),
        connection=k8s_nginx.connection(settings, controller),
        host_kept=k8s_nginx.host_kept(settings, controller),
        redirect=k8s_nginx.redirect(settings, controller),
        ineffective=k8s_nginx.wrong_timeouts(settings, controller),
        covers_all=path.everything,
    )


def _haproxy_route(path: Path, controller: Controller, settings: Settings, belief: Belief) -> Route:
    pool = Pool(
        vendor=Vendor.HAPROXY,
        name=path.service,
        address=f"{path.address}/service[{path.service}]",
        place=settings.place,
        belief=belief,
        targets=(),
        check=k8s_haproxy.check(settings, controller),
        drain_time=k8s_haproxy.drain_time(settings, controller),
        stickiness=k8s_haproxy.stickiness(settings, controller),
        several=True,
        complete=False,
    )
    return Route(
        vendor=Vendor.HAPROXY,
        address=path.address,
        place=path.place,
        path=path.path,
        belief=belief,
        forwards=(Forward(pool),),
        idle=k8s_haproxy.idle(settings),
        covers_all=path.everything,
    )


# --- The AWS Load Balancer Controller -------------------------------------------------------


def _balanced(entries: Sequence[Entry], cluster: Cluster, declared: Declared) -> list[Topology]:
    if not entries:
        return []
    draft = Draft(entries[0].ingress.source, k8s_alb.WORDS)
    services = {
        id(path): service
        for entry in entries
        for path in entry.paths
        if (service := cluster.service(path))
    }
    k8s_alb.write(
        draft,
        [k8s_alb.Balanced(e.ingress, e.served, e.paths) for e in entries],
        services,
    )
    topology = aws.read([draft.finish()], declared)
    own: dict[int, list[Route]] = {}
    for route in topology.routes:
        own.setdefault(_entry_of(route, entries), []).append(route)
    parts = [Topology((), topology.listeners, tuple(own.pop(-1, ())), topology.pools)]
    for at, entry in enumerate(entries):
        routes, bare = _with_faults(own.get(at, []), entry, Vendor.AWS)
        parts += [Topology(routes=tuple(routes)), bare]
    return parts


def _entry_of(route: Route, entries: Sequence[Entry]) -> int:
    """The Ingress in whose text a route stands; -1 where it is none."""
    place = route.place
    for at, entry in enumerate(entries):
        root, same = entry.ingress.root, place.source is entry.ingress.source
        if same and isinstance(place, Span) and root.start <= place.start <= root.end:
            return at
    return -1


# --- What has no effect ---------------------------------------------------------------------


def _with_faults(
    routes: Sequence[Route], entry: Entry, vendor: Vendor
) -> tuple[list[Route], Topology]:
    """Routes that are believed to carry WebSockets take the faults about idle time; what is left
    is told of the Ingress as a whole."""
    idle = next((route.idle for route in routes), None)
    faults = [fault for fault in entry.faults if not fault.harmless(idle)]
    believed = any(route.belief.level >= Level.LIKELY for route in routes)
    taken = [f for f in faults if believed and f.purpose is Purpose.IDLE]
    left = [fault for fault in faults if fault not in taken]
    records = tuple(fault.record() for fault in taken)
    changed = [
        replace(route, ineffective=(*route.ineffective, *records))
        if route.belief.level >= Level.LIKELY
        else route
        for route in routes
    ]
    return changed, _bare(left, k8s_paths.address(entry.ingress), vendor)


def _services(cluster: Cluster, entries: Sequence[Entry]) -> Topology:
    """Annotations of Services that nobody acts on."""
    behind = {
        id(service): entry.served.controller
        for entry in entries
        for path in entry.paths
        if (service := cluster.service(path))
    }
    parts = [
        _bare(
            (
                *k8s_faults.of_service(service, behind.get(id(service))),
                *k8s_faults.among_labels(service),
            ),
            f"service[{service.name}]",
            Vendor.AWS,
        )
        for service in cluster.of("Service")
    ]
    return Topology(
        routes=tuple(chain.from_iterable(part.routes for part in parts)),
        pools=tuple(chain.from_iterable(part.pools for part in parts)),
    )


def _bare(faults: Iterable[Fault], address: str, vendor: Vendor) -> Topology:
    """Nothing but the faults. That somebody asked for it is reason enough to tell."""
    routes, pools = [], []
    for fault in faults:
        record, place = fault.record(), fault.annotation.place
        belief = Belief(Level.LIKELY, f"somebody set `{fault.annotation.name}` for it")
        if fault.purpose is Purpose.IDLE:
            route = Route(vendor, address, place, "", belief, ineffective=(record,))
            routes.append(route)
        elif fault.purpose is not Purpose.UPGRADE:
            check = HealthCheck(CheckKind.UNKNOWN, place)
            pools.append(_told(record, check, address, vendor, belief))
    return Topology(routes=tuple(routes), pools=tuple(pools))


def _told(
    record: Ineffective, check: HealthCheck, address: str, vendor: Vendor, belief: Belief
) -> Pool:
    return Pool(
        vendor,
        address,
        address,
        record.setting.place,
        belief,
        (),
        check,
        ineffective=(record,),
        complete=False,
    )
