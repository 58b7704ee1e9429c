"""Tell the findings that were known before from those that are new.

A fault is known by its file and by one of its marks (`finding.Identity`), and as often as it was
counted: one more of the same is new. A file that went away and one that nobody knew are the same
file, renamed, where the faults of both say so and no other file could be meant.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import compress
from typing import Annotated, Protocol

from msgspec import Meta, Struct
from msgspec.structs import replace

from lbcheck.finding import Confidence, Finding, Problem, Severity
from lbcheck.model import Source, Status

Marks = tuple[str, ...]
_MOST_ALIKE = 1000
"""Of more files with one fault that went away, nobody can tell which is which"""


class Entry(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One known fault. `address` and `message` are for readers: nothing is decided by them.

    `path` is seen from the folder of what is known, or the name of what is no `file`; `marks` as in
    `Identity`; `seen_from` are the other files through which it is seen. The same fault with a
    worse `severity` is new.
    """

    path: str
    code: str
    severity: Severity
    confidence: Confidence
    marks: Annotated[Marks, Meta(min_length=1, max_length=100)]
    count: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    address: str = ""
    message: str = ""
    seen_from: tuple[str, ...] = ()
    file: bool = True


class Comparison(Struct, frozen=True):
    """A run beside what was known.

    `matched`: each known finding with its entry; `gone`: entries that this run would have seen
    and did not, their `count` being how many are missing; `left`: those it says nothing about.
    """

    new: tuple[Finding, ...]
    matched: tuple[tuple[Finding, Entry], ...]
    gone: tuple[Entry, ...]
    left: tuple[Entry, ...]


class Run(Struct, frozen=True):
    """What a run has read, and what it did not ask: rules that are `off`, a rule that `crashed`.

    `undecided`: sources with values that nobody can know by reading.
    """

    sources: tuple[Source, ...]
    off: Collection[str] = ()
    crashed: bool = False
    undecided: Collection[Source] = ()


class Knowing(Protocol):
    """What tells the findings it knew, and how a report calls what it knows."""

    @property
    def name(self) -> str: ...

    def compare(self, findings: Sequence[Finding], run: Run, /) -> Comparison: ...

    def about(self, comparison: Comparison, /) -> list[tuple[str, Problem]]:
        """What is to be said of the comparison itself: codes of rules and problems."""
        ...


class Known(Struct, frozen=True):
    """What was known, and where it is looked for.

    Args:
        name: how a report calls what is known: "in the baseline".
        paths: every source there was; one that is not among them may be a renamed one.
        root: the folder that paths are seen from.
        folders: those that this run walks through.
        confidence: the least that this run asks for.
        said: what is to be said of the comparison itself.
    """

    name: str
    entries: tuple[Entry, ...]
    paths: frozenset[str]
    root: str
    folders: tuple[str, ...] = ()
    confidence: Confidence = Confidence.LIKELY
    said: Callable[[Comparison], list[tuple[str, Problem]]] = lambda comparison: []

    def about(self, comparison: Comparison) -> list[tuple[str, Problem]]:
        return self.said(comparison)

    def compare(self, findings: Sequence[Finding], run: Run) -> Comparison:
        """Findings beside what was known."""
        paths = {source: path_of(source, self.root) for source in run.sources}
        desk = _Desk(self, findings, paths)
        desk.match({})
        desk.match(_renamed(desk, self, set(paths.values())))
        left = [replace(e, count=n) for e, n in zip(self.entries, desk.counts, strict=True) if n]
        seen = _Seen(self, run, paths)
        missing = [seen.missing(entry) for entry in left]
        pairs = desk.pairs
        return Comparison(
            new=tuple(finding for finding in findings if id(finding) not in pairs),
            matched=tuple((f, pairs[id(f)]) for f in findings if id(f) in pairs),
            gone=tuple(compress(left, missing)),
            left=tuple(e for e, is_gone in zip(left, missing, strict=True) if not is_gone),
        )

    def vanished(self, path: str) -> bool:
        """Did this run walk the folder that a path is in, and the file is not there any more?"""
        place = os.path.normpath(os.path.join(self.root, path))
        walked = tuple(os.path.join(os.path.realpath(folder), "") for folder in self.folders)
        return place.startswith(walked) and not os.path.lexists(place)


def entries(findings: Iterable[Finding], root: str) -> list[Entry]:
    """The findings as they are to be known."""
    return counted(_entry(finding, root) for finding in findings if eligible(finding))


def counted(found: Iterable[Entry]) -> list[Entry]:
    """Equal entries are one, with their count; by path, rule and address, whatever order they
    came in."""
    kept: dict[tuple[str, str, Marks, Severity], Entry] = {}
    for entry in sorted(found, key=_order):
        key = entry.path, entry.code, entry.marks, entry.severity
        before = kept.get(key)
        kept[key] = replace(before, count=before.count + entry.count) if before else entry
    return list(kept.values())


def _order(entry: Entry) -> tuple[str, str, str, Marks, str]:
    return entry.path, entry.code, entry.address, entry.marks, entry.message


def eligible(finding: Finding) -> bool:
    """Can it be known at all? What lbcheck could not read or do (LB9xx) never is."""
    return not finding.code.startswith("LB9")


def path_of(source: Source, root: str) -> str:
    """A source's path below the root, the same from whichever folder it is named."""
    if source.path is None:
        return _writable(source.name)
    folder, name = os.path.split(source.path)
    return _writable(os.path.relpath(os.path.join(os.path.realpath(folder), name), root))


def _writable(text: str) -> str:
    """JSON holds no lone surrogates, which stand for bytes that are no text."""
    return text.encode("utf-8", "backslashreplace").decode()


def _entry(finding: Finding, root: str) -> Entry:
    source, identity = finding.location.source, finding.identity
    return Entry(
        path=path_of(source, root),
        code=finding.code,
        severity=finding.severity,
        confidence=finding.confidence,
        marks=identity.marks,
        address=_writable(finding.address or ""),
        message=_writable(finding.message),
        seen_from=tuple(sorted(path_of(other, root) for other in identity.seen_from)),
        file=source.path is not None,
    )


class _Desk:
    """What is not matched yet: how often each entry is still open, and findings by path."""

    def __init__(
        self, known: Known, findings: Sequence[Finding], paths: Mapping[Source, str]
    ) -> None:
        self.known = known.entries
        self.counts = [entry.count for entry in known.entries]
        self.pairs: dict[int, Entry] = {}
        self._findings = [
            (finding, paths.get(source) or path_of(source, known.root))
            for finding in findings
            if eligible(finding)
            for source in (finding.location.source,)
        ]
        self._by_mark: dict[tuple[str, str], list[int]] = {}
        for number, entry in enumerate(known.entries):
            for mark in entry.marks:
                self._by_mark.setdefault((entry.path, mark), []).append(number)

    def open_findings(self) -> list[tuple[Finding, str]]:
        return [pair for pair in self._findings if id(pair[0]) not in self.pairs]

    def match(self, renamed: Mapping[str, str]) -> None:
        """Pair findings with entries: first where all marks agree, then where one does.

        Args: renamed: the old path of a new one.
        """
        for whole in (True, False):
            for finding, path in self.open_findings():
                number = self._entry_for(finding, renamed.get(path, path), whole)
                if number is not None:
                    self.counts[number] -= 1
                    self.pairs[id(finding)] = self.known[number]

    def _entry_for(self, finding: Finding, path: str, whole: bool) -> int | None:
        marks = finding.identity.marks
        for number in (n for mark in marks for n in self._by_mark.get((path, mark), ())):
            entry = self.known[number]
            fits = not whole or entry.marks == marks
            if self.counts[number] and fits and finding.severity.rank <= entry.severity.rank:
                return number
        return None


def _renamed(desk: _Desk, known: Known, present: Collection[str]) -> dict[str, str]:
    """The old paths of files that got a new one. Those that keep most of their path go first."""
    old: dict[str, set[str]] = {}
    for entry, count in zip(desk.known, desk.counts, strict=True):
        if count and entry.file and entry.path not in present and _vanished(entry.path, known.root):
            for mark in entry.marks:
                old.setdefault(mark, set()).add(entry.path)
    candidates = {
        (before, path)
        for finding, path in desk.open_findings()
        if path not in known.paths and finding.location.source.path is not None
        for mark in finding.identity.marks
        for before in old.get(mark, ())
        if len(old[mark]) <= _MOST_ALIKE
    }
    return _one_to_one(candidates)


def _one_to_one(candidates: set[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    taken: set[str] = set()
    ranks: dict[int, list[tuple[str, str]]] = {}
    for pair in candidates:
        ranks.setdefault(_alike(*pair), []).append(pair)
    for _, pairs in sorted(ranks.items(), reverse=True):
        free = [(old, new) for old, new in pairs if old not in taken and new not in found]
        olds, news = Counter(old for old, _ in free), Counter(new for _, new in free)
        for old, new in free:
            if olds[old] == news[new] == 1:
                found[new] = old
                taken.add(old)
    return found


def _alike(before: str, after: str) -> int:
    """How many of their last names two paths share."""
    shared = 0
    for one, other in zip(reversed(before.split("/")), reversed(after.split("/")), strict=False):
        if one != other:
            break
        shared += 1
    return shared


def _vanished(path: str, root: str) -> bool:
    return not os.path.lexists(os.path.join(root, path))


class _Seen:
    """What this run would have seen, were it still there. With anything unread: nothing."""

    def __init__(self, known: Known, run: Run, paths: Mapping[Source, str]) -> None:
        self._known, self._off = known, run.off
        self._whole = not run.crashed and all(s.status is Status.READ for s in run.sources)
        self._read = {
            path
            for source, path in paths.items()
            if not source.rootless and source not in run.undecided
        }

    def missing(self, entry: Entry) -> bool:
        """Would this run have found it?"""
        return (
            self._whole
            and entry.code not in self._off
            and entry.confidence.level >= self._known.confidence.level
            and all(self._looked_at(path, entry.file) for path in (entry.path, *entry.seen_from))
        )

    def _looked_at(self, path: str, file: bool) -> bool:
        return path in self._read or (file and self._known.vanished(path))
