"""Apply the fixes of findings, in memory, until none is left that may be applied."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from lbcheck.audit import Report
from lbcheck.finding import Edit, Finding
from lbcheck.model import Source

MAX_ROUNDS = 20

Texts = Mapping[str, str]
"""path -> what stands in the file in place of what it holds"""


class Mended(Struct, frozen=True):
    """What came of it: the changed files as they were, and as they are to be."""

    sources: tuple[Source, ...]
    texts: Texts
    applied: tuple[Finding, ...]
    report: Report
    """the audit of the new texts"""

    def files(self) -> Iterator[tuple[Source, str]]:
        """Each changed file as it was read, and what it is to hold."""
        for source in self.sources:
            yield source, self.texts[source.path or ""]


def mend(audited: Callable[[Texts], Report], *, unsafe: bool) -> Mended:
    """Audit, apply the fixes that fit together, audit the result, until there is nothing to apply.

    Args:
        audited: an audit that reads these texts in place of their files.
        unsafe: apply also fixes that may change more than what they mend.
    """
    texts: dict[str, str] = {}
    before: dict[str, Source] = {}
    applied: list[Finding] = []
    report = audited(texts)
    for _ in range(MAX_ROUNDS):
        tried = {finding.fingerprint for finding in applied}
        offered = [one for one in report.findings if one.fingerprint not in tried]
        chosen = list(_fitting(one for one in offered if applicable(one, unsafe=unsafe)))
        if not chosen:
            break
        for source, edits in _by_source(chosen):
            before.setdefault(source.path or "", source)
            texts[source.path or ""] = edited(source.text or "", edits)
        applied += chosen
        report = audited(texts)
    return Mended(tuple(before.values()), texts, tuple(applied), report)


def applicable(finding: Finding, *, unsafe: bool) -> bool:
    """Is there an edit of files for it, and may it be applied?"""
    fix = finding.fix
    if fix is None or not fix.edits or not (fix.safe or unsafe):
        return False
    return all(edit.source.path is not None for edit in fix.edits)


def edited(text: str, edits: Iterable[Edit]) -> str:
    """A text with edits made that do not touch each other."""
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _fitting(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Those whose edits touch none of a finding before; the others may follow in the next round."""
    taken: dict[Source, list[tuple[int, int]]] = {}
    for finding in findings:
        edits = finding.fix.edits if finding.fix else ()
        if any(_touching(taken.get(edit.source, ()), edit) for edit in edits):
            continue
        for edit in edits:
            insort(taken.setdefault(edit.source, []), (edit.start, edit.end))
        yield finding


def _touching(taken: Sequence[tuple[int, int]], edit: Edit) -> bool:
    at = bisect_left(taken, (edit.start, edit.start))
    near = taken[max(at - 1, 0) : at + 1]
    return any(start <= edit.end and edit.start <= end for start, end in near)


def _by_source(findings: Iterable[Finding]) -> Iterator[tuple[Source, list[Edit]]]:
    sorted_: dict[Source, list[Edit]] = {}
    for finding in findings:
        for edit in finding.fix.edits if finding.fix else ():
            sorted_.setdefault(edit.source, []).append(edit)
    return iter(sorted_.items())
