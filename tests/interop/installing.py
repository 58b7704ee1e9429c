"""Fetch what the servers need, as pinned beside them, into a folder that git ignores."""

from __future__ import annotations

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterable

from msgspec import Struct

ROOT = pathlib.Path(__file__).parent.parent.parent
SERVERS = pathlib.Path(__file__).parent / "servers"
FOLDER = ROOT / ".interop"
_STAMP = ".installed"


class Place(Struct, frozen=True):
    """Where servers are installed.

    source: their folder; needs: programs that must be there; commands: run one after the other.
    """

    source: str
    needs: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]


class InstallError(Exception):
    """A program is not there, or an installation failed; the text says what to do."""


def _venv(requirements: str) -> tuple[tuple[str, ...], ...]:
    pip = ("venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    return ((sys.executable, "-m", "venv", "venv"), (*pip, "--requirement", requirements))


_MAVEN = ("mvn", "--batch-mode", "--quiet", f"-Dmaven.repo.local={FOLDER / 'm2'}")
PLACES = {
    "python": Place("python", (), _venv("requirements.txt")),
    "python-11": Place("python", (), _venv("requirements-11.txt")),
    "node": Place("node", ("node", "npm"), (("npm", "ci", "--no-audit", "--no-fund"),)),
    "spring": Place(
        "spring",
        ("java", "javac", "mvn"),
        ((*_MAVEN, "compiler:compile", "dependency:copy-dependencies"),),
    ),
}
_FROM = {
    "node": "Node.js 18 or newer",
    "npm": "Node.js with npm",
    "java": "a JDK, 17 or newer",
    "javac": "a JDK, 17 or newer",
    "mvn": "Apache Maven 3.6.3 or newer",
}


def check(names: Iterable[str]) -> None:
    """Is all there that these places need? Raises: InstallError."""
    needed = {need for name in names for need in PLACES[name].needs}
    if absent := sorted(need for need in needed if shutil.which(need) is None):
        told = "; ".join(f"`{need}` comes with {_FROM[need]}" for need in absent)
        raise InstallError(f"not found: {', '.join(absent)} ({told})")


def install(name: str) -> None:
    """Install a place; one that is as pinned is left alone. Raises: InstallError."""
    place, there = PLACES[name], FOLDER / name
    stamp, pins = there / _STAMP, _digest(SERVERS / PLACES[name].source)
    if stamp.exists() and stamp.read_text() == pins:
        return
    shutil.rmtree(there, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__", "node_modules", "target")
    shutil.copytree(SERVERS / place.source, there, ignore=ignored)
    for command in place.commands:
        done = subprocess.run(
            command, cwd=there, capture_output=True, text=True, env=_environment()
        )
        if done.returncode != 0:
            said = (done.stdout + done.stderr)[-2_000:]
            raise InstallError(
                f"{name}: `{' '.join(command)}` ended with {done.returncode}:\n{said}"
            )
    stamp.write_text(pins)


def _digest(folder: pathlib.Path) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _environment() -> dict[str, str]:
    """Without PYTHONPATH, which would put other packages into the environments."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
