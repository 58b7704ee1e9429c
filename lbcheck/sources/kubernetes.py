"""Kubernetes manifests → topology: what the controllers make of Ingresses and Services.

The settings in force are resolved in the words of each controller; behind that the rules are
those of its proxy. An annotation without effect is put on the thing that it was meant for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import chain

from lbcheck.model import Declared, Source, Topology
from lbcheck.sources import k8s_balanced, k8s_bare, k8s_cluster, k8s_paths, k8s_proxied, k8s_unread
from lbcheck.sources.k8s_controller import Controller


def read(sources: Sequence[Source], declared: Declared) -> Topology:
    """What every manifest says, folder by folder."""
    folders: dict[str, list[Source]] = {}
    for source in sources:
        folder = os.path.dirname(source.path or source.name)
        folders.setdefault(folder, []).append(source)
        source.roots = (folder,)
    parts = [part for members in folders.values() for part in _folder(members, declared)]
    return _joined(tuple(sources), parts)


def _folder(sources: Sequence[Source], declared: Declared) -> list[Topology]:
    cluster = k8s_cluster.gather(sources)
    k8s_unread.say(cluster, declared)
    entries = k8s_cluster.entries(cluster, declared)
    ways = [path for entry in entries for path in entry.paths]
    believed = k8s_paths.beliefs(ways, cluster.services, declared)
    beliefs = dict(zip(map(id, ways), believed, strict=True))
    balanced = [entry for entry in entries if entry.served.controller is Controller.AWS]
    return [
        *(k8s_proxied.read(e, cluster, beliefs) for e in entries if e not in balanced),
        *k8s_balanced.ingresses(balanced, cluster, declared),
        *k8s_balanced.services(cluster, declared),
        k8s_proxied.config_maps(cluster, entries, declared),
        k8s_bare.services(cluster, entries),
        k8s_bare.workloads(cluster),
        k8s_bare.config_maps(cluster),
    ]


def _joined(sources: tuple[Source, ...], parts: Iterable[Topology]) -> Topology:
    parts = tuple(parts)
    return Topology(
        sources,
        tuple(chain.from_iterable(part.listeners for part in parts)),
        tuple(chain.from_iterable(part.routes for part in parts)),
        tuple(chain.from_iterable(part.pools for part in parts)),
    )
