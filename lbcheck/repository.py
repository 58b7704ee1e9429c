"""Where a checkout begins: the nearest folder above that has a `.git`."""

from __future__ import annotations

import os

_MAX_PARENTS = 40


def root_of(folder: str) -> str:
    """The root of the repository that an absolute folder is in, or ""."""
    for _ in range(_MAX_PARENTS):
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return ""
        folder = parent
    return ""
