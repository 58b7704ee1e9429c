"""Tell what a branch changed: the findings of where it began are known, all others are new.

The same audit runs over the files as they were, in a folder of their own, so what an include does
to another file's routes counts as it does in any audit.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from lbcheck import profiles, run
from lbcheck.config_search import nearest
from lbcheck.errors import UsageError
from lbcheck.finding import Finding, Problem
from lbcheck.known import Comparison, Entry, Known, Run, entries
from lbcheck.model import Source, Status
from lbcheck.repository import root_of
from lbcheck.revision import revision, write
from lbcheck.sources import detect

NO_REVISION = "--since compares files: what runs now has no revision"
_SHA1_DIGITS = 40
_MAX_CONFIGURATION = 1_000_000


class Since:
    """What was known at a revision; the audit of it runs when there is something to compare.

    Args: paths: what is audited; tell: hears of what could not be compared, a line each.

    Raises: UsageError for what has no revision, or no one that can be read.
    """

    def __init__(
        self, name: str, paths: Sequence[str], options: run.Options, tell: Callable[[str], None]
    ) -> None:
        _refuse(options)
        self.name = f"older than {name}"
        named = [*paths, options.stdin[0]] if options.stdin else paths
        self._paths, self._snapshots = [*map(_real, named)], [*map(_real, options.snapshots)]
        self._options, self._tell = options, tell
        self._at = revision(_repository([*self._paths, *self._snapshots]), name)

    def about(self, comparison: Comparison) -> list[tuple[str, Problem]]:
        """Nothing: what a branch has mended is as it should be."""
        return []

    def compare(self, findings: Sequence[Finding], now: Run) -> Comparison:
        """Findings beside those of the revision."""
        self._tell_configuration()
        if not findings:
            return Comparison((), (), (), ())
        if self._unchanged(now.sources):
            known = entries(findings, self._at.root)
        else:
            with tempfile.TemporaryDirectory(prefix="lbcheck-") as folder:
                known = self._then(os.path.realpath(folder), now.sources)
        folders = tuple(path for path in self._paths if os.path.isdir(path))
        least = self._options.min_confidence
        paths = frozenset(self._at.blobs)
        return Known(self.name, tuple(known), paths, self._at.root, folders, least).compare(
            findings, now
        )

    def _unchanged(self, sources: Iterable[Source]) -> bool:
        """Is everything as it was that an audit may look at? Then so is every finding. Files that
        are no sources count, too: one of them may hold what another misses."""
        if any(os.path.isfile(name) for name in self._options.profiles):
            return False
        read = [source.path for source in sources]
        if not all(path and self._inside(path) in self._at.blobs for path in read):
            return False
        if not all(self._same(source.path, source.text) for source in sources):
            return False
        if any(self._added(folder) for folder in {os.path.dirname(path) for path in read if path}):
            return False
        root = self._at.root
        candidates = (path for path in self._at.blobs if detect.candidate(path))
        return all(self._same_file(os.path.join(root, path)) for path in candidates)

    def _added(self, folder: str) -> bool:
        """Has it a file of a configuration that was not there?"""
        with os.scandir(folder) as entries_:
            return any(
                self._inside(entry.path) not in self._at.blobs
                for entry in entries_
                if not entry.name.startswith(".") and detect.candidate(entry.path)
                if not entry.is_dir()
            )

    def _same_file(self, path: str) -> bool:
        blob = self._at.blobs[self._inside(path)]
        try:
            if os.path.islink(path) or blob.link:
                return blob.link and self._same(path, os.readlink(path))
            if os.stat(path).st_size != blob.size:
                return False
            with open(path, "rb") as file:
                return self._same(path, file.read().decode("utf-8", "surrogateescape"))
        except OSError:
            return False

    def _same(self, path: str | None, text: str | None) -> bool:
        blob = self._at.blobs.get(self._inside(path)) if path else None
        if blob is None or text is None:
            return False
        import hashlib

        data = text.encode("utf-8", "surrogateescape")
        digest = hashlib.sha1 if len(blob.id) == _SHA1_DIGITS else hashlib.sha256
        return digest(b"blob %d\0" % len(data) + data).hexdigest() == blob.id

    def _inside(self, path: str) -> str:
        """An absolute path as the repository has it."""
        return os.path.relpath(_real(path), self._at.root)

    def _then(self, folder: str, sources: Iterable[Source]) -> list[Entry]:
        """The findings of the revision, whose files are written into a folder."""
        self._write(folder, sources)
        moved = {path: os.path.join(folder, self._inside(path)) for path in self._paths}
        there = [path for path in moved.values() if os.path.lexists(path)]
        if len(there) < len(moved):  # a new file: what it is read with was there before
            also = (os.path.join(folder, self._inside(s.path)) for s in sources if s.path)
            there += (path for path in also if os.path.isfile(path))
        saved = [os.path.join(folder, self._inside(path)) for path in self._snapshots]
        saved = [path for path in saved if os.path.lexists(path)]
        if not there and not saved:
            return []
        here = os.path.normpath(os.path.join(folder, self._inside(os.getcwd())))
        options = replace(
            self._options,
            trial=None,  # a service is as it is now
            folder=here if here.startswith(folder) else folder,
            profiles=tuple(self._profile(folder, name) for name in self._options.profiles),
            snapshots=tuple(saved),
            stdin=None,
            baseline=None,
            known=Known("", (), frozenset(), folder),
        )
        try:
            report = run.run(there, options)
        except UsageError as error:
            raise UsageError(f"at {self._at.commit[:12]}: {error}") from None
        self._tell_unread(report.sources)
        return entries(report.comparisons[0].new, folder)

    def _write(self, folder: str, sources: Iterable[Source]) -> None:
        """What an audit may look at: files by their names, links, and all that is read now."""
        blobs = self._at.blobs
        most = self._options.max_file_bytes
        named = {path for path, blob in blobs.items() if blob.link or detect.candidate(path)}
        named |= {self._inside(source.path) for source in sources if source.path}
        named |= {self._inside(name) for name in self._options.profiles if os.path.isfile(name)}
        os.mkdir(os.path.join(folder, ".git"))  # readers look no further up than this
        write(self._at, (p for p in named if p in blobs and blobs[p].size <= most), folder)

    def _profile(self, folder: str, name: str) -> str:
        """A profile of the repository as it was; any other as it is."""
        if name in profiles.available() or not os.path.isfile(name):
            return name
        then = os.path.join(folder, self._inside(name))
        return then if os.path.isfile(then) else name

    def _tell_unread(self, sources: Iterable[Source]) -> None:
        for source in sources:
            for trouble in source.troubles[:1] if source.status is not Status.READ else ():
                at = f"at {self._at.commit[:12]}, {source.name} could not be read"
                self._tell(f"{at}: {trouble.message}; what is found there may be older")

    def _tell_configuration(self) -> None:
        path = nearest(os.getcwd())
        if path is None:
            return
        try:
            with open(path, "rb") as file:
                text = file.read(_MAX_CONFIGURATION).decode("utf-8", "surrogateescape")
        except OSError:
            return
        if not self._same(path, text):
            name = os.path.relpath(path, self._at.root)
            self._tell(f"{name} has changed: what its settings alone bring up is not told as new")


def _real(path: str) -> str:
    """An absolute path whose folders are no links; the same for a file however it is named."""
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)


def _repository(paths: Iterable[str]) -> str:
    """The one repository that all of these are in."""
    roots: dict[str, str] = {}
    for path in paths:
        if not os.path.lexists(path) and not os.path.isdir(os.path.dirname(path)):
            raise UsageError(f"{path}: no such file or folder")
        root = root_of(path if os.path.isdir(path) else os.path.dirname(path))
        if not root:
            raise UsageError(f"--since: {path} is in no git repository")
        roots[root] = path
    if len(roots) != 1:
        one, other = list(roots.values())[:2]
        raise UsageError(f"--since: {one} and {other} are in different repositories")
    return next(iter(roots))


def _refuse(options: run.Options) -> None:
    if options.aws or options.processes:
        raise UsageError(NO_REVISION)
    if options.stdin is not None and options.stdin[0] == "-":
        raise UsageError("--since: say with --stdin-filename which file standard input is")
