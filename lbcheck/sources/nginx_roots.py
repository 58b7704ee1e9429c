"""Which nginx files stand on their own, and which are read through another that includes them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from msgspec.structs import replace

from lbcheck.model import Declared, Source, Topology
from lbcheck.regex import regex
from lbcheck.sources import detect, nginx, nginx_include
from lbcheck.sources.files import Files

_INCLUDE = regex(r"(?m)^[ \t]*+include[ \t]++([^;#\n]++);")
_MAX_PARENTS = 8


def read(sources: Sequence[Source], files: Files, declared: Declared) -> Topology:
    """The topology of nginx files that were found, fragments through the root that includes them.

    A fragment whose root is not there stands for itself.
    """
    roots = [source for source in sources if detect.is_nginx_root(source.text or "")]
    roots += _roots_above(sources, roots, files)
    reached = nginx_include.reach(roots, files)
    left = [s for s in sources if s not in roots and s.path not in reached]
    mains = [*roots, *(s for s in left if not _included(s, left))]
    topology = nginx.read(mains, files, declared)
    for main in mains:
        for source in nginx_include.touched([main], files):
            source.roots += (main.name,)
    touched = tuple(nginx_include.touched(mains, files))
    return replace(topology, sources=touched)


def _roots_above(sources: Sequence[Source], roots: Sequence[Source], files: Files) -> list[Source]:
    """Roots that were not found themselves, but include a fragment that was."""
    found: list[Source] = []
    reached = nginx_include.reach(roots, files)
    for fragment in sources:
        if fragment in roots or fragment.path in reached:
            continue
        root = _root_of(fragment, files)
        if root is not None and root not in found:
            found.append(root)
            reached |= nginx_include.reach([root], files)
    return found


def _root_of(fragment: Source, files: Files) -> Source | None:
    """The nginx.conf above a fragment that includes it, if there is one."""
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
    from fnmatch import fnmatchcase

    path = fragment.path
    for other in others:
        if other is fragment:
            continue
        for pattern in _INCLUDE.findall(other.text or ""):
            tail = pattern.strip().strip("\"'").lstrip("./")
            if fnmatchcase(path, f"*/{tail}"):
                return True
    return False
