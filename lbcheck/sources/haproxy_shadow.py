"""HAProxy routes that an earlier one takes over: of two that match, the first one counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from lbcheck.model import Effect, Ineffective, Origin, Setting
from lbcheck.sources.haproxy_acl import Term
from lbcheck.sources.haproxy_edge import Edge
from lbcheck.sources.haproxy_handshake import meets, term_holds

_MAX_PATHS = 100
_MAX_TERMS = 5


class Earlier:
    """The edges of a frontend that were tried before, found again without a look at each."""

    __slots__ = ("_always", "_by_terms", "_with_paths")

    def __init__(self) -> None:
        self._always: Edge | None = None
        self._by_terms: dict[frozenset[tuple[bool, str]], Edge] = {}
        self._with_paths: list[Edge] = []

    def add(self, edge: Edge) -> None:
        condition = edge.condition
        if self._always is None and meets(condition) is True:
            self._always = edge
        if edge.paths and len(self._with_paths) < _MAX_PATHS and _decided_by_path(edge):
            self._with_paths.append(edge)
        if condition.known and not condition.unless:
            for terms in condition.alternatives:
                self._by_terms.setdefault(_terms(terms), edge)

    def taker(self, edge: Edge) -> Edge | None:
        """The one that provably takes all handshakes of an edge."""
        if self._always is not None:
            return self._always
        for other in self._with_paths if edge.paths else ():
            if meets(other.condition, edge.handshake) is True:
                return other
        return self._implied(edge)

    def _implied(self, edge: Edge) -> Edge | None:
        """By the words alone: `if a b` is met by nothing that `if a` has not taken."""
        condition = edge.condition
        if condition.unless or not condition.known or not self._by_terms:
            return None
        found: Edge | None = None
        for terms in condition.alternatives:
            found = self._subset(_terms(terms))
            if found is None:
                return None
        return found

    def _subset(self, terms: frozenset[tuple[bool, str]]) -> Edge | None:
        if len(terms) > _MAX_TERMS:
            return self._by_terms.get(terms)
        for size in range(1, len(terms) + 1):
            for some in combinations(terms, size):
                if (found := self._by_terms.get(frozenset(some))) is not None:
                    return found
        return None


def _decided_by_path(edge: Edge) -> bool:
    """May it be shown of a path that all its handshakes go there? Not where a host counts, too."""
    return any(
        all(_looks_at_path(term) or term_holds(term, edge.handshake) for term in terms)
        for terms in edge.condition.alternatives
    )


def _looks_at_path(term: Term) -> bool:
    return any(test.fetch.startswith(("path", "url")) for test in term.tests)


def shadowed(edge: Edge, earlier: Earlier) -> Iterator[Ineffective]:
    """A `use_backend` whose handshakes an earlier one provably takes to another backend."""
    other = earlier.taker(edge)
    if other is None or other.backend is edge.backend or edge.statement is None:
        return
    name = " ".join(edge.statement.words[:2])
    setting: Setting[object] = Setting(name, edge.condition.text, Origin.SET, edge.place)
    target = other.backend.name if other.backend else ""
    reason = f"an earlier `use_backend {target}` takes its handshakes"
    yield Ineffective(Effect.SHADOWED, setting, reason, other.place)


def _terms(terms: Sequence[Term]) -> frozenset[tuple[bool, str]]:
    return frozenset([term.key for term in terms])
