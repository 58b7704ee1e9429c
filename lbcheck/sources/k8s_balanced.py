"""Ingresses and Services with a load balancer of AWS → its routes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from math import inf

from msgspec.structs import replace

from lbcheck.model import Declared, Place, Pool, Route, Source, Span, Topology, Vendor
from lbcheck.sources import aws, k8s_alb, k8s_bare, k8s_classic, k8s_gateway, k8s_nlb, k8s_workload
from lbcheck.sources.aws_written import Draft
from lbcheck.sources.k8s_alb_rules import Balanced
from lbcheck.sources.k8s_cluster import Cluster, Entry
from lbcheck.sources.k8s_objects import Object


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
    on_nodes = k8s_alb.write(
        draft,
        [
            Balanced(e.ingress, e.served, e.paths, at, cluster.params(e.served.name))
            for at, e in enumerate(entries)
        ],
        behind,
    )
    topology = aws.read([draft.finish()], declared)
    running = {p.service: w for e in entries for p in e.paths if (w := cluster.workload(p))}
    pools = tuple(
        _with_workload(k8s_alb.with_node_stickiness(pool, on_nodes), running)
        for pool in topology.pools
    )
    own: dict[int, list[Route]] = {}
    owner_of = _Owners(entries)
    for route in topology.routes:
        own.setdefault(owner_of.find(route.place), []).append(route)
    parts = [Topology((), topology.listeners, tuple(own.pop(-1, ())), pools)]
    for at, entry in enumerate(entries):
        routes, bare = k8s_bare.with_faults(
            own.get(at, []), entry.faults, entry.ingress, Vendor.AWS
        )
        parts += [Topology(routes=tuple(routes)), bare]
    return parts


def _with_workload(pool: Pool, running: dict[str, Object]) -> Pool:
    """A target group with what runs its pods, by the name of its Service."""
    workload = running.get(pool.name)
    if workload is None:
        return pool
    made = k8s_workload.deployment(workload)
    return replace(pool, deployments=(*pool.deployments, made))


class _Owners:
    """Finds the Ingress in whose text a place is."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._spans: dict[Source, list[tuple[int, int, int]]] = {}
        for at, entry in enumerate(entries):
            root, spans = entry.ingress.root, self._spans.setdefault(entry.ingress.source, [])
            spans.append((root.start, root.end, at))
        for spans in self._spans.values():
            spans.sort()

    def find(self, place: Place) -> int:
        """Its number; -1 where it is none."""
        if not isinstance(place, Span):
            return -1
        spans = self._spans.get(place.source, [])
        before = bisect_right(spans, (place.start, inf, 0)) - 1
        return spans[before][2] if before >= 0 and place.start <= spans[before][1] else -1
