"""The manifests of one folder, which are applied together: Ingresses and what belongs to them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from lbcheck.model import Declared, Vendor
from lbcheck.sources import (
    k8s_faults,
    k8s_locations,
    k8s_misplaced,
    k8s_paths,
    k8s_settings,
    k8s_snippets,
    yaml_tree,
)
from lbcheck.sources.k8s_controller import Controller, Served, served
from lbcheck.sources.k8s_faults import Fault
from lbcheck.sources.k8s_objects import Object
from lbcheck.sources.k8s_paths import Path
from lbcheck.sources.k8s_settings import ConfigMap
from lbcheck.sources.yaml_tree import Mapping, Node

VENDORS = {
    Controller.AWS: Vendor.AWS,
    Controller.INGRESS_NGINX: Vendor.NGINX,
    Controller.NGINX_INC: Vendor.NGINX,
    Controller.HAPROXY_INGRESS: Vendor.HAPROXY,
    Controller.HAPROXY_TECH: Vendor.HAPROXY,
}
HAPROXY = (Controller.HAPROXY_INGRESS, Controller.HAPROXY_TECH)
Pairs = frozenset[tuple[str, str]]
_APIS = ("networking.k8s.io/", "extensions/")
_WORKLOADS = ("Deployment", "StatefulSet", "ReplicaSet")


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
    workloads: dict[tuple[str, str, str], list[tuple[Pairs, Object]]]
    """with the labels of their pods, by namespace and each label"""

    def of(self, kind: str) -> list[Object]:
        return [thing for thing in self.objects if thing.kind == kind]

    def service(self, path: Path) -> Object | None:
        return self.services.get((path.ingress.namespace, path.service))

    def workload(self, path: Path) -> Object | None:
        """What runs the pods of a path's Service, where it is here."""
        service = self.service(path)
        wanted = _pairs(service.at("spec", "selector")) if service else frozenset()
        space = path.ingress.namespace
        for labels, workload in self.workloads.get((space, *min(wanted)), ()) if wanted else ():
            if wanted <= labels:
                return workload
        return None

    def params(self, class_name: str) -> Object | None:
        """The IngressClassParams of a class."""
        for thing in self.of("IngressClass") if class_name else ():
            wanted = thing.text("spec", "parameters", "name")
            if thing.name == class_name and wanted:
                params = self.of("IngressClassParams")
                return next((found for found in params if found.name == wanted), None)
        return None

    def master(self, minion: Object) -> Object | None:
        """The master of mergeable Ingresses that a minion belongs to: it has the same host."""
        hosts = {path.host for path in k8s_paths.of(minion)}
        for ingress in self.of("Ingress"):
            if k8s_faults.is_master(ingress) and hosts & set(k8s_paths.hosts(ingress)):
                return ingress
        return None


def gather(objects: Sequence[Object]) -> Cluster:
    """Put the objects of one folder together."""
    services = {(t.namespace, t.name): t for t in objects if t.kind == "Service"}
    workloads: dict[tuple[str, str, str], list[tuple[Pairs, Object]]] = {}
    for thing in objects:
        if thing.kind in _WORKLOADS:
            labels = _pairs(thing.at("spec", "template", "metadata", "labels"))
            for pair in labels:
                workloads.setdefault((thing.namespace, *pair), []).append((labels, thing))
    return Cluster(tuple(objects), services, k8s_settings.config_maps(objects), workloads)


def _pairs(node: Node | None) -> Pairs:
    """Labels, or a selector of them."""
    entries = node.entries() if isinstance(node, Mapping) else ()
    return frozenset((key.text, yaml_tree.text(value) or "") for key, value in entries)


def entries(cluster: Cluster, declared: Declared) -> list[Entry]:
    """Every Ingress with its controller, its paths, and the annotations without effect."""
    known = cluster.of("IngressClass")
    classes = {thing.name: thing.text("spec", "controller") or "" for thing in known}
    usual = [thing.name for thing in known if _is_default(thing)]
    found = []
    for ingress in cluster.of("Ingress"):
        if not (ingress.text("apiVersion") or "").startswith(_APIS):
            continue  # OpenShift and Knative have objects of that name, too
        who = served(ingress, classes, usual[0] if len(usual) == 1 else "", declared)
        faults = (
            *k8s_faults.of_ingress(ingress, who),
            *k8s_snippets.faults(ingress, who.controller),
            *k8s_misplaced.of(ingress),
        )
        added = k8s_locations.of(ingress, who.controller)
        found.append(Entry(ingress, who, (*k8s_paths.of(ingress), *added), faults))
    return found


def _is_default(ingress_class: Object) -> bool:
    found = ingress_class.annotations.get("ingressclass.kubernetes.io/is-default-class")
    return found is not None and found.text == "true"
