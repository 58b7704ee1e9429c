"""What is told of a run, before a service gives it its form: a title and short entries.

What configurations say stands in it without control characters. Each service interprets characters
of its own (`<!channel>`, `@everyone`, `**`): those are its sender's to escape.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from lbcheck.history.digest import Digest, Remembered
from lbcheck.reporters.visible import visible

MOST = 20
_LONGEST = 300


class Entry(Struct, frozen=True):
    """One thing: `label` is what it is (`new error`), `text` which and why."""

    label: str
    text: str

    def __str__(self) -> str:
        return f"{self.label}: {self.text}"


class Message(Struct, frozen=True):
    """`more` entries are not in it; `footer` says where they are."""

    title: str
    entries: tuple[Entry, ...]
    more: int
    footer: str

    @property
    def lines(self) -> list[str]:
        """The entries as text, and how many there are besides."""
        return [*map(str, self.entries), *([f"and {self.more} more"] if self.more else [])]


def message(digest: Digest, *, again: bool = False, most: int = MOST) -> Message:
    """The message of a run.

    Args: again: an earlier run found it and did not come to tell it; most: how many entries.
    """
    entries = list(_entries(digest))
    late = ", told late" if again else ""
    # A test is no run: nothing is remembered of it.
    run = f"run {digest.run}, {digest.time}{late}: lbcheck report show {digest.run}"
    footer = run if digest.run else digest.time
    return Message(
        title=cut(visible(f"lbcheck: {digest.headline}"), _LONGEST),
        entries=tuple(entries[:most]),
        more=max(0, len(entries) - most),
        footer=footer,
    )


def cut(text: str, most: int) -> str:
    """A text of at most so many characters; `...` stands for what is left out."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _entries(digest: Digest) -> Iterator[Entry]:
    for change in digest.changes:
        severity = change.finding.severity.value
        was = f", was {change.before.value}" if change.before else ""
        yield _entry(f"{change.state.value} {severity}{was}", _finding(change.finding))
    for source in digest.unread:
        yield _entry(source.status, f"{source.source}: {_one_line(source.detail)}")
    for name in digest.recovered:
        yield _entry("read again", name)
    for finding in digest.open:
        since = f" (since {finding.seen})" if finding.seen else ""
        yield _entry(f"open {finding.severity.value}", f"{_finding(finding)}{since}")
    for target in digest.moved:
        yield _entry("target", str(target))


def _entry(label: str, text: str) -> Entry:
    return Entry(label, cut(visible(text), _LONGEST))


def _finding(finding: Remembered) -> str:
    return f"{finding.code} {finding.where}: {finding.message}"


def _one_line(text: str) -> str:
    return "; ".join(text.splitlines()) or "no reason is known"


def filled(lines: Iterable[str], most: int) -> list[str]:
    """Lines as long as they have room together, each with its line end; then `...`."""
    kept: list[str] = []
    room = most
    for line in lines:
        if room - len(line) - 1 < len("..."):
            return [*kept, "..."]
        kept.append(line)
        room -= len(line) + 1
    return kept
