"""From an audit to what history keeps of it: plain values, without secrets and without sources."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from lbcheck import compare
from lbcheck.audit import Report
from lbcheck.compare import Spot
from lbcheck.finding import Finding
from lbcheck.history.digest import Remembered
from lbcheck.history.memory import KnownSource, Memory, Seen
from lbcheck.model import Level, Pool, Source, Topology
from lbcheck.reporters.visible import encodable
from lbcheck.reporters.where import has_text, trouble

READING = ("LB901", "LB908")
"""what they say, sources say themselves: their state is told, not that of a finding"""
_TROUBLES = 20
_UNREAD = "unread"


def seen(
    report: Report,
    topology: Topology,
    memory: Memory,
    *,
    time: int,
    question: str,
    folders: Iterable[str] = (),
) -> Seen:
    """What a run saw.

    Args: question: stands for what was asked; folders: those that were named, by whole paths.
    """
    pools = [pool for pool in topology.pools if pool.belief.level >= Level.LIKELY]
    sources = [_source(source) for source in report.sources]
    return Seen(
        run=memory.run + 1,
        time=time,
        question=question,
        findings=tuple(_remembered(f) for f in report.findings if f.code not in READING),
        suppressed=tuple(map(_remembered, _silent(report))),
        sources=(*sources, *_emptied(folders, sources, memory)),
        targets=dict(_targets(pools)),
        unfinished=frozenset(
            (encodable(pool.place.source.name), encodable(pool.name))
            for pool in pools
            if not pool.complete
        ),
    )


def _silent(report: Report) -> Iterator[Finding]:
    """What is there and is not told: suppressed, or known to a baseline."""
    yield from (item.finding for item in report.suppressed)
    yield from report.baselined


def _remembered(finding: Finding) -> Remembered:
    place = finding.location
    known = has_text(place)
    return Remembered(
        fingerprint=finding.fingerprint,
        code=finding.code,
        name=finding.name,
        severity=finding.severity,
        confidence=finding.confidence.value,
        message=encodable(finding.message),
        path=encodable(place.path),
        line=place.line if known else None,
        column=place.column if known else None,
        resource=encodable(place.resource) if place.resource else None,
        address=encodable(finding.address) if finding.address else None,
        alike=finding.alike,
    )


def _source(source: Source) -> KnownSource:
    told = [encodable(" ".join(trouble(source, what).split())) for what in source.troubles]
    more = [f"and {len(told) - _TROUBLES} more"] if len(told) > _TROUBLES else []
    return KnownSource(
        name=encodable(source.name),
        kind=source.kind,
        status=source.status.value,
        detail="\n".join([*told[:_TROUBLES], *more]),
        since_run=0,
        since_time=0,
        circle=tuple(map(encodable, source.roots)),
    )


def _targets(pools: Iterable[Pool]) -> Iterator[tuple[Spot, tuple[str, str]]]:
    complete = (pool for pool in pools if pool.complete)
    for spot, (state, reason) in compare.states(complete).items():
        source, pool, target = map(encodable, spot)
        yield (source, pool, target), (state, encodable(reason))


def _emptied(
    folders: Iterable[str], sources: Iterable[KnownSource], memory: Memory
) -> Iterator[KnownSource]:
    """Folders in which there was something to audit, and now there is nothing at all: rather a
    volume that is not mounted than the end of everything that was wrong in them."""
    now = [source.name for source in sources]
    for folder in folders:
        inside = os.path.join(encodable(folder), "")
        if any(name.startswith(inside) or name == folder for name in now):
            continue
        if any(name.startswith(inside) or name == folder for name in memory.sources):
            detail = (
                "nothing of a load balancer is in this folder any more: is it mounted? If it is "
                "meant to be empty, do not name it"
            )
            yield replace(_NOTHING, name=encodable(folder), detail=detail)


_NOTHING = KnownSource("", "unknown", _UNREAD, "", 0, 0)
