"""One scheduled run: lock, audit, compare with the runs before, store, then tell.

Whatever a run tells is stored before, in one transaction with the run; so a run that is cut short
at any point is either one that never was or one whose words the next run says.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from time import monotonic

from msgspec import Struct

from lbcheck import audit
from lbcheck import run as audits
from lbcheck.deadline import DeadlinePassed, deadline
from lbcheck.errors import LbcheckError, SourceError
from lbcheck.history import compare, draining, outbox, record, speak, state_folder
from lbcheck.history.compare import Outcome
from lbcheck.history.digest import Digest
from lbcheck.history.memory import Memory
from lbcheck.history.outbox import Channel
from lbcheck.history.store import Store
from lbcheck.model import Status
from lbcheck.reporters.visible import encodable
from lbcheck.run import Options
from lbcheck.secret import told

_USAGE, _INCOMPLETE, _BUG = 2, 3, 4
_ASKED = (
    "profiles", "params", "select", "ignore", "min_severity", "min_confidence", "exclude", "kind",
    "skip_unknown", "max_file_bytes", "baseline", "shard",
)  # fmt: skip
"""the options that decide what a run can see, besides those that name what is asked"""


class Job(Struct, frozen=True):
    """What a scheduled run is asked. Times in seconds; `time` is since 1970.

    `keep_s`: how long runs, and findings that are over, are remembered; `timed` False: how long
    it took is not told, so that two runs of the same time are the same.
    """

    paths: tuple[str, ...]
    options: Options
    state: str
    time: int
    manner: speak.Manner = speak.Manner()
    keep_s: float = 90 * 86400.0
    timeout_s: float | None = None
    timed: bool = True


class Result(Struct, frozen=True):
    """What came of it. `report` is None where the audit failed; `memory` is what is known now;
    `recent` gives the digests of the last runs, this one first."""

    digest: Digest
    report: audit.Report | None
    memory: Memory
    duration_s: float
    recent: Callable[[int], list[Digest]]


class _Audited(Struct, frozen=True):
    digest: Digest
    report: audit.Report | None = None
    outcome: Outcome | None = None


def run(
    job: Job, channels: Sequence[Channel], write: Callable[[Result], None] = lambda result: None
) -> tuple[Digest, list[str]] | None:
    """Run once.

    Args: channels: who is told; write: makes the files that every run makes.

    Returns: the digest, and what could not be sent; None where another run is under way.

    Raises: StateError: the history cannot be used; and whatever `write` raises.
    """
    state_folder.prepare(job.state)
    with state_folder.locked(job.state) as alone:
        if not alone:
            return None
        with closing(Store(job.state)) as store:
            return _alone(job, channels, write, store)


def _alone(
    job: Job, channels: Sequence[Channel], write: Callable[[Result], None], store: Store
) -> tuple[Digest, list[str]]:
    memory = store.memory()
    started = monotonic()
    done = _audited(job, memory)
    duration = monotonic() - started if job.timed else 0.0
    digest = done.digest
    store.add(
        digest,
        time=job.time,
        duration=duration,
        outcome=done.outcome,
        channels=tuple(channel.name for channel in channels) if digest.reasons else (),
        cutoff=_cutoff(job, memory),
    )
    try:
        write(Result(digest, done.report, store.memory(), duration, store.digests))
    finally:
        problems = outbox.deliver(store, channels, digest.run, job.time)
    return digest, problems


def _audited(job: Job, memory: Memory) -> _Audited:
    try:
        with deadline(job.timeout_s):
            return _judged(job, memory)
    except DeadlinePassed:
        said = f"it was not done after {job.timeout_s:g}s (--timeout): nothing was judged"
        code = _INCOMPLETE
    except LbcheckError as error:
        said = " ".join(str(error).split())
        code = _INCOMPLETE if isinstance(error, SourceError) else _USAGE
    except Exception as error:  # the last resort: history must know that this run judged nothing
        if os.environ.get("LBCHECK_DEBUG"):
            raise
        said = f"{type(error).__name__}: {' '.join(str(error).split())} (a bug in lbcheck)"
        code = _BUG
    said = encodable(told(said))
    return _Audited(speak.failed(memory, job.time, said, code, job.manner))


def _judged(job: Job, memory: Memory) -> _Audited:
    drained = draining.known(memory, job.time)
    report, topology = audits.audited(
        job.paths, job.options, lambda topology: draining.recalled(topology, drained)
    )
    if report.nothing and all(source.status is Status.READ for source in report.sources):
        raise SourceError("nothing to audit: no configuration of a load balancer was found")
    seen = record.seen(
        report,
        topology,
        memory,
        time=job.time,
        question=question(job.paths, job.options),
        folders=[os.path.abspath(path) for path in job.paths if os.path.isdir(path)],
    )
    outcome = compare.outcome(memory, seen)
    crashed = report.exit_code == _BUG
    digest = speak.judged(memory, seen, outcome, job.manner, crashed=crashed)
    return _Audited(digest, report, outcome)


def question(paths: Iterable[str], options: Options) -> str:
    """What stands for a question: equal where the same is asked in the same way. No secret takes
    part: names of what is asked have none."""
    trial = options.trial
    said = (
        [(name, getattr(options, name)) for name in _ASKED],
        sorted(os.path.abspath(path) for path in paths),
        sorted(os.path.abspath(path) for path in options.snapshots),
        [process.name for process in options.processes],
        [(service.name, trial.window_s) for service in trial.services] if trial else [],
        [(a.region, a.profile, a.role and a.role.arn, a.names, a.tags) for a in options.aws],
    )
    from hashlib import sha256

    return sha256(repr(said).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _cutoff(job: Job, memory: Memory) -> int:
    """What was over before this time is forgotten. One run with a clock that is far ahead must not
    make history forget: the run before it has its say, too."""
    return int(min(job.time, memory.time) - job.keep_s)
