"""Ingresses that a proxy in the cluster serves → routes of nginx or HAProxy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lbcheck.model import (
    Belief,
    CheckKind,
    Declared,
    Forward,
    HealthCheck,
    Level,
    Listener,
    Origin,
    Pool,
    Route,
    Topology,
    Vendor,
)
from lbcheck.sources import (
    k8s_bare,
    k8s_faults,
    k8s_haproxy,
    k8s_locations,
    k8s_nginx,
    k8s_paths,
    k8s_unread,
    k8s_workload,
)
from lbcheck.sources.k8s_cluster import HAPROXY, VENDORS, Cluster, Entry
from lbcheck.sources.k8s_controller import TITLES, Controller, Served
from lbcheck.sources.k8s_objects import say
from lbcheck.sources.k8s_paths import Path
from lbcheck.sources.k8s_settings import ConfigMap, Settings


def read(entry: Entry, cluster: Cluster, beliefs: dict[int, Belief]) -> Topology:
    """An Ingress in front of which a proxy stands in the cluster."""
    controller = entry.served.controller
    if controller is None:
        _unknown(entry, beliefs)
        return k8s_bare.bare(entry.faults, k8s_paths.address(entry.ingress), Vendor.NGINX)
    _say_guess(entry, controller, beliefs)
    routes, faults = [], list(entry.faults)
    for path in entry.paths:
        if path.body is not None:
            routes.append(k8s_locations.route(path, path.body, beliefs[id(path)]))
            continue
        settings = _settings(entry, path, controller, cluster)
        make = _haproxy_route if controller in HAPROXY else _nginx_route
        routes.append(make(path, controller, settings, beliefs[id(path)]))
        faults += [fault for fault in settings.faults if fault not in faults]
    routes, bare = k8s_bare.with_faults(routes, faults, entry.ingress, VENDORS[controller])
    pools = tuple(forward.pool for route in routes for forward in route.forwards)
    listener = Listener(
        VENDORS[controller],
        k8s_paths.address(entry.ingress),
        entry.ingress.place,
        tuple(routes),
        tls=entry.ingress.at("spec", "tls") is not None,
    )
    return Topology((), (listener,), (*routes, *bare.routes), (*pools, *bare.pools))


def _say_guess(entry: Entry, controller: Controller, beliefs: dict[int, Belief]) -> None:
    """Where WebSockets pass, it makes a difference which controller of a family it is."""
    believed = any(beliefs[id(path)].level >= Level.LIKELY for path in entry.paths)
    if entry.served.guessed and believed:
        name, title = entry.served.name, TITLES[controller]
        said = f"{title} serves the class `{name}` (else --param ingress.controller=NAME)"
        entry.ingress.source.assumed[said] = None


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
    else:
        k8s_unread.pass_over(entry.ingress)


def _settings(entry: Entry, path: Path, controller: Controller, cluster: Cluster) -> Settings:
    """The settings of one path. A minion has those of its master that it does not set itself."""
    ingress, service = entry.ingress, cluster.service(path)
    things = [service] if service and controller in HAPROXY else []
    things.append(ingress)
    minion = controller is Controller.NGINX_INC and k8s_faults.is_minion(ingress)
    master = cluster.master(ingress) if minion else None
    settings = Settings(
        entry.served, [*things, master] if master else things, cluster.config_maps.get(controller)
    )
    settings.settled &= not minion or master is not None
    settings.settled &= not any(fault.refused for fault in entry.faults)
    settings.workload = cluster.workload(path)
    return settings


def _pool(path: Path, settings: Settings, belief: Belief, **known: Any) -> Pool:
    """A Service. Its pods are known to Kubernetes only."""
    workload = settings.workload
    return Pool(
        name=path.service,
        address=f"{path.address}/service[{path.service}]",
        belief=belief,
        targets=(),
        several=workload is None or workload.text("spec", "replicas") not in (None, "1"),
        deployments=(k8s_workload.deployment(workload),) if workload else (),
        complete=False,
        **known,
    )


def _nginx_route(path: Path, controller: Controller, settings: Settings, belief: Belief) -> Route:
    tried = settings.find("affinity")
    pool = _pool(
        path,
        settings,
        belief,
        vendor=Vendor.NGINX,
        place=tried.place if tried else settings.place,
        check=HealthCheck(CheckKind.UNKNOWN, settings.place),
        drain_time=k8s_nginx.drain_time(settings, controller),
        stickiness=k8s_nginx.stickiness(settings, controller, path.service),
        ineffective=k8s_nginx.broken_stickiness(settings, controller, path),
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
        limits=k8s_nginx.limits(settings, controller),
        unknown=tuple(settings.unknown.values()),
        covers_all=path.everything,
    )


def _haproxy_route(path: Path, controller: Controller, settings: Settings, belief: Belief) -> Route:
    pool = _pool(
        path,
        settings,
        belief,
        vendor=Vendor.HAPROXY,
        place=settings.place,
        check=k8s_haproxy.check(settings, controller),
        drain_time=k8s_haproxy.drain_time(settings, controller),
        stickiness=k8s_haproxy.stickiness(settings, controller),
    )
    return Route(
        vendor=Vendor.HAPROXY,
        address=path.address,
        place=path.place,
        path=path.path,
        belief=belief,
        forwards=(Forward(pool),),
        idle=k8s_haproxy.idle(settings, controller),
        unknown=tuple(settings.unknown.values()),
        covers_all=path.everything,
    )


def config_maps(cluster: Cluster, entries: Sequence[Entry], declared: Declared) -> Topology:
    """ConfigMaps of controllers none of whose Ingresses is here: what is set for all of them."""
    seen = {entry.served.controller for entry in entries}
    paths = declared.websocket_paths
    belief = Belief(Level.POSSIBLE, "any HTTP route may carry WebSockets")
    if paths:
        said = f"the profile declares `{paths[0]}`, and this is for every path"
        belief = Belief(Level.LIKELY, said, declared=True)
    routes = [
        _of_all(controller, config_map, belief)
        for controller, config_map in cluster.config_maps.items()
        if controller not in seen
    ]
    return Topology(routes=tuple(routes), pools=tuple(r.forwards[0].pool for r in routes))


def _of_all(controller: Controller, config_map: ConfigMap, belief: Belief) -> Route:
    thing = config_map.thing
    settings = Settings(Served(controller, thing.place), (), config_map)
    haproxy = controller in HAPROXY
    drains = k8s_haproxy.drain_time if haproxy else k8s_nginx.drain_time
    idle = (
        k8s_haproxy.idle(settings, controller) if haproxy else k8s_nginx.idle(settings, controller)
    )
    own = f"config-map[{thing.name}]"
    check = HealthCheck(CheckKind.UNKNOWN, thing.place)
    vendor = VENDORS[controller]
    pool = Pool(
        vendor,
        own,
        own,
        thing.place,
        belief,
        (),
        check,
        drains(settings, controller),
        complete=False,
    )
    written = idle is not None and idle.origin is not Origin.DEFAULT
    return Route(
        vendor, own, thing.place, "", belief, (Forward(pool),), idle=idle if written else None
    )
