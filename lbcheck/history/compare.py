"""Compare what a run saw with what is known: pure, and careful about what was not read.

A finding that is not seen any more is fixed only where everything that decides about it was read:
its own source, those that are read together with it, and by the same question. Otherwise its
state is unknown, and stays so until somebody could look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from lbcheck import compare
from lbcheck.compare import Change as Differs
from lbcheck.compare import Moved, Spot
from lbcheck.history.digest import TOLD, Change, Remembered, State, Unread
from lbcheck.history.memory import READ, Known, KnownSource, KnownTarget, Memory, Seen
from lbcheck.history.moment import rfc3339

_STANDING = (State.NEW, State.OPEN, State.WORSE, State.REOPENED, State.UNKNOWN)
_UNKNOWN_KIND = "unknown"  # what could not be opened: nobody knows what it would have been
_LIVE = "live"
_PASSING = r"[0-9a-fA-F-]{8,}+|[0-9]++"  # request ids, line numbers: no other trouble for that


class Outcome(Struct, frozen=True):
    """What a run adds to the history. `findings` and `targets` are all that are known now."""

    findings: dict[str, Known]
    changes: tuple[Change, ...]
    """of TOLD"""
    turned: tuple[tuple[str, State], ...]
    """every finding whose state is another one than before, by fingerprint; new to open is not"""
    sources: dict[str, KnownSource]
    targets: dict[Spot, KnownTarget]
    moved: tuple[Moved, ...]
    unread: tuple[Unread, ...]
    recovered: tuple[str, ...]


def outcome(memory: Memory, seen: Seen) -> Outcome:
    """What a run that judged has changed."""
    sources = {source.name: _since(source, memory, seen) for source in seen.sources}
    findings, changes = _findings(memory, seen, _Doubt(seen.question, memory.sources, sources))
    targets, moved = _targets(memory, seen, sources)
    return Outcome(
        findings=findings,
        changes=tuple(sorted(changes, key=_order)),
        turned=tuple(_turned(memory, findings)),
        sources=sources,
        targets=targets,
        moved=tuple(moved),
        unread=tuple(_unread(memory, sources)),
        recovered=tuple(_recovered(memory, sources)),
    )


def _order(change: Change) -> tuple[int, int, str, int, str]:
    found = change.finding
    place = found.path, found.line or 0, found.fingerprint
    return (TOLD.index(change.state), -found.severity.rank, *place)


def _turned(memory: Memory, findings: dict[str, Known]) -> Iterator[tuple[str, State]]:
    for fingerprint, known in findings.items():
        before = memory.findings.get(fingerprint)
        was = before.state if before else None
        stays = known.state is State.OPEN and was in (State.NEW, State.WORSE, State.REOPENED)
        if known.state is not was and not stays:
            yield fingerprint, known.state


def _since(source: KnownSource, memory: Memory, seen: Seen) -> KnownSource:
    """The source with the run from which on it is as it is."""
    before = memory.sources.get(source.name)
    if before is not None and _sign(before) == _sign(source):
        return replace(source, since_run=before.since_run, since_time=before.since_time)
    return replace(source, since_run=seen.run, since_time=seen.time)


def _sign(source: KnownSource) -> tuple[str, str]:
    """Two that are equal are the same trouble."""
    return source.status, lasting(source.detail)


def lasting(said: str) -> str:
    """What stays the same when the same is said again."""
    return re.sub(_PASSING, "#", said)


class _Doubt:
    """May a finding that was not seen be there all the same?"""

    def __init__(
        self, question: str, before: dict[str, KnownSource], now: dict[str, KnownSource]
    ) -> None:
        self._question = question
        self._now = now
        self._troubled = [
            (
                source,
                {source.name, *source.circle, *(before[name].circle if name in before else ())},
            )
            for name, source in now.items()
            if source.status != READ
        ]

    def of(self, known: Known) -> bool:
        own = self._now.get(known.finding.path)
        if known.question != self._question or (own is not None and own.status != READ):
            return True
        return any(
            self._decides(source, names, known, gone=own is None)
            for source, names in self._troubled
            if source.since_run > known.last_run
        )

    def _decides(self, source: KnownSource, names: set[str], known: Known, *, gone: bool) -> bool:
        """Did a source that cannot be read now say something about this finding? Of one whose
        own source is gone nobody can tell."""
        if source.kind == _LIVE:  # `haproxy http://...` tells of targets of HAProxy
            return source.name.startswith(known.kind)
        if source.kind not in (known.kind, _UNKNOWN_KIND):
            return False
        return gone or not known.circle or not names.isdisjoint(known.circle)


def _findings(memory: Memory, seen: Seen, doubt: _Doubt) -> tuple[dict[str, Known], list[Change]]:
    standing = {f: known for f, known in memory.findings.items() if known.state in _STANDING}
    silenced = {finding.fingerprint: finding for finding in seen.suppressed}
    before = [known.finding for f, known in standing.items() if f not in silenced]
    found = {f.fingerprint: f for f in _as_known(seen.findings, standing)}
    made = _Making(memory, seen)
    changes = []
    for finding in silenced.values():
        made.put(finding, State.SUPPRESSED)
    for finding in found.values():
        made.put(finding, State.OPEN)
    for differs in compare.findings(
        before, found.values(), unsure=lambda one: doubt.of(standing[one.fingerprint])
    ):
        state = _STATES[differs.change]
        fingerprint = differs.finding.fingerprint
        if differs.change is Differs.NEW and fingerprint in memory.findings:
            state = State.REOPENED
        made.turn(differs.finding, state)
        if state in TOLD:
            worse = differs.before if state is State.WORSE else None
            changes.append(Change(state, made.known[fingerprint].finding, worse))
    made.end_suppressed(silenced, found, doubt)
    return made.known, changes


def _as_known(
    findings: Iterable[Remembered], standing: Mapping[str, Known]
) -> Iterator[Remembered]:
    """The findings by the fingerprints they are known by. One that stands for several blocks is
    still the same when a block is mended, or another one joins them."""
    findings = list(findings)
    there = {finding.fingerprint for finding in findings}
    names = {
        name: fingerprint
        for fingerprint, known in standing.items()
        if fingerprint not in there
        for name in (fingerprint, *known.finding.alike)
    }
    taken: set[str] = set()
    for finding in findings:
        former = next((names[n] for n in (finding.fingerprint, *finding.alike) if n in names), None)
        if finding.fingerprint in standing or former is None or former in taken:
            yield finding
        else:
            taken.add(former)
            yield replace(finding, fingerprint=former)


_STATES = {
    Differs.NEW: State.NEW,
    Differs.WORSE: State.WORSE,
    Differs.BETTER: State.OPEN,
    Differs.FIXED: State.FIXED,
    Differs.UNKNOWN: State.UNKNOWN,
}


class _Making:
    """What is known after a run, while it is being made."""

    def __init__(self, memory: Memory, seen: Seen) -> None:
        self.known = dict(memory.findings)
        self._seen = seen
        self._sources = {source.name: source for source in seen.sources}

    def put(self, finding: Remembered, state: State) -> None:
        """It was seen in this run."""
        before = self.known.get(finding.fingerprint)
        source = self._sources.get(finding.path)
        now = rfc3339(self._seen.time)
        self.known[finding.fingerprint] = Known(
            finding=replace(finding, seen=before.finding.seen if before else now),
            state=state,
            first_run=before.first_run if before else self._seen.run,
            last_run=self._seen.run,
            last_time=self._seen.time,
            question=self._seen.question,
            kind=source.kind if source else _UNKNOWN_KIND,
            circle=source.circle if source else (),
        )

    def turn(self, finding: Remembered, state: State) -> None:
        """Seen or not, its state is another one."""
        known = self.known[finding.fingerprint]
        self.known[finding.fingerprint] = replace(known, state=state)

    def end_suppressed(
        self, silenced: dict[str, Remembered], found: dict[str, Remembered], doubt: _Doubt
    ) -> None:
        """What nobody was told of ends as silently."""
        for fingerprint, known in self.known.items():
            there = fingerprint in silenced or fingerprint in found
            if known.state is State.SUPPRESSED and not there and not doubt.of(known):
                self.known[fingerprint] = replace(known, state=State.FIXED)


def _targets(
    memory: Memory, seen: Seen, sources: dict[str, KnownSource]
) -> tuple[dict[Spot, KnownTarget], list[Moved]]:
    """The targets that are known now. Those of a pool or source that was not read are as before."""
    kept = {
        spot: target
        for spot, target in memory.targets.items()
        if spot not in seen.targets and _unseen(spot, seen, sources)
    }
    before = {spot: (t.state, t.reason) for spot, t in memory.targets.items() if spot not in kept}
    now = {}
    for spot, (state, reason) in seen.targets.items():
        was = memory.targets.get(spot)
        if was is not None and was.state == state and was.goes_on(seen.time):
            now[spot] = replace(was, reason=reason, last_time=seen.time)
        else:
            now[spot] = KnownTarget(state, reason, seen.run, seen.time, seen.time)
    told = {spot: now for spot, now in seen.targets.items() if spot[0] in memory.sources}
    return kept | now, compare.moved(before, told)


def _unseen(spot: Spot, seen: Seen, sources: dict[str, KnownSource]) -> bool:
    source = sources.get(spot[0])
    if source is None:
        return any(other.status != READ for other in sources.values())
    return source.status != READ or spot[:2] in seen.unfinished


def _unread(memory: Memory, sources: dict[str, KnownSource]) -> Iterator[Unread]:
    for source in sources.values():
        if source.status == READ:
            continue
        before = memory.sources.get(source.name)
        yield Unread(
            source.name,
            source.kind,
            source.status,
            source.detail,
            rfc3339(source.since_time),
            new=before is None or _got_worse(before, source),
        )


def _got_worse(before: KnownSource, now: KnownSource) -> bool:
    """A trouble that was not told, or not as large: what is left of an old one is no news."""
    if _sign(before) == _sign(now):
        return False
    less = before.status == "unread" and now.status == "partial"
    fewer = before.status == now.status and len(_lines(now)) < len(_lines(before))
    return not (less or fewer)


def _lines(source: KnownSource) -> list[str]:
    return source.detail.splitlines()


def _recovered(memory: Memory, sources: dict[str, KnownSource]) -> Iterator[str]:
    """What could not be read, and is read again or is not there any more; of an account whose name
    is not known as long as it cannot be asked, that is seen when none of its kind is in trouble."""
    in_trouble = {source.kind for source in sources.values() if source.status != READ}
    for name, before in memory.sources.items():
        now = sources.get(name)
        if before.status == READ or (now is not None and now.status != READ):
            continue
        if now is not None or before.kind not in in_trouble:
            yield name
