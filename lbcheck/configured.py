"""Targets, health checks and idle timeouts of an audited configuration, for a probe to try."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lbcheck.model import CheckKind, HealthCheck, Level, Pool, Route, Span, Target
from lbcheck.probe.health import ACCEPTED, Check

UNCHECKED = "nobody checks it"
"""why a target that can be asked all the same is not compared"""
_ADDRESS = r"(\[[0-9a-fA-F:.]++\]|[A-Za-z0-9._-]++):([0-9]{1,5}+)"


def checks(pools: Iterable[Pool]) -> Iterator[tuple[str, Check | str]]:
    """Each target that can be asked (HOST:PORT) with its check, or with why it is not compared."""
    for pool in pools:
        if pool.belief.level < Level.LIKELY:
            continue
        for target in pool.targets:
            yield target.address, _check(pool.check, target)


def idle_timeouts(routes: Iterable[Route]) -> list[float]:
    """The silences, in seconds, that end WebSockets on some route, in growing order."""
    told = (limit for route in routes if route.belief.level >= Level.LIKELY
            for limit in (route.idle, route.inner_idle))  # fmt: skip
    return sorted({limit.value for limit in told if limit is not None and limit.value > 0})


def _check(check: HealthCheck, target: Target) -> Check | str:
    address = re.fullmatch(_ADDRESS, target.address)
    if target.unreadable or address is None or not 0 < int(address[2]) < 65536:
        return "its address is not known"
    if target.place.source.kind == "aws" and re.match("i-[0-9a-f]", target.address):
        return "an instance's address is not known"
    if not target.checked or check.kind in (CheckKind.NONE, CheckKind.PASSIVE):
        return UNCHECKED
    if _speaks_tls(target):
        return "it is spoken to in TLS"
    port = check.port.value if check.port else None
    if port is not None and not port.isdigit():
        return "its check asks another address"
    if check.kind is CheckKind.CONNECT:
        return Check(None, port=port)
    if check.kind is not CheckKind.HTTP or check.path is None:
        return "its check cannot be repeated here"
    return Check(
        check.path.value,
        check.method.value if check.method else "GET",
        check.host.value if check.host else None,
        check.accepts.value if check.accepts else ACCEPTED,
        check.version.value if check.version else "1.1",
        port,
        # HAProxy sends no `Host` that it was not told to (seen of 2.6 and 2.8).
        hostless=check.host is None and _of_haproxy(target),
    )


def _speaks_tls(target: Target) -> bool:
    """Does the statement of a HAProxy server say `ssl`? Asked in clear, such a target refuses check
    and handshake alike, and the two would seem to agree."""
    if not isinstance(target.place, Span) or not _of_haproxy(target):
        return False
    source = target.place.source
    line, _ = source.position(target.place.start)
    return "ssl" in source.line(line).partition("#")[0].split()


def _of_haproxy(target: Target) -> bool:
    return target.place.source.kind == "haproxy"
