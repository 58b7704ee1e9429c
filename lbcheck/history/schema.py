"""The tables of the history, and the way from each older schema to this one."""

from __future__ import annotations

import sqlite3

APPLICATION = 0x6C62636B  # "lbck": tells a history from any other SQLite file
VERSION = 2

_TABLES = """
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again, whatever is pruned
  time INTEGER NOT NULL,                 -- seconds since 1970, by the clock of that run
  duration REAL NOT NULL,
  exit_code INTEGER NOT NULL,
  error TEXT NOT NULL,                   -- why the run failed; '' where it did not
  reminder INTEGER NOT NULL,             -- 1: it told everything that is open
  digest TEXT NOT NULL                   -- JSON, lbcheck-report/1
) STRICT;
CREATE TABLE findings (
  fingerprint TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  path TEXT NOT NULL,                    -- the name of its source
  last_run INTEGER NOT NULL,             -- the last run that saw it
  last_time INTEGER NOT NULL,
  known TEXT NOT NULL                    -- JSON: the finding, and what it was seen with
) STRICT, WITHOUT ROWID;
CREATE TABLE changes (
  run INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (run, fingerprint)
) STRICT, WITHOUT ROWID;
CREATE INDEX changes_of ON changes (fingerprint, run);
CREATE TABLE sources (
  name TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  detail TEXT NOT NULL,
  since_run INTEGER NOT NULL,            -- the run from which on it is as it is
  since_time INTEGER NOT NULL,
  circle TEXT NOT NULL                   -- JSON: names of those that are read with it
) STRICT, WITHOUT ROWID;
CREATE TABLE targets (
  source TEXT NOT NULL,
  pool TEXT NOT NULL,
  target TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  since_run INTEGER NOT NULL,
  since_time INTEGER NOT NULL,
  last_time INTEGER NOT NULL DEFAULT 0,  -- when it was seen last
  PRIMARY KEY (source, pool, target)
) STRICT, WITHOUT ROWID;
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL,
  channel TEXT NOT NULL,
  event TEXT NOT NULL UNIQUE,            -- run and channel: no event is queued twice
  payload TEXT NOT NULL,                 -- JSON, lbcheck-report/1
  attempts INTEGER NOT NULL,
  next_try INTEGER NOT NULL
) STRICT;
"""

_STEPS = {
    1: (
        "CREATE INDEX changes_of ON changes (fingerprint, run);\n"
        "ALTER TABLE targets ADD COLUMN last_time INTEGER NOT NULL DEFAULT 0;\n"
    ),
}
"""SQL that leads from a version to the next one"""


def create(database: sqlite3.Connection) -> None:
    """The tables of this version, in the transaction that is open."""
    _run(database, _TABLES)
    database.execute(f"PRAGMA application_id = {APPLICATION}")
    database.execute(f"PRAGMA user_version = {VERSION}")


def migrate(database: sqlite3.Connection, version: int) -> None:
    """Lead an older schema to this one, in the transaction that is open."""
    for step in range(version, VERSION):
        _run(database, _STEPS[step])
    database.execute(f"PRAGMA user_version = {VERSION}")


def _run(database: sqlite3.Connection, script: str) -> None:
    """Statement by statement: `executescript` would commit what is open."""
    for statement in script.split(";\n"):
        if statement.strip():
            database.execute(statement)
