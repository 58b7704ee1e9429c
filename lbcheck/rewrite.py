"""Rewrite several files, all of them or none."""

from __future__ import annotations

import os
from collections.abc import Sequence

from msgspec import Struct

from lbcheck import whole_file
from lbcheck.errors import UsageError


class Rewrite(Struct, frozen=True):
    """A file, what it holds and what it is to hold: UTF-8, other bytes as `surrogateescape`."""

    path: str
    before: str
    after: str


def rewrite(changes: Sequence[Rewrite], folders: Sequence[str]) -> None:
    """Write every file, each by way of a temporary one.

    Args: folders: nothing is written outside of them, whatever a link leads to.

    Raises: UsageError naming the file that is outside, that has changed since it was read or that
    cannot be written; then no file is changed.
    """
    within = [os.path.realpath(folder) for folder in folders]
    for change in changes:
        _check(change, within)
    for done, change in enumerate(changes):
        try:
            whole_file.write(change.path, _bytes(change.after))
        except OSError as error:
            restore(changes[:done])
            raise UsageError(f"{change.path}: cannot be written: {error.strerror}") from None


def restore(changes: Sequence[Rewrite]) -> None:
    """Let the files hold what they held.

    Raises: UsageError naming a file that cannot be written.
    """
    for change in changes:
        try:
            whole_file.write(change.path, _bytes(change.before))
        except OSError as error:
            raise UsageError(f"{change.path}: cannot be restored: {error.strerror}") from None


def _check(change: Rewrite, within: Sequence[str]) -> None:
    target = os.path.realpath(change.path)
    if not any(os.path.commonpath((target, folder)) == folder for folder in within):
        raise UsageError(f"{change.path}: outside of what was named: nothing is written")
    try:
        with open(target, "rb") as file:
            same = file.read() == _bytes(change.before)
    except OSError as error:
        raise UsageError(f"{change.path}: cannot be read: {error.strerror}") from None
    if not same:
        raise UsageError(f"{change.path}: has changed since it was read: nothing is written")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
