"""What ends a quiet WebSocket on a HAProxy route, and the timeouts that do not."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lbcheck.model import Effect, Ineffective, Origin, Setting
from lbcheck.sources import haproxy_tunnel
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_edge import Edge
from lbcheck.sources.haproxy_handshake import Handshake
from lbcheck.sources.haproxy_pool import Backend
from lbcheck.sources.haproxy_tunnel import Way
from lbcheck.sources.haproxy_values import DOUBT, Doubt, Found, last, timeout, timeout_setting

_CLIENT = ("client", "http-request", "http-keep-alive", "client-fin", "tarpit")
_SERVER = ("connect", "server", "queue", "check", "server-fin")
_TIMEOUT = frozenset(["timeout"])
_SERVER_TIMEOUT = frozenset(["timeout", "http-request"])
_BACKEND_ONLY = frozenset(["tunnel", "server", "connect", "queue", "check", "server-fin"])
_FRONTEND_ONLY = frozenset(["client", "client-fin"])


class Idle:
    """What ends a quiet tunnel, here and further in, and the timeouts that do not."""

    __slots__ = ("inner", "missing", "others", "setting", "unknown")

    def __init__(
        self, setting: Setting[float] | None, missing: bool, others: tuple[Setting[float], ...]
    ) -> None:
        self.setting = setting
        self.missing = missing
        self.others = others
        self.inner: Setting[float] | None = None
        self.unknown: tuple[Setting[None], ...] = ()


def timeouts(section: Section, side: tuple[str, ...]) -> tuple[Setting[float], ...]:
    """The timeouts in force on one side of a proxy."""
    found = [timeout(section, name) for name in side]
    return tuple([setting for setting in found if isinstance(setting, Setting)])


def _client_side(section: Section) -> tuple[Setting[float], ...]:
    return timeouts(section, _CLIENT)


def _server_side(section: Section) -> tuple[Setting[float], ...]:
    """Without `timeout server` where `set-timeout server` may replace it (measured: it does)."""
    rules = (rule for level in section.levels for rule in level.all("http-request"))
    replaced = any(rule.words[1:3] == ("set-timeout", "server") for rule in rules)
    return timeouts(section, tuple(name for name in _SERVER if not (replaced and name == "server")))


def idle(edge: Edge | None, backend: Backend, whole: bool, declared: tuple[str, ...] = ()) -> Idle:
    """What ends a quiet tunnel: arguments of `_idle`."""
    found = _idle(edge, backend, whole, declared)
    if found.setting is None:
        front = edge.frontend.section if edge is not None else None
        found.unknown = tuple(_doubtful(front, backend.section))
    return found


def _doubtful(front: Section | None, back: Section) -> Iterator[Setting[None]]:
    """The timeouts that are written, and whose values nobody knows: a variable, a branch."""
    for section, name in ((back, "tunnel"), (front, "client"), (back, "server")):
        if section is not None and timeout(section, name) is DOUBT:
            found = last(section, "timeout", name)
            place = found.place if isinstance(found, Found) else section.place
            yield Setting(f"timeout {name}", None, Origin.SET, place)


def _idle(edge: Edge | None, backend: Backend, whole: bool, declared: tuple[str, ...]) -> Idle:
    """The tunnel timeout replaces both others (measured, even where it is shorter); 0 counts as
    none, and then the smaller of client and server cuts.

    Args: edge: None for a backend whose frontend is not there; whole: False for a fragment, where
    an unset timeout may be set elsewhere; declared: the paths on which there are WebSockets.
    """
    section = backend.section
    front = edge.frontend.section if edge is not None else None
    client_side = front.shared(_TIMEOUT, _client_side) if front is not None else ()
    others = (*client_side, *section.shared(_SERVER_TIMEOUT, _server_side))
    base = timeout(section, "tunnel")
    tunnel, perhaps = haproxy_tunnel.in_force(base, front, section, lambda: _way(edge, declared))
    if perhaps:
        others = (*others, *perhaps)
    if tunnel is DOUBT:
        return Idle(None, False, others)
    if isinstance(tunnel, Setting):
        if tunnel.value > 0:
            return Idle(tunnel, False, others)
        others = (*others, tunnel)
    client = _limit(front, "client", whole)
    server = _limit(section, "server", whole)
    if client is None or server is None:
        return Idle(None, whole, others)
    smaller = client if client.value <= server.value else server
    rest = tuple(setting for setting in others if setting.place != smaller.place)
    return Idle(smaller, True, rest)


def _way(edge: Edge | None, declared: tuple[str, ...]) -> Way:
    """What is known of the WebSockets on an edge: its condition, and the profile's paths."""
    if edge is None:
        return Way(Handshake(tuple((False, path) for path in declared if path != "/")))
    return Way(Handshake(edge.paths_of(declared), edge.frontend.tls), edge.condition)


def _limit(section: Section | None, name: str, whole: bool) -> Setting[float] | None:
    """A timeout as a limit: unset and 0 both mean never."""
    if section is None:
        return None
    found: Setting[float] | Doubt | None = timeout(section, name)
    if isinstance(found, Setting):
        if found.value > 0:
            return found
        return Setting(found.name, math.inf, found.origin, found.place)
    if found is DOUBT or not whole:
        return None
    return Setting(f"timeout {name}", math.inf, Origin.DEFAULT, section.place)


def ignored_timeouts(section: Section) -> Iterator[Ineffective]:
    """Timeouts in a section that has no use for them; HAProxy warns, and ignores them."""
    if section.kind == "listen":
        return
    ignored = _BACKEND_ONLY if section.kind == "frontend" else _FRONTEND_ONLY
    other = "a backend, a listen section or" if section.kind == "frontend" else "a frontend or"
    for statement in section.all("timeout"):
        if len(statement.words) < 3 or statement.words[1] not in ignored or statement.maybe:
            continue
        setting = timeout_setting(Found(section, statement, True))
        if setting is not None:
            reason = f"HAProxy ignores it in a {section.kind}; it belongs into {other} defaults"
            yield Ineffective(
                Effect.TIMEOUT_INEFFECTIVE, _as_object(setting), reason, section.place
            )


def _as_object(setting: Setting[float]) -> Setting[object]:
    return Setting(
        setting.name, setting.value, setting.origin, setting.place, unitless=setting.unitless
    )
