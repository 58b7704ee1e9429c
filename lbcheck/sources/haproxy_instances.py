"""Which HAProxy files are loaded together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from lbcheck.model import Declared, Source, Topology
from lbcheck.sources import detect, haproxy
from lbcheck.sources.files import Files


def read(sources: Sequence[Source], files: Files, declared: Declared) -> Topology:
    """The topology of HAProxy files that were found, each instance for itself."""
    groups = list(_instances(sources, files))
    topology = haproxy.read(groups, files, declared)
    for group in groups:
        for source in group:
            source.roots += (group[0].name,)
    members = tuple(source for group in groups for source in group)
    return replace(topology, sources=members)


def _instances(sources: Sequence[Source], files: Files) -> Iterator[list[Source]]:
    """HAProxy instances: the `*.cfg` of a folder are one (`haproxy -f folder`, in C-locale order)
    unless several of them have a `global` section and so stand alone."""
    folders: dict[str, list[Source]] = {}
    for source in sources:
        folders.setdefault(os.path.dirname(source.path or ""), []).append(source)
    for folder, members in folders.items():
        ordered = sorted(members, key=lambda source: source.path or "")
        whole = [s for s in ordered if detect.has_haproxy_global(s.text or "")]
        if len(ordered) == 1 and not whole:
            ordered = _siblings(folder, ordered[0], files)
        if len(whole) > 1:
            yield from ([source] for source in ordered)
        else:
            yield ordered


def _siblings(folder: str, fragment: Source, files: Files) -> list[Source]:
    """The files that are loaded together with a fragment that was named alone."""
    if fragment.path is None:
        return [fragment]
    try:
        listed = os.listdir(folder)
    except OSError:  # a folder may be passed through and yet not be listed (--x)
        return [fragment]
    names = sorted(n for n in listed if n.endswith(".cfg") and not n.startswith("."))
    group = [files.open(os.path.join(folder, name), detect.HAPROXY) for name in names]
    group = [s for s in group if detect.kind_of(s.path or "", s.text or "") == detect.HAPROXY]
    whole = sum(detect.has_haproxy_global(source.text or "") for source in group)
    return group if whole == 1 and fragment in group else [fragment]
