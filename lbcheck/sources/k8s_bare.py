"""Annotations without effect, put on what they were meant for, or told by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from msgspec.structs import replace

from lbcheck.model import (
    Belief,
    CheckKind,
    HealthCheck,
    Ineffective,
    Level,
    Origin,
    Pool,
    Route,
    Setting,
    Topology,
    Vendor,
)
from lbcheck.sources import k8s_faults, k8s_misplaced, k8s_nginx, k8s_paths, k8s_service
from lbcheck.sources.k8s_cluster import VENDORS, Cluster, Entry
from lbcheck.sources.k8s_controller import Controller
from lbcheck.sources.k8s_faults import Fault
from lbcheck.sources.k8s_keys import Purpose
from lbcheck.sources.k8s_objects import Object


def with_faults(
    routes: Sequence[Route], found: Iterable[Fault], ingress: Object, vendor: Vendor
) -> tuple[list[Route], Topology]:
    """Routes that are believed to carry WebSockets take the faults about idle time; what is left
    is told of the Ingress as a whole."""
    idle = next((route.idle for route in routes), None)
    faults = [fault for fault in found if not fault.harmless(idle)]
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
    return changed, bare(left, k8s_paths.address(ingress), vendor)


def services(cluster: Cluster, entries: Sequence[Entry]) -> Topology:
    """Annotations of Services that nobody acts on."""
    behind = {
        id(service): entry.served.controller
        for entry in entries
        for path in entry.paths
        if (service := cluster.service(path))
    }
    parts = [
        bare(_of_service(service, behind.get(id(service))), f"service[{service.name}]", Vendor.AWS)
        for service in cluster.of("Service")
    ]
    return _joined(parts)


def workloads(cluster: Cluster) -> Topology:
    """Annotations for a controller that stand on what runs the pods."""
    parts = [
        bare(_wanted(k8s_misplaced.of_workload(thing), thing), thing.name, Vendor.NGINX)
        for thing in cluster.objects
        if thing.kind in k8s_misplaced.WORKLOADS
    ]
    return _joined(parts)


def config_maps(cluster: Cluster) -> Topology:
    """What no controller will ever read of its ConfigMap."""
    parts = [
        bare(
            k8s_faults.of_config_map(config_map.data.values(), controller),
            f"config-map[{config_map.thing.name}]",
            VENDORS[controller],
        )
        for controller, config_map in cluster.config_maps.items()
    ]
    return _joined(parts)


def _joined(parts: Sequence[Topology]) -> Topology:
    return Topology(
        routes=tuple(chain.from_iterable(part.routes for part in parts)),
        pools=tuple(chain.from_iterable(part.pools for part in parts)),
    )


def _wanted(faults: Iterable[Fault], thing: Object, usual: float = 60.0) -> list[Fault]:
    """Without those that ask for no more than what is in force by default."""
    in_force = Setting("idle", usual, Origin.DEFAULT, thing.place)
    return [fault for fault in faults if not fault.harmless(in_force)]


def _of_service(service: Object, behind: Controller | None) -> list[Fault]:
    """Without those that ask for no more than what an NLB, or anything else, has by default."""
    usual = 350.0 if k8s_service.is_nlb(service) else 60.0
    found = [*k8s_service.of_service(service, behind), *k8s_misplaced.of(service)]
    return _wanted(found, service, usual)


def bare(faults: Iterable[Fault], address: str, vendor: Vendor) -> Topology:
    """Nothing but the faults. That somebody asked for it is reason enough to tell."""
    routes, pools = [], []
    for fault in faults:
        record, place = fault.record(), fault.annotation.place
        belief = Belief(Level.LIKELY, f"somebody set `{fault.annotation.name}` for it")
        if fault.purpose is Purpose.IDLE:
            route = Route(vendor, address, place, "", belief, ineffective=(record,))
            routes.append(route)
        elif fault.purpose is Purpose.UPGRADE:
            lost: Setting[str | None] = Setting(k8s_nginx.SERVICES, "", Origin.SET, place)
            routes.append(Route(vendor, address, place, "", belief, upgrade=lost))
        else:
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
