"""How sure it is that WebSockets pass from a HAProxy frontend to a backend, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lbcheck.belief import by_names, hints, may_stream
from lbcheck.model import Belief, Declared, Level, Setting
from lbcheck.sources.haproxy_acl import Condition, Test, acls_of
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_edge import Edge, Frontend
from lbcheck.sources.haproxy_forced import REFUSING
from lbcheck.sources.haproxy_handshake import (
    Handshake,
    is_header_test,
    meets,
    term_holds,
    unmet,
)
from lbcheck.sources.haproxy_pool import Backend

_NAMING = frozenset(["path", "base", "url", "ssl_fc_sni", "req.ssl_sni", "req_ssl_sni", "capture"])
_MANY = 8
_ACME = "/.well-known/acme-challenge"


def believe(frontend: Frontend, declared: Declared) -> None:
    """Set the belief of each edge of a frontend."""
    for edge in frontend.edges:
        edge.belief = _by_configuration(edge)
    _looked_for(frontend)
    for path in declared.websocket_paths:
        for edge, level in _declared_edges(frontend, path):
            if level > edge.belief.level:
                edge.belief = Belief(level, f"the profile declares `{path}`", declared=True)
    for path in declared.not_websocket_paths:
        for edge in frontend.edges:
            if edge.paths and all(text.startswith(path) for _, text in edge.paths):
                evidence = f"the profile says that `{path}` carries no WebSockets"
                edge.belief = Belief(Level.POSSIBLE, evidence)


def own_belief(backend: Backend) -> Belief:
    """What a backend tells by itself."""
    return backend.evidence or _by_names("", [backend.name, *_server_names(backend)], backend)


def _by_configuration(edge: Edge) -> Belief:
    backend = edge.backend
    if meets(edge.condition, edge.handshake) is False and not _aims_at_upgrade(edge.condition):
        return Belief(Level.POSSIBLE, "its condition keeps WebSocket handshakes out")
    for test in _positive(edge.condition):
        if _tests_upgrade(test):
            return Belief(Level.CERTAIN, f"`{test.text}` tells handshakes apart")
    if backend is None:
        return Belief(Level.POSSIBLE, "any HTTP route may carry WebSockets")
    return backend.evidence or _named(edge, backend)


def _looked_for(frontend: Frontend) -> None:
    """An ACL for handshakes that leads nobody elsewhere tells of the way beside it: of the only one
    of its frontend or listen section, or of those to its backend."""
    for edge in frontend.edges:
        if edge.backend is None or edge.belief.level > Level.POSSIBLE:
            continue
        beside = {edge.backend.section} - {frontend.section}
        if len(frontend.edges) == 1:
            beside.add(frontend.section)
        name = next(filter(None, map(_acl_for_handshakes, beside)), None)
        if name is not None:
            edge.belief = Belief(Level.LIKELY, f"`acl {name}` looks for handshakes")


def _acl_for_handshakes(section: Section) -> str | None:
    """The name of an ACL on `Upgrade: websocket` that is not there to refuse it."""
    if "acl" not in section.by:
        return None
    refused = [
        statement.words
        for keyword in ("http-request", "tcp-request", "redirect")
        for statement in section.all(keyword)
        if keyword == "redirect" or not REFUSING.isdisjoint(statement.words[1:3])
    ]
    for name, tests in acls_of(section).items():
        asks = any(test.argument == "upgrade" and _tests_upgrade(test) for test in tests)
        if asks and not any("if" in words and name in words for words in refused):
            return name
    return None


def _positive(condition: Condition) -> Iterator[Test]:
    """The tests that a request on this way has met."""
    if not condition.unless:
        for term in condition.terms():
            if not term.negated:
                yield from term.tests


def _tests_upgrade(test: Test) -> bool:
    if not is_header_test(test) or not test.known:
        return False
    if test.argument.startswith("sec-websocket-") or test.method == "found":
        return True
    if test.fetch.endswith("_cnt"):
        return True
    wanted = "websocket" if test.argument == "upgrade" else "upgrade"
    return any(wanted in pattern.lower() for pattern in test.patterns)


def _aims_at_upgrade(condition: Condition) -> bool:
    return any(unmet(test) for test in _positive(condition))


def _named(edge: Edge, backend: Backend) -> Belief:
    texts: list[str] = []
    if not edge.condition.unless:
        for term in edge.condition.terms():
            if not term.negated:
                texts.extend(_patterns(term.tests))
                texts.append("" if " " in term.name else term.name)
    return _by_names("", [*texts, backend.name, *_server_names(backend)], backend)


def _patterns(tests: Sequence[Test]) -> Iterator[str]:
    for test in tests:
        named = test.fetch in _NAMING or test.fetch.partition("_")[0] in _NAMING
        if named or test.argument == "host":
            yield from test.patterns[:_MANY]


def _server_names(backend: Backend) -> list[str]:
    return [server.statement.words[1] for server in backend.servers[:_MANY]]


def _by_names(path: str, names: list[str], backend: Backend) -> Belief:
    if not hints("\n".join(names)):
        return Belief(Level.POSSIBLE, "any HTTP route may carry WebSockets")
    found = by_names(path, *names)
    if found.level > Level.POSSIBLE or not isinstance(backend.tunnel, Setting):
        return found
    sign = None if may_stream((path, *names)) else "a tunnel timeout is inherited"
    return by_names(path, *names, second_sign=sign)


def _declared_edges(frontend: Frontend, path: str) -> Iterator[tuple[Edge, Level]]:
    """The ways that a declared path takes: those that name it, else those that do not exclude it.

    "/" is everything, in mode tcp too. Where several ways exclude nothing, the default one is
    meant; the others are likely.
    """
    if frontend.mode == "tcp" and path != "/":
        return
    reached = list(_reached(frontend, path))
    if path == "/":
        yield from ((edge, Level.CERTAIN) for edge in reached if not _challenge(edge))
        return
    naming = [edge for edge in reached if _names(edge, path) or _aims_at(edge, path)]
    if naming:
        yield from ((edge, Level.CERTAIN) for edge in naming)
        return
    open_edges = [edge for edge in reached if not edge.paths and _open(edge.condition)]
    for edge in open_edges:
        certain = len(open_edges) == 1 or edge.unconditional
        yield edge, Level.CERTAIN if certain else Level.LIKELY


def _challenge(edge: Edge) -> bool:
    """Does it carry nothing but the questions of a certificate authority?"""
    return bool(edge.paths) and all(path.startswith(_ACME) for _, path in edge.paths)


def _reached(frontend: Frontend, path: str) -> Iterator[Edge]:
    """The ways up to the first one that every handshake on a path takes: `default_backend` gets
    none where `hdr(Upgrade) -i websocket` has led them all elsewhere."""
    handshake = Handshake(((False, path),), frontend.tls)
    for edge in frontend.edges:
        yield edge
        if meets(edge.condition, handshake) is True:
            return


def _aims_at(edge: Edge, path: str) -> bool:
    """Does it look for the path by a regular expression, an ending or a part?"""
    if edge.paths or edge.condition.unless:
        return False
    handshake = Handshake(((True, path),), edge.frontend.tls)
    if meets(edge.condition, handshake) is False:
        return False
    return any(
        term_holds(term, handshake) and any(test.fetch.startswith("path") for test in term.tests)
        for term in edge.condition.terms()
        if not term.negated
    )


def _names(edge: Edge, path: str) -> bool:
    for exact, text in edge.paths:
        if text == path or (not exact and text != "/" and path.startswith(text)):
            return True
        if text.startswith(path.rstrip("/") + "/"):
            return True
    return False


def _open(condition: Condition) -> bool:
    """No term looks at the path in another way (regular expressions, endings)."""
    return not any(
        test.fetch.startswith("path") for term in condition.terms() for test in term.tests
    )
