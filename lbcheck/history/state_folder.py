"""The folder in which scheduled runs keep what they know, and the lock that one of them holds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lbcheck.errors import StateError

HISTORY = "history.db"
_LOCK = "lock"


def chosen(given: str | None, environment: Mapping[str, str]) -> str:
    """`--state`, else systemd's `$STATE_DIRECTORY`, else below the XDG state folder.

    systemd separates several folders by colons (systemd.exec(5)); the first one is taken. An XDG
    path that is not absolute does not count (XDG base directory specification 0.8).
    """
    if given:
        return given
    ours = environment.get("STATE_DIRECTORY", "").split(":")[0]
    if ours:
        return ours
    top = environment.get("XDG_STATE_HOME", "")
    if not os.path.isabs(top):
        top = os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(top, "lbcheck")


def prepare(folder: str) -> None:
    """Make the folder, readable for its owner only, where it is not there.

    Raises: StateError.
    """
    try:
        os.makedirs(os.path.dirname(os.path.abspath(folder)), exist_ok=True)
        if not os.path.isdir(folder):
            os.mkdir(folder, 0o700)
    except OSError as error:
        raise StateError(f"{folder}: the state folder cannot be made: {error.strerror}") from None


@contextmanager
def locked(folder: str) -> Iterator[bool]:
    """Is this the only run? False: another one holds the lock. It ends with its process, however
    that ends.

    Raises: StateError where the lock file cannot be made.
    """
    import fcntl

    path = os.path.join(folder, _LOCK)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise StateError(f"{path}: the lock cannot be made: {error.strerror}") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError as error:  # a network file system without locks
            raise StateError(f"{path}: cannot be locked: {error.strerror}") from None
        yield True
    finally:
        os.close(descriptor)
