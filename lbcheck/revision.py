"""Read what git holds of a revision: nothing is checked out, fetched or run.

A repository is hostile: neither hooks, filters, monitors nor remote helpers that its configuration
names are started, and what is written stays in the folder that was asked for.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from lbcheck.errors import UsageError

_SAFE = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "core.sshCommand=false")
_SECONDS = 120
_BATCH_BYTES = 64_000_000
_FETCH = "fetch the history first (`git fetch --unshallow`; actions/checkout: `fetch-depth: 0`)"


class Blob(Struct, frozen=True):
    """A file of a revision. `link`: its content is where it leads."""

    id: str
    size: int
    link: bool = False


class Revision(Struct, frozen=True):
    """A commit: the repository's root, its own id, and every file by its path."""

    root: str
    commit: str
    blobs: Mapping[str, Blob]


def revision(root: str, name: str) -> Revision:
    """Where the history of HEAD and a revision parted.

    Raises: UsageError where git, the revision or the history between them is missing.
    """
    if name.startswith("-") or not name:
        raise UsageError(f"--since {name}: is no revision")
    commit = _commit(root, name)
    done = _run(root, "merge-base", "--end-of-options", commit, "HEAD")
    base = done.stdout.decode("ascii", "replace").strip()
    if not base and _shallow(root):
        raise UsageError(f"--since {name}: this clone is too shallow to compare with it: {_FETCH}")
    blobs = dict(_listed(root, base or commit))
    sound = {path: blob for path, blob in blobs.items() if not _below_a_file(path, blobs)}
    return Revision(root, base or commit, sound)


def _commit(root: str, name: str) -> str:
    done = _run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}")
    commit = done.stdout.decode("ascii", "replace").strip()
    if commit:
        return commit
    if done.stderr.strip():
        raise UsageError(f"--since {name}: {_said(done.stderr)}")
    if _shallow(root):
        raise UsageError(f"--since {name}: is not in this shallow clone: {_FETCH}")
    raise UsageError(f"--since {name}: is no revision of {root}: is it fetched?")


def _shallow(root: str) -> bool:
    return _run(root, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"


def _listed(root: str, commit: str) -> Iterator[tuple[str, Blob]]:
    """Every file of a commit; not what submodules hold, nor a path that leads out of the tree."""
    done = _run(root, "ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", commit)
    if done.returncode:
        raise UsageError(f"--since: {_said(done.stderr)}")
    for line in done.stdout.split(b"\0"):
        about, _, path = line.partition(b"\t")
        words = about.split()
        name = path.decode("utf-8", "surrogateescape")
        if len(words) == 4 and words[1] == b"blob" and words[3].isdigit() and _inside(name):
            yield name, Blob(words[2].decode("ascii"), int(words[3]), words[0] == b"120000")


def _inside(path: str) -> bool:
    steps = path.split("/")
    return not any(step in ("", ".", "..") or step.lower() == ".git" for step in steps)


def _below_a_file(path: str, blobs: Mapping[str, Blob]) -> bool:
    """Is the folder it is in a file or a link as well? git stores such a tree, and what would be
    written by way of the link lands wherever that leads."""
    at = path.find("/")
    while at > 0:
        if path[:at] in blobs:
            return True
        at = path.find("/", at + 1)
    return False


def write(of: Revision, paths: Iterable[str], folder: str) -> None:
    """Write files of a revision below an empty folder. Links that lead out of it are left out.

    Raises: UsageError for content that git does not have, or that cannot be written.
    """
    try:
        _write(of, paths, folder)
    except (OSError, ValueError) as error:  # a link may lead to what is no path
        told = f"the files of {of.commit[:12]} cannot be written to {folder}: {error}"
        raise UsageError(f"--since: {told}") from None


def _write(of: Revision, paths: Iterable[str], folder: str) -> None:
    wanted = sorted(path for path in set(paths) if path in of.blobs)
    links = [path for path in wanted if of.blobs[path].link]
    for batch in _batches(of, [path for path in wanted if not of.blobs[path].link]):
        for path, data in zip(batch, _contents(of, batch), strict=True):
            place = os.path.join(folder, path)
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "xb") as file:
                file.write(data)
    for path, data in zip(links, _contents(of, links), strict=True):
        place = os.path.join(folder, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.symlink(data, place)
    top = os.path.join(os.path.realpath(folder), "")
    for path in links:
        if not os.path.realpath(os.path.join(folder, path)).startswith(top):
            os.unlink(os.path.join(folder, path))


def _batches(of: Revision, paths: list[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for path in paths:
        if batch and size + of.blobs[path].size > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(path)
        size += of.blobs[path].size
    if batch:
        yield batch


def _contents(of: Revision, paths: list[str]) -> Iterator[bytes]:
    """`git cat-file --batch` answers `ID blob SIZE`, a line end, the content and a line end."""
    if not paths:
        return
    asked = "".join(f"{of.blobs[path].id}\n" for path in paths).encode("ascii")
    done = _run(of.root, "cat-file", "--batch", asked=asked)
    at = 0
    for path in paths:
        size = of.blobs[path].size
        start = done.stdout.find(b"\n", at) + 1
        if done.stdout[at:start].split()[1:] != [b"blob", b"%d" % size]:
            raise UsageError(f"--since: git does not have {path} of {of.commit[:12]}: fetch it")
        yield done.stdout[start : start + size]
        at = start + size + 1


def _run(root: str, *arguments: str, asked: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    settings = [word for setting in _SAFE for word in ("-c", setting)]
    command = ["git", "--no-pager", "--no-replace-objects", *settings, "-C", root, *arguments]
    # Of git's own variables none is taken over: a hook's GIT_DIR may be another repository's.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",  # git 2.45; before that no protocol is left to fetch with
        "GIT_ALLOW_PROTOCOL": "none",
    }
    try:
        return subprocess.run(
            command, input=asked, capture_output=True, env=environment, timeout=_SECONDS
        )
    except FileNotFoundError:
        raise UsageError("--since needs git, which is not here") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"--since: git did not answer within {_SECONDS} s") from None
    except OSError as error:
        raise UsageError(f"--since: git cannot be run: {error.strerror}") from None


def _said(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines() or ["git failed"]
    return lines[0].removeprefix("fatal: ")[:300]
