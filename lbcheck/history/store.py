"""The history on disk: one SQLite file, and one transaction a run.

Whatever moment a run is killed at, the next one finds the state before it or after it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from lbcheck.compare import Spot
from lbcheck.history.compare import Outcome
from lbcheck.history.database import Database
from lbcheck.history.digest import Digest, State, decoded
from lbcheck.history.memory import Known, KnownSource, KnownTarget, Memory
from lbcheck.history.state_folder import HISTORY


class Event(Struct, frozen=True):
    """Something that a channel has to tell. `run` numbers the run that found it."""

    id: int
    run: int
    channel: str
    attempts: int
    digest: Digest


class Store:
    """The open history of one state folder.

    Raises: StateError from every method, with what to do; the file then is as it was.
    """

    def __init__(self, folder: str) -> None:
        self._file = Database(os.path.join(folder, HISTORY))
        self._database = self._file.connection

    def close(self) -> None:
        self._file.close()

    def memory(self) -> Memory:
        """What the next run must know."""
        with self._file.told():
            last = self._database.execute(
                "SELECT id, time, error FROM runs ORDER BY id DESC LIMIT 1"
            ).fetchone()
            if last is None:
                return Memory(run=self._numbered())
            return Memory(
                run=self._numbered(),
                time=last[1],
                error=last[2],
                reminded=self._time("reminder = 1") or self._time("true", "id") or 0,
                judged=self._time("error = ''"),
                findings=dict(self._findings()),
                sources={source.name: source for source in self._sources()},
                targets=dict(self._targets()),
            )

    def add(
        self,
        digest: Digest,
        *,
        time: int,
        duration: float,
        outcome: Outcome | None,
        channels: tuple[str, ...],
        cutoff: int,
    ) -> None:
        """Store one run, whole or not at all.

        Args:
            outcome: None for a run that failed: what is known stays as it is.
            channels: who has to tell the digest; none where there is nothing to say.
            cutoff: what ended before this time is forgotten.
        """
        payload = digest.encoded().decode()
        with self._file.transaction() as database:
            reminder = int(any(reason.value == "reminder" for reason in digest.reasons))
            database.execute(
                "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)",
                (digest.run, time, duration, digest.exit_code, digest.error, reminder, payload),
            )
            if outcome is not None:
                self._learn(digest.run, outcome)
            database.executemany(
                "INSERT INTO outbox (run, channel, event, payload, attempts, next_try)"
                " VALUES (?, ?, ?, ?, 0, 0)",
                [(digest.run, name, f"{digest.run}/{name}", payload) for name in channels],
            )
            self._forget(cutoff)

    def pending(self, now: int) -> list[Event]:
        """What is still to be told and due, the oldest first; what a channel has to tell after
        something that it must wait for waits, too. One that is due further away than a day was
        put off by a clock that was wrong."""
        with self._file.told():
            rows = self._database.execute(
                "SELECT id, run, channel, attempts, payload FROM outbox AS mine WHERE NOT EXISTS"
                " (SELECT 1 FROM outbox AS earlier WHERE earlier.channel = mine.channel AND"
                " earlier.id <= mine.id AND earlier.next_try BETWEEN ? AND ?) ORDER BY id",
                (now + 1, now + 86400),
            ).fetchall()
            return [Event(id_, run, to, tries, decoded(said)) for id_, run, to, tries, said in rows]

    def settle(self, event: Event) -> None:
        """It was told: never tell it again."""
        with self._file.transaction() as database:
            database.execute("DELETE FROM outbox WHERE id = ?", (event.id,))

    def put_off(self, event: Event, next_try: int) -> None:
        """It could not be told: try again from this time on."""
        with self._file.transaction() as database:
            database.execute(
                "UPDATE outbox SET attempts = attempts + 1, next_try = ? WHERE id = ?",
                (next_try, event.id),
            )

    def digests(self, limit: int) -> list[Digest]:
        """The last runs, the newest first."""
        with self._file.told():
            rows = self._database.execute(
                "SELECT digest FROM runs ORDER BY id DESC LIMIT ?", (limit,)
            ).fetchall()
            return [decoded(row[0]) for row in rows]

    def digest(self, run: int) -> Digest | None:
        """One run; None where there is none (any more) with this number."""
        with self._file.told():
            row = self._database.execute("SELECT digest FROM runs WHERE id = ?", (run,)).fetchone()
            return decoded(row[0]) if row else None

    def states(self, run: int) -> dict[str, State]:
        """The state of each finding after a run, by fingerprint; what is open stays "new"."""
        with self._file.told():
            rows = self._database.execute(
                "SELECT fingerprint, state, max(run) FROM changes WHERE run <= ?"
                " GROUP BY fingerprint",
                (run,),
            ).fetchall()
            return {row[0]: msgspec.convert(row[1], State) for row in rows}

    def _time(self, of: str, order: str = "id DESC") -> int | None:
        """The time of the last run, or of the first one in another order, that is like this."""
        row = self._database.execute(f"SELECT time FROM runs WHERE {of} ORDER BY {order} LIMIT 1")
        found = row.fetchone()
        return int(found[0]) if found else None

    def _numbered(self) -> int:
        """The highest number that a run ever had."""
        row = self._database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'runs'")
        found = row.fetchone()
        return int(found[0]) if found else 0

    def _findings(self) -> Iterator[tuple[str, Known]]:
        for fingerprint, known in self._database.execute("SELECT fingerprint, known FROM findings"):
            yield fingerprint, msgspec.json.decode(known, type=Known)

    def _sources(self) -> Iterator[KnownSource]:
        for row in self._database.execute(
            "SELECT name, kind, status, detail, since_run, since_time, circle FROM sources"
        ):
            circle = msgspec.json.decode(row[-1], type=tuple[str, ...])
            yield KnownSource(row[0], row[1], row[2], row[3], row[4], row[5], circle)

    def _targets(self) -> Iterator[tuple[Spot, KnownTarget]]:
        for row in self._database.execute(
            "SELECT source, pool, target, state, reason, since_run, since_time, last_time"
            " FROM targets"
        ):
            yield (row[0], row[1], row[2]), KnownTarget(*row[3:])

    def _learn(self, run: int, outcome: Outcome) -> None:
        database = self._database
        turned = dict(outcome.turned)
        database.executemany(
            "INSERT OR REPLACE INTO findings VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    fingerprint,
                    known.state.value,
                    known.finding.path,
                    known.last_run,
                    known.last_time,
                    _json(known),
                )
                for fingerprint, known in outcome.findings.items()
                if known.last_run == run or fingerprint in turned
            ],
        )
        database.executemany(
            "INSERT INTO changes VALUES (?, ?, ?)",
            [(run, fingerprint, state.value) for fingerprint, state in outcome.turned],
        )
        database.execute("DELETE FROM sources")
        database.executemany(
            "INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (s.name, s.kind, s.status, s.detail, s.since_run, s.since_time, _json(s.circle))
                for s in outcome.sources.values()
            ],
        )
        database.execute("DELETE FROM targets")
        database.executemany(
            "INSERT INTO targets VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (*spot, t.state, t.reason, t.since_run, t.since_time, t.last_time)
                for spot, t in outcome.targets.items()
            ],
        )

    def _forget(self, cutoff: int) -> None:
        """What is over and older than the cutoff. What is open, or may be, is kept."""
        self._database.execute(
            "DELETE FROM outbox WHERE run IN (SELECT id FROM runs WHERE time < ?)", (cutoff,)
        )
        self._database.execute(
            "DELETE FROM runs WHERE time < ? AND id < (SELECT max(id) FROM runs)", (cutoff,)
        )
        self._database.execute(
            "DELETE FROM findings WHERE last_time < ? AND (state IN ('fixed', 'suppressed')"
            " OR state = 'unknown' AND path NOT IN (SELECT name FROM sources))",
            (cutoff,),
        )
        self._database.execute(
            "DELETE FROM changes WHERE fingerprint NOT IN (SELECT fingerprint FROM findings) OR "
            "run < (SELECT min(id) FROM runs) AND run < (SELECT max(later.run) FROM changes AS "
            "later WHERE later.fingerprint = changes.fingerprint"
            " AND later.run < (SELECT min(id) FROM runs))"
        )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
