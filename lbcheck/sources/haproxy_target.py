"""Make targets of HAProxy servers: address, state, weight, and when a name is resolved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lbcheck.model import Origin, Resolution, Setting, Span, State, Target
from lbcheck.regex import regex
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_line import Partial, Unknown
from lbcheck.sources.haproxy_server import Facts, Server

_V4 = regex(r"\d{1,3}(?:\.\d{1,3}){3}")
_PREFIX = regex(r"(?:ipv4|ipv6|unix|abnsz?|fd|sockpair|rhttp|(?:tcp|udp|mptcp|quic)[46]?)@")
_VARIABLE = regex(r"(?:[a-z0-9]++@)?+\$(?:\{([A-Za-z_][A-Za-z0-9_]*+)\}|([A-Za-z_]\w*+))(?::.*+)?+")
_MANY = 2
_SET, _ADDRESS = Origin.SET, Resolution.ADDRESS
"""Members of an enumeration are slow to look up, and there are many servers."""


def host_and_port(address: str) -> tuple[str, str]:
    """`[::1]:80` -> ("::1", "80"); the port is "" where none is written."""
    address = _PREFIX.sub("", address, count=1)
    if address.startswith("/"):
        return address, ""
    host, colon, port = address.rpartition(":")
    if not colon:
        return address, ""
    return host.strip("[]"), port


def resolution(server: Server, address: str) -> Resolution:
    """When the address of a server is found out."""
    if address[:1].isdigit() and _V4.match(address):
        return Resolution.ADDRESS
    host = host_and_port(address)[0]
    if type(address) is Unknown or "@" in address or ":" in host or not host.strip("*"):
        return Resolution.ADDRESS
    if host.startswith("/") or host == "localhost":
        return Resolution.ADDRESS
    if server.get("resolvers") is not None:
        return Resolution.DYNAMIC
    init = server.get("init-addr")
    if init is not None and "libc" not in init:
        return (
            Resolution.DYNAMIC
        )  # never resolved at start: the runtime API or a state file sets it
    return Resolution.ONCE


class Kind:
    """What all servers with the same parameters have in common."""

    __slots__ = ("agent", "backup", "checked", "reason", "state", "unknown", "weight")

    def __init__(self, server: Server, section: Section, disabled: bool) -> None:
        self.weight = _weight(server, section)
        self.backup = server.facts.backup
        self.checked = server.facts.checked
        self.agent = server.get("agent-check") is not None
        self.unknown = server.facts.base.unknown
        self.state, self.reason = State.HEALTHY, ""
        if disabled or server.get("disabled") is not None:
            self.state, self.reason = State.DOWN, "disabled"
        elif self.weight is not None and self.weight.value == 0:
            self.state, self.reason = State.DRAINING, "weight 0"


def _weight(server: Server, section: Section) -> Setting[int] | None:
    """A written weight; its place is right for an inherited one only, the rest is made anew."""
    written = server.setting("weight", section)
    if written is None or not written.value.isdigit():
        return None
    return Setting("weight", int(written.value[:9]), written.origin, written.place)


def targets_of(
    section: Section, servers: list[Server], disabled: bool, unknown: list[Server]
) -> tuple[Target, ...]:
    """The targets in order. A template of several servers counts as two, enough for every rule.

    Args: unknown: servers whose address is not known are added to it.
    """
    plain = Setting("weight", 1, Origin.DEFAULT, section.place)
    known: dict[Facts, Kind] = {}
    found: list[Target] = []
    for server in servers:
        statement, facts = server.statement, server.facts
        kind = known.get(facts)
        if kind is None:
            kind = known[facts] = Kind(server, section, disabled)
        words = statement.words
        place = Span(section.source, statement.start, statement.end)
        weight = kind.weight or plain
        if weight.origin is _SET:
            weight = Setting("weight", weight.value, _SET, place)
        address, resolved = words[2] if words[0] == "server" else words[3], _ADDRESS
        if not _V4.match(address):
            address, resolved = server.address, resolution(server, server.address)
            if type(address) is Unknown:
                unknown.append(server)
        for name in (words[1],) if words[0] == "server" else _names(words):
            found.append(
                Target(
                    name,
                    address,
                    place,
                    weight,
                    kind.state,
                    place if kind.reason else None,
                    kind.reason,
                    kind.backup,
                    kind.checked,
                    resolved,
                    None,
                    server.cookie,
                    kind.agent,
                    kind.unknown or statement.maybe or type(words) is Partial,
                )
            )
    return tuple(found)


def unset(section: Section, unknown: Sequence[Server]) -> Iterator[Setting[str]]:
    """Servers whose host is nothing but a variable that no line sets, one for each variable.

    An unquoted `${X}` may be a template's own.
    """
    text = section.source.text or ""
    told: set[str] = set()
    for server in unknown:
        statement, address = server.statement, server.address
        match = None if statement.maybe else _VARIABLE.fullmatch(address)
        name = (match[1] or match[2]) if match else None
        if match is None or name is None or name in told:
            continue
        if match[2] or f'"{address[: match.end(1)]}' in text[statement.start : statement.end]:
            told.add(name)
            yield Setting(name, str(address), _SET, section.span(statement))


def _names(words: tuple[str, ...]) -> list[str]:
    low, dash, high = words[2].partition("-")
    if not low.isdigit() or (dash and not high.isdigit()) or len(words[2]) > 12:
        return [words[1]]
    first = int(low) if dash else 1
    final = int(high) if dash else int(low)
    return [f"{words[1]}{n}" for n in range(first, min(final, first + _MANY - 1) + 1)]
