"""Kubernetes manifests → topology: what the controllers make of Ingresses and Services.

The settings in force are resolved in the words of each controller; behind that the rules are
those of its proxy. An annotation without effect is put on the thing that it was meant for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import chain

from lbcheck.model import Declared, Source, Topology
from lbcheck.sources import (
    k8s_balanced,
    k8s_bare,
    k8s_cluster,
    k8s_objects,
    k8s_patches,
    k8s_paths,
    k8s_proxied,
    k8s_unread,
)
from lbcheck.sources.k8s_controller import Controller
from lbcheck.sources.k8s_objects import Object


def read(sources: Sequence[Source], declared: Declared) -> Topology:
    """What every manifest says, folder by folder."""
    read = [thing for source in sources if not source.unread for thing in k8s_objects.read(source)]
    folders: dict[str, list[Object]] = {}
    for source in sources:
        source.roots = (_folder_of(source),)
    for thing in k8s_patches.applied(sources, read):
        folders.setdefault(_folder_of(thing.source), []).append(thing)
    parts = [part for members in folders.values() for part in _folder(members, declared)]
    return _joined(tuple(sources), parts)


def _folder_of(source: Source) -> str:
    return os.path.dirname(source.path or source.name)


def _folder(objects: Sequence[Object], declared: Declared) -> list[Topology]:
    cluster = k8s_cluster.gather(objects)
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
