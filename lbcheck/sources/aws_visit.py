"""Which listener rule takes a handshake for a URL: its listener by port, then the first match.

Which load balancer a name leads to stands in DNS: where several listen on the port, only a rule
that asks for the host by name tells which one is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lbcheck.model import Visit
from lbcheck.sources.aws_patterns import contains
from lbcheck.sources.aws_rules import Match, Step, covers

_SECURE = frozenset({"HTTPS", "TLS"})


def taken(rules: Sequence[Step], visits: Iterable[Visit]) -> dict[int, tuple[Visit, ...]]:
    """The rules (by identity) that surely take these handshakes, if they come to this account."""
    found: dict[int, tuple[Visit, ...]] = {}
    for visit in visits:
        step = _step(rules, visit)
        if step is not None:
            found[id(step)] = (*found.get(id(step), ()), visit)
    return found


def _step(rules: Sequence[Step], visit: Visit) -> Step | None:
    if "*" in visit.path or "?" in visit.path:
        return None  # these mean something else in a pattern
    listeners: dict[str, list[Step]] = {}
    for step in rules:
        if _listens(step, visit):
            listeners.setdefault(step.listener.resource, []).append(step)
    firsts = [_first(steps, visit) for steps in listeners.values()]
    named = [step for step in firsts if step is not None and step.match.hosts is not None]
    chosen = firsts if len(firsts) == 1 else named if None not in firsts else []
    return chosen[0] if len(chosen) == 1 else None


def _listens(step: Step, visit: Visit) -> bool:
    listener = step.listener.value
    return listener.port == visit.port and (listener.protocol in _SECURE) is visit.tls


def _first(steps: Sequence[Step], visit: Visit) -> Step | None:
    """The first rule that takes it; None where that is not certain."""
    for step in steps:
        if step.label == "?":
            return None
        if covers(step, visit.path, (visit.host.lower(),)):
            return step
        if not _excluded(step.match, visit):
            return None
    return None


def _excluded(match: Match, visit: Visit) -> bool:
    """Does a rule surely not take it?"""
    if not match.get:
        return True
    if match.paths is not None and not any(contains(own, visit.path) for own in match.paths):
        return True
    host = visit.host.lower()
    return match.hosts is not None and not any(contains(own, host) for own in match.hosts)
