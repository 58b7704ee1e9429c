"""The SQLite file of a history: opened, checked, made or migrated, and written in transactions.

A rollback journal and not a write-ahead log: it needs no shared memory, so that the folder may
lie on a network volume. `synchronous = EXTRA`: that a journal is gone reaches the disk, too.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from lbcheck.errors import StateError
from lbcheck.history import schema

_OLDEST = (3, 37)  # STRICT tables
_PATIENCE_S = 10.0  # somebody may be reading
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Database:
    """An open history. Raises: StateError with what to do; the file then is as it was."""

    def __init__(self, path: str) -> None:
        self.path = path
        with self.told():
            self.connection = _open(path)
        try:
            with self.told():
                self._prepare()
        except BaseException:
            self.connection.close()
            raise

    def close(self) -> None:
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of what happens here, or nothing."""
        with self.told():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise

    @contextmanager
    def told(self) -> Iterator[None]:
        """What SQLite and what is stored say, in words that help."""
        try:
            yield
        except sqlite3.Error as error:
            raise StateError(_words(self.path, error)) from None
        except msgspec.MsgspecError as error:
            raise StateError(_damaged(self.path, str(error))) from None
        except OSError as error:
            raise StateError(f"{self.path}: cannot be used: {error.strerror}") from None

    def _prepare(self) -> None:
        """Make the tables, or see that they are ours, whole and of this version."""
        application, version = self._number("application_id"), self._number("user_version")
        if application == version == 0 and self._empty():
            with self.transaction() as database:
                schema.create(database)
            return
        if application != schema.APPLICATION:
            raise StateError(f"{self.path}: is no history of lbcheck: choose another --state")
        if version > schema.VERSION:
            raise StateError(
                f"{self.path}: was written by a newer lbcheck (schema {version}, this one knows "
                f"{schema.VERSION}): use that one, or another --state"
            )
        said = self.connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if said != "ok":
            raise StateError(_damaged(self.path, " ".join(str(said).split())))
        if version < schema.VERSION:
            with self.transaction() as database:
                schema.migrate(database, version)

    def _number(self, pragma: str) -> int:
        return int(self.connection.execute(f"PRAGMA {pragma}").fetchone()[0])

    def _empty(self) -> bool:
        return self.connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None


def _open(path: str) -> sqlite3.Connection:
    """A connection; the file is made first, readable for its owner only, and SQLite gives its
    journal the same permissions."""
    if sqlite3.sqlite_version_info < _OLDEST:
        raise StateError(f"SQLite {sqlite3.sqlite_version} is too old for a history: 3.37 will do")
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
    database = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)
    database.execute("PRAGMA synchronous = EXTRA")
    database.execute("PRAGMA trusted_schema = OFF")
    return database


def _words(path: str, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DAMAGED:
        return _damaged(path, str(error))
    if code in _FULL:
        return f"{path}: cannot be written ({error}): nothing was stored; is the disk full?"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{path}: somebody else keeps it locked: nothing was stored"
    if code == sqlite3.SQLITE_CONSTRAINT:
        return f"{path}: another run stored at the same time: nothing was stored"
    return f"{path}: cannot be used: {error}"


def _damaged(path: str, what: str) -> str:
    return (
        f"{path}: is damaged ({what}): restore a copy, or move it away to begin a new history; "
        "it was not changed"
    )
