"""HAProxy conditions that ask for living servers, and those that are always answered yes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lbcheck.model import Effect, Ineffective, Origin, Setting
from lbcheck.sources.haproxy_acl import Condition, Test, condition_of
from lbcheck.sources.haproxy_config import Instance
from lbcheck.sources.haproxy_edge import Frontend
from lbcheck.sources.haproxy_pool import Backend
from lbcheck.sources.haproxy_server import Server

_ASKS = ("nbsrv(", "srv_is_up(")
_FETCHES = frozenset(["nbsrv", "srv_is_up"])
_MANY = 100
"""servers that are compared with a name, for each question"""
_BELOW = frozenset(["lt", "ge"])
"""`lt 1` and `ge 1` are about the same border as `le 0` and `gt 0`."""


def blind(
    instance: Instance, frontends: Sequence[Frontend], backends: Mapping[str, Backend]
) -> dict[str, list[Ineffective]]:
    """By backend: tests of `nbsrv` and `srv_is_up` that servers without check answer for ever
    (measured on 2.6 and 2.8: 503 from the dead backend, with the fallback beside it)."""
    if not any(map(instance.mentions, _ASKS)):
        return {}
    known = {name.lower(): backend for name, backend in backends.items()}
    found: dict[str, list[Ineffective]] = {}
    eternal: dict[str, list[Server]] = {}
    for condition in _conditions(frontends):
        for term in condition.terms():
            for test in term.tests:
                name, _, server = test.argument.partition("/")
                backend = known.get(name) if test.known else None
                if backend is None or test.fetch not in _FETCHES:
                    continue
                if backend.name not in eternal:
                    eternal[backend.name] = [s for s in backend.servers if _eternal(s)]
                if (alive := _always_alive(eternal[backend.name], test, server)) is not None:
                    found.setdefault(backend.name, []).append(_record(test, alive))
    return found


def _conditions(frontends: Sequence[Frontend]) -> Iterator[Condition]:
    for frontend in frontends:
        for edge in frontend.edges:
            yield edge.condition
        for statement in frontend.section.all("monitor"):
            if not statement.maybe:
                yield condition_of(frontend.section, statement, frontend.acls, 2)


def _always_alive(eternal: Sequence[Server], test: Test, name: str) -> Server | None:
    """A server because of which the answer never changes."""
    if test.fetch == "srv_is_up":
        named = (s for s in eternal[:_MANY] if s.statement.words[1].lower() == name)
        return next(named, None)
    border = _border(test)
    return eternal[0] if border is not None and len(eternal) > border else None


def _eternal(server: Server) -> bool:
    out = server.get("disabled") is not None or server.get("weight") == "0"
    return not (server.checked or server.unreadable or server.facts.backup or out)


def _border(test: Test) -> int | None:
    """So many living servers are few; None: not known."""
    operator, number = (["eq", *test.patterns])[-2:] if test.patterns else ("", "")
    if not number.isdecimal() or len(number) > 6 or len(test.patterns) > 2:
        return None
    return int(number) - (operator in _BELOW)


def _record(test: Test, alive: Server) -> Ineffective:
    setting: Setting[object] = Setting(test.text, None, Origin.SET, test.place)
    reason = f"`{alive.statement.words[1]}` is not checked and always counts as alive"
    return Ineffective(Effect.FALLBACK_BLIND, setting, reason)
