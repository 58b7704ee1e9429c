"""Ingresses and Services with a load balancer of AWS → its routes."""

from __future__ import annotations

from collections.abc import Sequence

from lbcheck.model import Declared, Route, Span, Topology, Vendor
from lbcheck.sources import aws, k8s_alb, k8s_bare, k8s_classic, k8s_gateway, k8s_nlb
from lbcheck.sources.aws_written import Draft
from lbcheck.sources.k8s_cluster import Cluster, Entry


def services(cluster: Cluster, declared: Declared) -> list[Topology]:
    """The Services that have a load balancer of their own, and what Gateways lead to."""
    own = k8s_nlb.of(cluster.objects)
    parts = [k8s_classic.read(cluster.of("Service"), declared)]
    if own:
        draft = Draft(own[0].source, k8s_nlb.WORDS)
        k8s_nlb.write(draft, own)
        parts.append(aws.read([draft.finish()], declared))
    configured = k8s_gateway.configured(cluster.objects)
    if configured:
        draft = Draft(configured[0].source, k8s_gateway.WORDS)
        k8s_gateway.write(draft, cluster.objects)
        parts.append(aws.read([draft.finish()], declared))
    return parts


def ingresses(entries: Sequence[Entry], cluster: Cluster, declared: Declared) -> list[Topology]:
    """The Ingresses that the AWS Load Balancer Controller serves."""
    if not entries:
        return []
    draft = Draft(entries[0].ingress.source, k8s_alb.WORDS)
    behind = {
        id(path): service
        for entry in entries
        for path in entry.paths
        if (service := cluster.service(path))
    }
    k8s_alb.write(
        draft,
        [k8s_alb.Balanced(e.ingress, e.served, e.paths) for e in entries],
        behind,
    )
    topology = aws.read([draft.finish()], declared)
    own: dict[int, list[Route]] = {}
    for route in topology.routes:
        own.setdefault(_entry_of(route, entries), []).append(route)
    parts = [Topology((), topology.listeners, tuple(own.pop(-1, ())), topology.pools)]
    for at, entry in enumerate(entries):
        routes, bare = k8s_bare.with_faults(
            own.get(at, []), entry.faults, entry.ingress, Vendor.AWS
        )
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
