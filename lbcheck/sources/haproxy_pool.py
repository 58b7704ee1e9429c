"""Resolve a HAProxy backend (or the backend half of a listen section) into a pool."""

from __future__ import annotations

from collections.abc import Iterable

from lbcheck.model import (
    Belief,
    CheckKind,
    HealthCheck,
    Ineffective,
    Level,
    Origin,
    Pool,
    Setting,
    Vendor,
)
from lbcheck.sources import haproxy_tunnel
from lbcheck.sources.haproxy_check import Check, health_check
from lbcheck.sources.haproxy_check_faults import ineffective
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_cookie import broken
from lbcheck.sources.haproxy_forced import forced
from lbcheck.sources.haproxy_limits import per_target
from lbcheck.sources.haproxy_line import Unknown
from lbcheck.sources.haproxy_marks import closes_dead, marked, mass_close
from lbcheck.sources.haproxy_persistence import (
    churn,
    drain_marks,
    kept_away,
    persistence,
    redispatch,
)
from lbcheck.sources.haproxy_process import Process
from lbcheck.sources.haproxy_server import Server, kinds, servers_of
from lbcheck.sources.haproxy_state import not_kept
from lbcheck.sources.haproxy_target import targets_of, unset
from lbcheck.sources.haproxy_values import Doubt, Found, last, mode, option, timeout

_FOREIGN = frozenset("smtpchk mysql-check pgsql-check redis-check ldap-check spop-check".split())
_ANSWERS = frozenset(
    ["deny", "redirect", "return", "tarpit", "reject", "silent-drop", "use-service"]
)
_STICKY = frozenset(["cookie", "stick-table", "source", "hash"])
_NO_HTTP_MODES = frozenset(["log", "syslog", "spop", "health"])


class Backend:
    """A backend before it is known which routes lead to it."""

    __slots__ = (
        "carries_http",
        "check",
        "evidence",
        "internal",
        "kinds",
        "mode",
        "name",
        "redispatch",
        "section",
        "servers",
        "tunnel",
    )

    def __init__(self, section: Section, variables: dict[str, str]) -> None:
        self.section = section
        self.name = section.name
        self.mode = mode(section)
        self.servers = servers_of(section, variables)
        self.kinds = kinds(self.servers)
        self.check = Check(section, self.servers, self.kinds)
        self.tunnel = tunnel_of(section)
        self.redispatch = redispatch(section)
        self.evidence = self._evidence()
        self.internal = False
        """every server is a frontend of this very process"""
        self.carries_http = self._carries_http()

    def _carries_http(self) -> bool:
        """Could WebSockets pass? Databases, mail, logs, statistics, fixed answers: no."""
        section = self.section
        if self.mode in _NO_HTTP_MODES or self.check.type in _FOREIGN:
            return False
        if section.all("use-fcgi-app"):
            return False
        if self.servers or section.opaque or section.all("dispatch"):
            return True
        return section.kind == "backend" and not _answers_itself(section)

    def _evidence(self) -> Belief | None:
        """What in the backend itself proves that WebSockets pass."""
        tunnel = self.tunnel
        if isinstance(tunnel, Setting) and tunnel.origin is Origin.SET:
            return Belief(Level.CERTAIN, f"`{self.name}` sets `{tunnel.name}`")
        if self.check.asks_upgrade:
            return Belief(Level.CERTAIN, f"the health check of `{self.name}` is a handshake")
        if "http-request" in self.section.by and forced(self.section) is not None:
            return Belief(Level.CERTAIN, f"`{self.name}` sets `Upgrade` to `websocket`")
        for server in self.kinds:
            if (server.get("ws") or "auto") in ("h1", "h2"):
                return Belief(Level.CERTAIN, f"`{self.name}` sets `ws` for its servers")
        return None


_ANSWERING = ("stats", "redirect", "errorfile", "errorfiles", "http-error")


def _answers_itself(section: Section) -> bool:
    """A backend without servers that was not meant to have any."""
    if any(section.all(word) for word in _ANSWERING):
        return True
    return any(
        statement.words[1:2] and statement.words[1] in _ANSWERS
        for statement in section.all("http-request")
    )


def tunnel_of(section: Section) -> Setting[float] | Doubt | None:
    """`set-timeout tunnel` (2.4+) where there is one, else `timeout tunnel`: what is written, for
    it was written for the WebSockets. `haproxy_tunnel` says what a handshake gets."""
    return section.shared(_TUNNEL, _tunnel)


_TUNNEL = frozenset(["http-request", "http-response", "timeout"])


def _tunnel(section: Section) -> Setting[float] | Doubt | None:
    return haproxy_tunnel.written(section) or timeout(section, "tunnel")


def build(backend: Backend, belief: Belief, process: Process, asked: Iterable[Ineffective]) -> Pool:
    """Args: asked: what is wrong with questions for this backend elsewhere."""
    section, servers = backend.section, backend.servers
    kind = backend.mode or "http"
    lost = not_kept(process.state, section)
    lasting = tuple(persistence(section, servers, kind))
    unknown: list[Server] = []
    members = targets_of(section, servers, _disabled(section), unknown)
    marks = marked(backend.kinds)
    sticky = next((p.setting for p in lasting if p.kind in _STICKY), None)
    broken_cookie = broken(section, servers, sticky is not None) if kind == "http" else ()
    return Pool(
        vendor=Vendor.HAPROXY,
        name=section.name,
        address=f"{section.kind}[{section.name}]",
        place=section.place,
        belief=belief,
        targets=members,
        check=_check(backend),
        drain_time=process.drain,
        stickiness=sticky,
        persistence=lasting,
        redispatch=backend.redispatch,
        mode=kind,
        ineffective=(*ineffective(backend.check), *broken_cookie, *lost, *asked),
        drain_marks=tuple(drain_marks(section, backend.check, members, servers)),
        spares_weightless=kept_away(section),
        complete=_complete(backend),
        closes_dead=closes_dead(section, backend.kinds) if marks else None,
        mass_close=tuple(mass_close(section, backend.kinds)) if marks else (),
        alike=section.alike,
        unset=tuple(unset(section, unknown)) if unknown and not process.may_stop else (),
        per_target=per_target(section, backend.kinds),
        churn=churn(section, sticky) if len(members) > 1 else None,
        lingering=process.lingering,
    )


def _check(backend: Backend) -> HealthCheck:
    """A hop inside the process needs no check: it is there when the process is."""
    found = health_check(backend.check)
    if backend.internal and found.kind in (CheckKind.NONE, CheckKind.CONNECT):
        return HealthCheck(CheckKind.OTHER, found.place)
    return found


def _disabled(section: Section) -> bool:
    found = last(section, "disabled")
    return isinstance(found, Found) and not section.all("enabled")


def _complete(backend: Backend) -> bool:
    """Is what is written here all there is? A server that is disabled may be brought back by a
    saved state (measured: ready after the restart), a disabled template by whoever fills it, and
    `option transparent` needs no server."""
    section, servers = backend.section, backend.servers
    if section.opaque or section.all("dispatch"):
        return False
    if not servers:
        return option(section, "transparent") is None
    if any([server.statement.maybe for server in servers]):  # noqa: C419 (twice as fast)
        return False
    disabled = [server for server in backend.kinds if server.get("disabled") is not None]
    if disabled and last(section, "load-server-state-from-file") is not None:
        return False
    return "server-template" not in section.by or not any(
        server.statement.words[0] == "server-template"
        and (server.get("resolvers") is not None or server.get("disabled") is not None)
        for server in servers
    )


_SPOKEN = frozenset(["alpn", "proto", "ws"])


def http_version(backend: Backend) -> Setting[str] | None:
    """The protocol in which handshakes reach the servers.

    `ws auto` (the default since 2.5) falls back to HTTP/1.1 where ALPN offers it, and stays with
    HTTP/2 where nothing else is offered (measured on 2.6 and 2.8). `ws h2` says that the target
    knows RFC 8441 (None), which needs a server that is spoken to in HTTP/2 at all: 503 without.
    """
    if backend.mode != "http":
        return None
    section = backend.section
    for server in backend.kinds:
        if _SPOKEN.isdisjoint(server.facts.values):
            continue
        name = None if server.unreadable else _http2_by(server)
        if name is None:
            continue
        written = server.setting(name, section)
        if written is not None and not isinstance(written.value, Unknown):
            return Setting(f"{name} h2", "2", written.origin, written.place)
    if any([server.get("ws") == "h2" for server in backend.kinds]):  # noqa: C419
        return None
    return Setting("proto", "1.1", Origin.DEFAULT, section.place)


def _http2_by(server: Server) -> str | None:
    """The parameter that sends handshakes as HTTP/2 to a server which may not take them."""
    offered = (server.get("alpn") or "").split(",")
    wanted = server.get("ws") or "auto"
    if wanted != "auto":
        spoken = server.get("proto") == "h2" or "h2" in offered
        return "ws" if wanted == "h2" and not spoken else None
    if server.get("proto") == "h2":
        return "proto"
    return "alpn" if "h2" in offered and "http/1.1" not in offered else None
