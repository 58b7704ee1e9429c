"""Read HAProxy `server` lines with the `default-server` lines above them into targets.

`default-server` adds up, inherits, and acts on later lines only (HAProxy configuration manual 5.2).
"""

from __future__ import annotations

import re

from lbcheck.model import Origin, Resolution, Setting, State, Target
from lbcheck.sources.haproxy_config import Section, chain
from lbcheck.sources.haproxy_line import Unknown
from lbcheck.sources.haproxy_syntax import Statement

Parameters = dict[str, str]

_WITH_VALUE = frozenset(
    """
    addr agent-addr agent-inter agent-port agent-send alpn ca-file check-alpn check-proto check-sni
    ciphers ciphersuites client-sigalgs cookie crl-file crt curves downinter error-limit fall
    fastinter guid hash-key healthcheck id idle-ping init-addr init-state inter interface
    log-bufsize log-proto max-reuse maxconn maxqueue minconn namespace npn observe on-error
    on-marked-down on-marked-up pool-conn-name check-pool-conn-name pool-low-conn pool-max-conn
    pool-purge-delay port proto check-ws proxy-v2-options quic-cc-algo redir resolve-net
    resolve-opts resolve-prefer resolvers rise shard sigalgs slowstart sni socks4 source
    ssl-max-ver ssl-min-ver tcp-ut tcp-md5sig track usesrc verify verifyhost weight ws from
    """.split()
)
_OPPOSITE = {"enabled": "disabled", "no-check": "check", "check": "no-check"}
_V4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_PREFIX = re.compile(r"(?:ipv4|ipv6|unix|abnsz?|fd|sockpair|rhttp|(?:tcp|udp|mptcp|quic)[46]?)@")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*+)\}|([A-Za-z_][A-Za-z0-9_]*+))")
_MANY = 2


class Server:
    """A `server` or `server-template` line and everything in force on it.

    `own` are its own parameters, `base` those of the default-server lines above it.
    """

    __slots__ = ("address", "base", "own", "statement", "unreadable")

    def __init__(self, statement: Statement, own: Parameters, base: Base, address: str) -> None:
        self.statement = statement
        self.own = own
        self.base = base
        self.address = address
        self.unreadable = statement.maybe or any(type(w) is Unknown for w in statement.words)

    def get(self, name: str) -> str | None:
        value = self.own.get(name)
        if value is None and (base := self.base.values.get(name)) is not None:
            opposite = _OPPOSITES.get(name)
            return None if opposite in self.own else base
        return value

    def setting(self, name: str, section: Section) -> Setting[str] | None:
        """A parameter with the line it is written on."""
        if name in self.own:
            place = section.span(self.statement)
            return Setting(name, self.own[name], Origin.SET, place)
        if name in self.base.values:
            owner, statement = self.base.places[name]
            origin = Origin.INHERITED
            return Setting(name, self.base.values[name], origin, owner.span(statement))
        return None

    @property
    def checked(self) -> bool:
        return self.get("check") is not None or self.get("track") is not None


_OPPOSITES = {"disabled": "enabled", "check": "no-check", "ssl": "no-ssl", "backup": "no-backup"}


class Base:
    """What `default-server` lines have set up to here, and where."""

    __slots__ = ("places", "unknown", "values")

    def __init__(self, before: Base | None = None) -> None:
        self.values: Parameters = dict(before.values) if before else {}
        self.places: dict[str, tuple[Section, Statement]] = dict(before.places) if before else {}
        self.unknown: bool = before.unknown if before else False

    def add(self, section: Section, statement: Statement) -> None:
        if statement.maybe:
            self.unknown = True
        for name, value in parameters(statement.words[1:]).items():
            self.values.pop(_OPPOSITE.get(name, "") or name.removeprefix("no-"), None)
            self.values[name] = value
            self.places[name] = section, statement


def parameters(words: tuple[str, ...]) -> Parameters:
    """Keyword -> value ("" for a flag); the last one wins, `no-check` removes `check`."""
    found: Parameters = {}
    at, count = 0, len(words)
    while at < count:
        word = words[at]
        at += 1
        if word in _WITH_VALUE:
            if at < count:
                found[word] = words[at]
                at += 1
            continue
        if found:
            opposite = _OPPOSITE.get(word) or (word[3:] if word[:3] == "no-" else None)
            if opposite is not None:
                found.pop(opposite, None)
        found[word] = ""
    return found


def inherited_base(section: Section) -> Base:
    """The default-server state a section begins with, from its chain of defaults."""
    parent = section.parent
    if parent is None:
        return Base()
    known = parent.memo.get(("default-server", "*"))
    if isinstance(known, Base):
        return known
    base = Base()
    for level in reversed(chain(parent)):
        for statement in level.all("default-server"):
            base.add(level, statement)
    parent.memo[("default-server", "*")] = base
    return base


def servers_of(section: Section, variables: dict[str, str]) -> list[Server]:
    """The servers of a backend or listen section in order."""
    base = inherited_base(section)
    lines = [*section.all("server"), *section.all("server-template")]
    defaults = list(section.all("default-server"))
    if len(lines) > 1 and (defaults or "server-template" in section.by):
        lines.sort(key=_start)
    found: list[Server] = []
    memo: dict[tuple[str, ...], Parameters] = {}
    for statement in lines:
        while defaults and defaults[0].start < statement.start:
            base = Base(base)
            base.add(section, defaults.pop(0))
        words = statement.words
        skip = 3 if words[0] == "server" else 4
        if len(words) < skip:
            continue
        rest = words[skip:]
        own = memo.get(rest)
        if own is None:
            own = memo[rest] = parameters(rest)
        found.append(Server(statement, own, base, _expand(words[skip - 1], variables)))
    return found


def _start(statement: Statement) -> int:
    return statement.start


def _expand(address: str, variables: dict[str, str]) -> str:
    """Addresses get a second expansion of `$X` and `${X}`, even bare (tools.c, str2sa_range)."""
    if "$" not in address:
        return address
    known = _VARIABLE.sub(lambda m: variables.get(m[1] or m[2], m[0]), str(address))
    return Unknown(address) if "$" in known else known


def host_and_port(address: str) -> tuple[str, str]:
    """`[::1]:80` -> ("::1", "80"); the port is "" where none is written."""
    address = _PREFIX.sub("", address, count=1)
    if address.startswith("/"):
        return address, ""
    host, colon, port = address.rpartition(":")
    if not colon:
        return address, ""
    return host.strip("[]"), port


def resolution(server: Server) -> Resolution:
    """When the address of a server is found out."""
    address = server.address
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


class Shared:
    """Values that the targets of a section have in common, made once."""

    __slots__ = ("disabled", "section", "weight")

    def __init__(self, section: Section, disabled: bool) -> None:
        self.section = section
        self.disabled = disabled
        self.weight = Setting("weight", 1, Origin.DEFAULT, section.place)


def targets(server: Server, shared: Shared) -> list[Target]:
    """One target; for a template of several one or two, as many as make a difference."""
    section = shared.section
    words = server.statement.words
    place = section.span(server.statement)
    state, reason = State.HEALTHY, ""
    written = server.get("weight")
    weight = shared.weight
    if written is not None and written.isdigit():
        setting = server.setting("weight", section)
        assert setting is not None
        weight = Setting("weight", int(written[:9]), setting.origin, setting.place)
        if weight.value == 0:
            state, reason = State.DRAINING, "weight 0"
    if server.get("disabled") is not None or shared.disabled:
        state, reason = State.DOWN, "disabled"
    make = [words[1]] if words[0] == "server" else _names(words)
    return [
        Target(
            name,
            server.address,
            place,
            weight,
            state,
            place if reason else None,
            reason,
            server.get("backup") is not None,
            server.checked,
            resolution(server),
            None,
            server.get("cookie"),
            server.unreadable or server.base.unknown,
        )
        for name in make
    ]


def _names(words: tuple[str, ...]) -> list[str]:
    low, dash, high = words[2].partition("-")
    if not low.isdigit() or (dash and not high.isdigit()) or len(words[2]) > 12:
        return [words[1]]
    first = int(low) if dash else 1
    final = int(high) if dash else int(low)
    return [f"{words[1]}{n}" for n in range(first, min(final, first + _MANY - 1) + 1)]
