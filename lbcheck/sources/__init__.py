"""From paths to a topology: find the files, tell their kind, hand them to their reader.

Adding a vendor means a reader module, a kind in `detect`, and a line in `READERS`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from lbcheck.model import Declared, Source, Topology, Trouble
from lbcheck.sources import detect
from lbcheck.sources.files import Files

_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", ".git", ".venv", ".terraform"})


class Wanted(Struct, frozen=True):
    """What is to be read. `kind` overrides detection; `exclude` are globs on shown paths: nothing
    is told of those files, though they are read where others need them (an include)."""

    paths: tuple[str, ...] = ()
    kind: str | None = None
    exclude: tuple[str, ...] = ()
    skip_unknown: bool = False
    """pass over named files that are no configuration, as in folders (a pre-commit hook)"""
    extra: tuple[Source, ...] = ()
    """sources that are already in memory: standard input, AWS snapshots"""


class Found(Struct, frozen=True):
    """Sources by kind, and the named files that are no configuration lbcheck knows."""

    by_kind: dict[str, list[Source]]
    unknown: tuple[Source, ...]


def read(wanted: Wanted, files: Files, declared: Declared) -> Topology:
    """Everything that was asked for, as one topology. Never raises for what a file holds.

    Args: wanted: paths must exist; files: where texts come from; declared: what the user says
    beforehand.
    """

    def left_out(path: str) -> bool:
        return _excluded(files.relative(path), wanted.exclude)

    found = find(wanted, files)
    topologies = [
        READERS[kind](sources, files, declared)
        for kind, sources in found.by_kind.items()
        if sources
    ]
    read_sources = [source for topology in topologies for source in topology.sources]
    linked = {real for link, real in files.links.items() if not left_out(link)}
    for source in read_sources if wanted.exclude else ():
        # Another file includes it, or leads to it: what it says counts there.
        path = source.path
        source.left_out = path is not None and path not in linked and left_out(path)
    kept = (source for source in read_sources if not source.left_out)
    return _joined(topologies, (*kept, *found.unknown))


def _joined(topologies: Sequence[Topology], sources: tuple[Source, ...]) -> Topology:
    def whole() -> Topology:
        return _joined([t.whole() if t.whole else t for t in topologies], sources)

    return Topology(
        sources,
        listeners=tuple(thing for t in topologies for thing in t.listeners),
        routes=tuple(thing for t in topologies for thing in t.routes),
        pools=tuple(thing for t in topologies for thing in t.pools),
        whole=whole if any(t.whole for t in topologies) else None,
    )


def find(wanted: Wanted, files: Files) -> Found:
    """Sort paths into kinds. In folders what is not a configuration is passed over in silence;
    a file that was named and cannot be told is `unknown` (the result is then incomplete)."""
    by_kind: dict[str, list[Source]] = {kind: [] for kind in detect.KINDS}
    unknown: list[Source] = []
    for source in wanted.extra:
        by_kind[source.kind].append(source)
    refused: list[OSError] = []
    for path, named in _candidates(wanted, files, refused):
        source = files.open(path, wanted.kind or "")
        kind = wanted.kind or detect.kind_of(path, source.text or "")
        if source.unread and kind is None:
            if named or detect.sure(path) or not os.access(path, os.R_OK):
                unknown.append(_of_kind(source, "unknown"))
        elif kind is not None:
            by_kind[kind].append(_of_kind(source, kind))
        elif named and not wanted.skip_unknown:
            unknown.append(_unknown(source))
    unknown += [_closed(error, files) for error in refused]
    return Found(by_kind, tuple(unknown))


def _closed(error: OSError, files: Files) -> Source:
    """A folder that could not be listed: nobody knows what is in it."""
    path = str(error.filename)
    source = Source(files.shown(path), "unknown", "", path)
    source.unread = True
    message = f"the folder cannot be read: {error.strerror}"
    source.troubles.append(Trouble(message, remedy="check its permissions, or --exclude it"))
    return source


def _of_kind(source: Source, kind: str) -> Source:
    source.kind = kind
    return source


def _unknown(source: Source) -> Source:
    source.kind, source.unread = "unknown", True
    if (source.text or "").strip():
        said = "is no configuration of a load balancer that lbcheck can tell"
        remedy = "name its kind with --type, or leave it out"
    else:
        said, remedy = "is empty", "leave it out"
    source.troubles.append(Trouble(said, remedy=remedy))
    return source


def _candidates(wanted: Wanted, files: Files, refused: list[OSError]) -> Iterator[tuple[str, bool]]:
    """Every path to look at, and whether it was named itself. Each file once, links included.
    Folders that cannot be listed are added to `refused`."""
    seen: set[str] = set()
    for path in wanted.paths:
        named = not os.path.isdir(path)
        for candidate in [path] if named else _walk(path, refused):
            real = os.path.realpath(candidate)
            if real not in seen and not _excluded(files.relative(candidate), wanted.exclude):
                seen.add(real)
                yield candidate, named


def _excluded(shown: str, patterns: Sequence[str]) -> bool:
    if not patterns:
        return False
    from fnmatch import fnmatchcase

    return any(fnmatchcase(shown, pattern) for pattern in patterns)


def _walk(folder: str, refused: list[OSError]) -> Iterator[str]:
    for parent, folders, names in os.walk(folder, onerror=refused.append):
        folders[:] = sorted(
            name for name in folders if name not in _SKIPPED_FOLDERS and not name.startswith(".")
        )
        for name in sorted(names):
            path = os.path.join(parent, name)
            if not name.startswith(".") and detect.candidate(path) and os.path.isfile(path):
                yield path


def _nginx(sources: Sequence[Source], files: Files, declared: Declared) -> Topology:
    from lbcheck.sources import nginx_roots

    return nginx_roots.read(sources, files, declared)


def _haproxy(sources: Sequence[Source], files: Files, declared: Declared) -> Topology:
    from lbcheck.sources import haproxy_instances

    return haproxy_instances.read(sources, files, declared)


def _aws(sources: Sequence[Source], files: Files, declared: Declared) -> Topology:
    from lbcheck.sources import aws, aws_snapshot

    folders: dict[str, list[Source]] = {}
    for source in sources:
        folders.setdefault(os.path.dirname(source.path or source.name), []).append(source)
    snapshots = [s for members in folders.values() for s in aws_snapshot.load_all(members)]
    for snapshot in snapshots:
        for part in (snapshot, *snapshot.beside):
            part.source.roots = (snapshot.source.name,)
    topology = aws.read(snapshots, declared)
    return Topology(tuple(sources), topology.listeners, topology.routes, topology.pools)


def _kubernetes(sources: Sequence[Source], files: Files, declared: Declared) -> Topology:
    from lbcheck.sources import kubernetes

    return kubernetes.read(sources, declared)


def _cloudformation(sources: Sequence[Source], files: Files, declared: Declared) -> Topology:
    from lbcheck.sources import cloudformation

    return cloudformation.read(sources, declared)


def _terraform(sources: Sequence[Source], files: Files, declared: Declared) -> Topology:
    from lbcheck.sources import terraform

    return terraform.read(sources, files, declared)


def _terraform_plan(sources: Sequence[Source], files: Files, declared: Declared) -> Topology:
    from lbcheck.sources import terraform_plan

    return terraform_plan.read(sources, declared)


READERS: dict[str, Callable[[Sequence[Source], Files, Declared], Topology]] = {
    detect.NGINX: _nginx,
    detect.HAPROXY: _haproxy,
    detect.AWS: _aws,
    detect.KUBERNETES: _kubernetes,
    detect.CLOUDFORMATION: _cloudformation,
    detect.TERRAFORM: _terraform,
    detect.TERRAFORM_PLAN: _terraform_plan,
}
