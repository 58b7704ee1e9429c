"""Make routes of HAProxy edges: idle time, other timeouts, statements without effect."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.model import (
    Effect,
    Forward,
    Ineffective,
    Origin,
    Pool,
    Route,
    Setting,
    Vendor,
)
from lbcheck.sources.haproxy_acl import Term, Test
from lbcheck.sources.haproxy_around import Around
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_connection import counted_alone, tcp_keepalive
from lbcheck.sources.haproxy_edge import Edge
from lbcheck.sources.haproxy_forced import forced
from lbcheck.sources.haproxy_handshake import meets, term_holds, unmet
from lbcheck.sources.haproxy_http2 import missed_over_http2
from lbcheck.sources.haproxy_idle import Idle, ignored_timeouts
from lbcheck.sources.haproxy_mode import unmatched
from lbcheck.sources.haproxy_persistence import retries_503
from lbcheck.sources.haproxy_pool import http_version
from lbcheck.sources.haproxy_shadow import Earlier, shadowed
from lbcheck.sources.haproxy_traffic import Traffic


def misses(edge: Edge) -> Iterator[Ineffective]:
    """Upgrade tests that miss clients which write the header in another case."""
    if meets(edge.condition, edge.handshake) is True:
        return
    for term in edge.condition.terms():
        if any(term_holds(_single(term, test)) for test in term.tests):
            continue
        for test in term.tests:
            if (value := _missed(test, term)) is not None:
                yield _case(test, term, value)


def _single(term: Term, test: Test) -> Term:
    return Term(term.name, False, [test])


def _missed(test: Test, term: Term) -> str | None:
    """What the test misses and no other test of the same ACL meets."""
    missed = [unmet(each) for each in term.tests if each.argument == test.argument]
    return unmet(test) if len(set(missed)) == 1 else None


def _case(test: Test, term: Term, value: str) -> Ineffective:
    who = "some clients send" if value == "upgrade" else "browsers send"
    name = test.text if term.name == test.text else f"acl {term.name}"
    setting: Setting[object] = Setting(name, test.text, Origin.SET, test.place)
    header = test.argument.capitalize()
    reason = f"{who} `{header}: {value}`, and without `-i` the match is case-sensitive"
    return Ineffective(Effect.CASE_SENSITIVE, setting, reason)


def make_route(
    edge: Edge,
    pool: Pool,
    quiet: Idle,
    passing: Traffic,
    earlier: Earlier,
    around: Around,
) -> Route:
    backend = edge.backend
    assert backend is not None
    frontend = edge.frontend.section
    version = http_version(backend)
    return Route(
        vendor=Vendor.HAPROXY,
        address=_address(edge),
        place=edge.place,
        path=edge.condition.text or "default",
        belief=edge.belief,
        forwards=(Forward(pool, version),),
        idle=quiet.setting,
        tunnel_missing=quiet.missing,
        inner_idle=quiet.inner,
        timeouts=quiet.others,
        unknown=quiet.unknown,
        upgrade=passing.upgrade,
        connection=passing.connection,
        hardcoded=_forced(edge),
        redirect=passing.redirect,
        alterations=tuple(passing.alterations),
        ineffective=tuple(_ineffective(edge, backend.section, earlier, around)),
        retries_503=retries_503(backend.section, backend.redispatch)
        if backend.mode == "http"
        else None,
        one_way=counted_alone(frontend, backend.section) if around.one_way else (),
        tcp_keepalive=tcp_keepalive(frontend, around.keepalive) if around.whole else None,
        covers_all=edge.unconditional,
        alike=frontend.alike,
    )


def _ineffective(
    edge: Edge, backend: Section, earlier: Earlier, around: Around
) -> Iterator[Ineffective]:
    """What is written on this way and does nothing."""
    frontend = edge.frontend.section
    if "timeout" in frontend.by:
        yield from ignored_timeouts(frontend)
    if backend is not frontend and "timeout" in backend.by:
        yield from ignored_timeouts(backend)
    if edge.frontend.mode == "tcp":
        yield from unmatched(edge)
    if edge.condition.alternatives:
        yield from misses(edge)
        yield from shadowed(edge, earlier)
        yield from missed_over_http2(edge, around)


def _forced(edge: Edge) -> Setting[str] | None:
    """Of a way that plain requests go, too."""
    frontend, backend = edge.frontend.section, edge.backend
    if not edge.unconditional or edge.frontend.mode == "tcp" or backend is None:
        return None
    return forced(frontend) if backend.section is frontend else forced(frontend, backend.section)


def _address(edge: Edge) -> str:
    section = edge.frontend.section
    front = f"{section.kind}[{section.name}]"
    if edge.statement is None and edge.backend and edge.backend.section is section:
        return front
    name = edge.backend.name if edge.backend else ""
    if edge.statement is None or edge.statement.words[0] != "use_backend":
        return f"{front}/default_backend[{name}]"
    text = f" {edge.condition.text}" if edge.condition.text else ""
    return f"{front}/use_backend[{name}{text}]"
