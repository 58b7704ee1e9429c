"""Find the configuration file of a working directory: all that a run without one pays for."""

from __future__ import annotations

import os

NAMES = (".lbcheck.yaml", ".lbcheck.yml")
PYPROJECT = "pyproject.toml"
_TABLE = b"[tool.lbcheck"


def nearest(folder: str) -> str | None:
    """The nearest configuration file, not beyond the repository's root."""
    while True:
        for name in NAMES:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                return path
        path = os.path.join(folder, PYPROJECT)
        if os.path.isfile(path) and _speaks_of_lbcheck(path):
            return path
        parent = os.path.dirname(folder)
        if parent == folder or os.path.lexists(os.path.join(folder, ".git")):
            return None
        folder = parent


def _speaks_of_lbcheck(path: str) -> bool:
    """Is the table there? TOML is parsed only then. An unreadable file is no concern of ours."""
    try:
        with open(path, "rb") as file:
            return _TABLE in file.read(1_000_000)
    except OSError:
        return False
