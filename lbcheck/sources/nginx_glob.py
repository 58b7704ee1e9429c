"""Expand the patterns of nginx includes as glob(3) does for nginx, within bounds."""

from __future__ import annotations

import os
import re

MAX_ENTRIES = 200_000
"""directory entries looked at for one pattern: `/*/*/*/*` must not read a whole disk"""


class NotFoundError(Exception):
    """What an include names cannot be found; `remedy` is what to do about it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def is_pattern(name: str) -> bool:
    """Does nginx take this name for a pattern (ngx_conf_include: `strpbrk(name, "*?[")`)?"""
    return any(sign in name for sign in "*?[")


def expand(pattern: str) -> list[str]:
    """The paths that match, in byte order; dot files only where the pattern names the dot.

    Raises NotFoundError where too many entries would have to be looked at.
    """
    head, *parts = pattern.split("/")
    paths, budget = [head], MAX_ENTRIES
    for part in parts:
        if not is_pattern(part):
            paths = [f"{path}/{part}" for path in paths]
            continue
        found = []
        for path in paths:
            names = _names(path or "/")
            budget -= len(names)
            if budget < 0:
                message = f"`{pattern}` looks at more than {MAX_ENTRIES:,} files"
                raise NotFoundError(message, "name the folders")
            found += [f"{path}/{name}" for name in matching(names, part)]
        paths = found
    return sorted((path for path in paths if os.path.lexists(path)), key=os.fsencode)


def matching(names: list[str], pattern: str) -> list[str]:
    """The names one part of a pattern stands for."""
    from fnmatch import translate

    fits = re.compile(translate(pattern)).match
    dots = pattern.startswith(".")
    return [name for name in names if fits(name) and (dots or not name.startswith("."))]


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
