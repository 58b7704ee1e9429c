"""How many connections HAProxy takes and hands on at once, where somebody wrote the limit."""

from __future__ import annotations

from collections.abc import Sequence

from lbcheck.model import Setting
from lbcheck.sources.haproxy_config import Instance, Section
from lbcheck.sources.haproxy_server import Server
from lbcheck.sources.haproxy_values import Found, last


def process_limit(instance: Instance) -> Setting[int] | None:
    """`maxconn` in `global`: clients of all frontends together."""
    for section in instance.of("global"):
        for statement in reversed(section.all("maxconn")):
            if len(statement.words) > 1 and not statement.maybe:
                return _number(statement.words[1], Found(section, statement, True))
    return None


def capacity(section: Section, process: Setting[int] | None) -> Setting[int] | None:
    """The smaller of the process's limit and the frontend's own (measured: the next client's
    handshake is not answered at all)."""
    found = last(section, "maxconn")
    own = None
    if isinstance(found, Found) and len(found.words) > 1:
        own = _number(found.words[1], found)
    both = [limit for limit in (own, process) if limit is not None]
    return min(both, key=lambda limit: limit.value, default=None)


def _number(text: str, found: Found) -> Setting[int] | None:
    """0 means no limit here; the process decides."""
    value = int(text) if text.isdecimal() and len(text) < 10 else 0
    return Setting("maxconn", value, found.origin, found.place) if value else None


_LIMITS = ("maxconn", "source")


def per_target(section: Section, kinds: Sequence[Server]) -> Setting[int] | None:
    """The smallest number of connections that a server is given: by its `maxconn`, or by the ports
    of its `source`, of which each connection takes one. A server without a limit takes what the
    others cannot (measured), so there is none then."""
    smallest: Setting[int] | None = None
    for server in kinds:
        limit = None if server.unreadable else _limit(section, server)
        if limit is None:
            return None
        if smallest is None or limit.value < smallest.value:
            smallest = limit
    return smallest


def _limit(section: Section, server: Server) -> Setting[int] | None:
    for name in _LIMITS:
        if name in server.facts.values:
            written = server.setting(name, section)
            value = _allowed(name, written.value) if written else 0
            if written and value:
                return Setting(name, value, written.origin, written.place)
    return None


def _allowed(name: str, text: str) -> int:
    """0: no limit."""
    if name == "source":
        low, _, high = text.rpartition(":")[2].partition("-")
        known = ":" in text and low.isdecimal() and high.isdecimal() and len(low + high) < 11
        return int(high) - int(low) + 1 if known else 0
    return int(text) if text.isdecimal() and len(text) < 10 else 0
