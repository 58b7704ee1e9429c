"""Which HAProxy frontend sends what to which backend, in the order in which HAProxy tries it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lbcheck.model import Belief, Level, Span
from lbcheck.sources.haproxy_acl import Condition, Test, acls_of, condition_of
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_handshake import Handshake
from lbcheck.sources.haproxy_line import Unknown
from lbcheck.sources.haproxy_pool import Backend
from lbcheck.sources.haproxy_syntax import Statement
from lbcheck.sources.haproxy_values import Found, last, mode

_MAX_DYNAMIC = 2000


class Frontend:
    """A frontend, or the frontend half of a listen section, with its edges in order."""

    __slots__ = ("acls", "edges", "mode", "section", "tls")

    def __init__(self, section: Section) -> None:
        self.section = section
        self.mode = mode(section)
        self.acls = acls_of(section)
        self.tls = _tls(section)
        self.edges: list[Edge] = []


class Edge:
    """One way from a frontend to a backend. `statement` None: a listen section's own servers.

    `paths` are the path tests that every request on it has met, (exact?, text); `inner` are the
    frontends of this very process that it leads to.
    """

    __slots__ = ("backend", "belief", "condition", "frontend", "inner", "paths", "statement")

    def __init__(
        self,
        frontend: Frontend,
        backend: Backend | None,
        condition: Condition,
        statement: Statement | None,
    ) -> None:
        self.frontend = frontend
        self.backend = backend
        self.condition = condition
        self.statement = statement
        self.paths = path_constraints(condition)
        self.inner: tuple[Frontend, ...] = ()
        self.belief = Belief(Level.POSSIBLE, "any HTTP route may carry WebSockets")

    @property
    def place(self) -> Span:
        section = self.frontend.section
        return section.place if self.statement is None else section.span(self.statement)

    @property
    def handshake(self) -> Handshake:
        return Handshake(self.paths, self.frontend.tls)

    def paths_of(self, declared: tuple[str, ...]) -> tuple[tuple[bool, str], ...]:
        """The paths of its handshakes, where the profile declares the paths of WebSockets."""
        paths = self.paths
        if declared and "/" not in declared:
            paths = tuple(
                (exact, path)
                for exact, begin in self.paths or ((False, ""),)
                for path in declared
                if path == begin or (not exact and path.startswith(begin))
            )
        return paths or self.paths

    @property
    def unconditional(self) -> bool:
        return self.condition.always


def _tls(section: Section) -> bool | None:
    """Do all binds (True), none (False) or some (None) terminate TLS?"""
    binds = section.all("bind")
    if not binds or section.opaque:
        return None
    secure = ["ssl" in bind.words or "quic" in "".join(bind.words[1:2]) for bind in binds]
    return secure[0] if len(set(secure)) == 1 else None


def edges(frontend: Frontend, backends: Mapping[str, Backend], budget: list[int]) -> Iterator[Edge]:
    """The ways out of a frontend: `use_backend` in order, then `default_backend` or own servers."""
    section = frontend.section
    for statement in section.all("use_backend"):
        if len(statement.words) > 1 and not statement.maybe:
            condition = condition_of(section, statement, frontend.acls, 2)
            for backend in _named(statement.words[1], backends, budget):
                yield Edge(frontend, backend, condition, statement)
    always = Condition((), {}, section.place)
    found = last(section, "default_backend")
    if isinstance(found, Found) and len(found.words) > 1:
        for backend in _named(found.words[1], backends, budget):
            yield Edge(frontend, backend, always, found.statement if found.own else None)
    elif section.kind == "listen" and found is None:
        own = backends.get(section.name)
        if own is not None and own.section is section and own.carries_http:
            yield Edge(frontend, own, always, None)


def _named(name: str, backends: Mapping[str, Backend], budget: list[int]) -> Iterator[Backend]:
    """The backends a name may mean. `be_%[...]` may mean every backend that begins with `be_`;
    a bare `%[...]` all of them, while their number is reasonable."""
    if isinstance(name, Unknown):
        return
    if "%[" not in name:
        backend = backends.get(name)
        if backend is not None and backend.carries_http:
            yield backend
        return
    if budget[0] <= 0:
        return
    head, tail = name[: name.index("%[")], name[name.rindex("]") + 1 :] if "]" in name else ""
    matching = [
        backend
        for key, backend in backends.items()
        if key.startswith(head) and key.endswith(tail) and backend.carries_http
    ]
    if len(matching) <= budget[0]:
        # A name that matches nothing costs a search, too.
        budget[0] -= len(matching) or 1
        yield from matching


def budget() -> list[int]:
    """How many dynamic edges one instance may still have: they multiply."""
    return [_MAX_DYNAMIC]


def path_constraints(condition: Condition) -> tuple[tuple[bool, str], ...]:
    """The paths that requests meeting a condition may have; empty where any path may."""
    if condition.unless or not condition.known:
        return ()
    found: list[tuple[bool, str]] = []
    for terms in condition.alternatives:
        here = [
            constraint
            for term in terms
            if not term.negated
            for constraint in _tested_paths(term.tests)
        ]
        if not here:
            return ()
        found.extend(here)
    return tuple(found)


def _tested_paths(tests: list[Test]) -> list[tuple[bool, str]]:
    found: list[tuple[bool, str]] = []
    for test in tests:
        kind = test.method or test.fetch.partition("_")[2] or "str"
        if not test.known or test.fetch.partition("_")[0] != "path" or kind not in ("beg", "str"):
            return []
        found.extend((kind == "str", pattern) for pattern in test.patterns)
    return found
