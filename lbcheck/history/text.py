"""Show what runs found: a digest, a list of runs, the difference of two of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lbcheck.compare import Moved
from lbcheck.history.digest import Change, Digest, Remembered, State, Unread
from lbcheck.reporters.visible import visible


def shown(digest: Digest, *, again: bool = False) -> str:
    """A digest for people: the headline, then a line for each thing.

    Args: again: the run that found it was cut short before anybody was told.
    """
    lines = [
        f"lbcheck report: {digest.headline}",
        f"run {digest.run}, {digest.time}" + (" (told late: it was cut short)" if again else ""),
    ]
    blocks = (
        [_change(change) for change in digest.changes],
        [line for source in digest.unread for line in _unread(source)],
        [f"read again  {name}" for name in digest.recovered],
        [_open(finding) for finding in digest.open],
        [_moved(target) for target in digest.moved],
    )
    for block in blocks:
        if block:
            lines += ["", *block]
    codes = sorted({change.finding.code for change in digest.changes})
    if codes:
        lines += ["", f"more: lbcheck explain {codes[0]}; lbcheck report show {digest.run}"]
    return "".join(f"{visible(line)}\n" for line in lines)


def listed(digests: Iterable[Digest]) -> str:
    """Runs, one in a line."""
    lines = (
        f"{digest.run:>6}  {digest.time}  exit {digest.exit_code}  {visible(digest.headline)}"
        for digest in digests
    )
    return "".join(f"{line}\n" for line in lines)


def differences(changes: Iterable[Change]) -> str:
    """What is another way in a later run than in an earlier one."""
    return "".join(f"{visible(_change(change))}\n" for change in changes) or "nothing changed\n"


def _change(change: Change) -> str:
    before = f" (was {change.before.value})" if change.before else ""
    return f"{change.state.value:10}{_finding(change.finding)}{before}"


def _finding(finding: Remembered) -> str:
    return f"{finding.severity.value}[{finding.code}] {finding.where}: {finding.message}"


def _open(finding: Remembered) -> str:
    return f"{State.OPEN.value:10}{_finding(finding)} (since {finding.seen})"


def _unread(source: Unread) -> Iterator[str]:
    news = "" if source.new else f" (since {source.since})"
    for line in source.detail.splitlines() or ["no reason is known"]:
        yield f"{source.status:10}{source.source}: {line.removeprefix(f'{source.source}: ')}{news}"


def _moved(target: Moved) -> str:
    reason = f" ({target.reason})" if target.reason else ""
    return f"{'target':10}{target}{reason}"
