"""From paths to a topology: find the files, tell their kind, hand them to their reader.

Adding a vendor means a reader module, a kind in `detect`, and a line in `READERS`.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from lbcheck.model import Declared, Source, Topology, Trouble
from lbcheck.sources import detect
from lbcheck.sources.files import Files

_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", ".git", ".venv", ".terraform"})
_INCLUDE = re.compile(r"(?m)^[ \t]*+include[ \t]++([^;#\n]++);")
_MAX_PARENTS = 8


class Wanted(Struct, frozen=True):
    """What is to be read. `kind` overrides detection; `exclude` are globs on shown paths."""

    paths: tuple[str, ...] = ()
    kind: str | None = None
    exclude: tuple[str, ...] = ()
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
    found = find(wanted, files)
    topologies = [
        READERS[kind](sources, files, declared)
        for kind, sources in found.by_kind.items()
        if sources
    ]
    return Topology(
        sources=(*(s for t in topologies for s in t.sources), *found.unknown),
        listeners=tuple(thing for t in topologies for thing in t.listeners),
        routes=tuple(thing for t in topologies for thing in t.routes),
        pools=tuple(thing for t in topologies for thing in t.pools),
    )


def find(wanted: Wanted, files: Files) -> Found:
    """Sort paths into kinds. In folders what is not a configuration is passed over in silence;
    a file that was named and cannot be told is `unknown` (the result is then incomplete)."""
    by_kind: dict[str, list[Source]] = {kind: [] for kind in detect.KINDS}
    unknown: list[Source] = []
    for source in wanted.extra:
        by_kind[source.kind].append(source)
    for path, named in _candidates(wanted, files):
        source = files.open(path, wanted.kind or "")
        kind = wanted.kind or detect.kind_of(path, source.text or "")
        if kind is None and source.unread and detect.candidate(path):
            unknown.append(_of_kind(source, "unknown"))
        elif kind is not None:
            by_kind[kind].append(_of_kind(source, kind))
        elif named:
            unknown.append(_unknown(source))
    return Found(by_kind, tuple(unknown))


def _of_kind(source: Source, kind: str) -> Source:
    source.kind = kind
    return source


def _unknown(source: Source) -> Source:
    source.kind, source.unread = "unknown", True
    remedy = "name its kind with --type, or leave it out"
    source.troubles.append(
        Trouble("is no nginx, HAProxy or AWS configuration lbcheck can tell", remedy=remedy)
    )
    return source


def _candidates(wanted: Wanted, files: Files) -> Iterator[tuple[str, bool]]:
    """Every path to look at, and whether it was named itself. Each file once, links included."""
    seen: set[str] = set()
    for path in wanted.paths:
        named = not os.path.isdir(path)
        for candidate in [path] if named else _walk(path):
            real = os.path.realpath(candidate)
            if real not in seen and not _excluded(files.shown(candidate), wanted.exclude):
                seen.add(real)
                yield candidate, named


def _excluded(shown: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(shown, pattern) for pattern in patterns)


def _walk(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in _SKIPPED_FOLDERS and not name.startswith(".")
        )
        for name in sorted(names):
            path = os.path.join(parent, name)
            if not name.startswith(".") and detect.candidate(path) and os.path.isfile(path):
                yield path


def _read_nginx(sources: Sequence[Source], files: Files, declared: Declared) -> Topology:
    from lbcheck.sources import nginx, nginx_include

    roots = [source for source in sources if _stands_alone(source)]
    reached = nginx_include.reach(roots, files)
    fragments = [source for source in sources if source.path not in reached and source not in roots]
    for fragment in list(fragments):
        root = _root_of(fragment, files)
        if root is not None:
            fragments.remove(fragment)
            if root not in roots:
                roots.append(root)
    reached = nginx_include.reach(roots, files)
    fragments = [f for f in fragments if f.path not in reached and not _included(f, fragments)]
    topology = nginx.read([*roots, *fragments], files, declared)
    return _with_sources(topology, nginx_include.touched([*roots, *fragments], files))


def _stands_alone(source: Source) -> bool:
    return detect.is_nginx_root(source.text or "")


def _root_of(fragment: Source, files: Files) -> Source | None:
    """The nginx.conf above a fragment that includes it, if there is one."""
    from lbcheck.sources import nginx_include

    if fragment.path is None:
        return None
    folder = os.path.dirname(fragment.path)
    for _ in range(_MAX_PARENTS):
        for name in ("nginx.conf", "nginx/nginx.conf", "etc/nginx/nginx.conf"):
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                root = files.open(path, detect.NGINX)
                if fragment.path in nginx_include.reach([root], files):
                    return root
        if os.path.isdir(os.path.join(folder, ".git")) or folder == os.path.dirname(folder):
            return None
        folder = os.path.dirname(folder)
    return None


def _included(fragment: Source, others: Sequence[Source]) -> bool:
    """Does another fragment include this one? Told by the path's tail: the root is not known."""
    if fragment.path is None:
        return False
    path = fragment.path
    for other in others:
        if other is fragment:
            continue
        for pattern in _INCLUDE.findall(other.text or ""):
            tail = pattern.strip().strip("\"'").lstrip("./")
            if fnmatch.fnmatchcase(path, f"*/{tail}"):
                return True
    return False


def _read_haproxy(sources: Sequence[Source], files: Files, declared: Declared) -> Topology:
    from lbcheck.sources import haproxy

    groups = list(_instances(sources, files))
    topology = haproxy.read(groups, files, declared)
    return _with_sources(topology, [source for group in groups for source in group])


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
    names = sorted(n for n in os.listdir(folder) if n.endswith(".cfg") and not n.startswith("."))
    group = [files.open(os.path.join(folder, name), detect.HAPROXY) for name in names]
    group = [s for s in group if detect.kind_of(s.path or "", s.text or "") == detect.HAPROXY]
    whole = sum(detect.has_haproxy_global(source.text or "") for source in group)
    return group if whole == 1 and fragment in group else [fragment]


def _read_aws(sources: Sequence[Source], files: Files, declared: Declared) -> Topology:
    from lbcheck.sources import aws, aws_snapshot

    folders: dict[str, list[Source]] = {}
    for source in sources:
        folders.setdefault(os.path.dirname(source.path or source.name), []).append(source)
    snapshots = [s for members in folders.values() for s in aws_snapshot.load_all(members)]
    return _with_sources(aws.read(snapshots, declared), sources)


def _with_sources(topology: Topology, sources: Sequence[Source]) -> Topology:
    return Topology(tuple(sources), topology.listeners, topology.routes, topology.pools)


READERS: dict[str, Callable[[Sequence[Source], Files, Declared], Topology]] = {
    detect.NGINX: _read_nginx,
    detect.HAPROXY: _read_haproxy,
    detect.AWS: _read_aws,
}
