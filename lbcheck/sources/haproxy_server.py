"""Read HAProxy `server` lines with the `default-server` lines above them.

`default-server` adds up, inherits, and acts on later lines only (HAProxy configuration manual 5.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import Struct

from lbcheck.model import Origin, Setting
from lbcheck.regex import regex
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_line import Partial, Unknown
from lbcheck.sources.haproxy_syntax import Statement
from lbcheck.sources.haproxy_values import seconds

T = TypeVar("T")
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
_OPPOSITES = {"disabled": "enabled", "check": "no-check", "ssl": "no-ssl", "backup": "no-backup"}
_VARIABLE = regex(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*+)\}|([A-Za-z_][A-Za-z0-9_]*+))")
_MAX_DEFAULTS = 200
"""More different default-server parameters than HAProxy has keywords are no configuration."""


class Base:
    """What `default-server` lines have set up to here, and where."""

    __slots__ = ("_read", "_settings", "known", "places", "unknown", "values")

    def __init__(self, before: Base | None = None) -> None:
        self.values: Parameters = dict(before.values) if before else {}
        self.places: dict[str, tuple[Section, Statement]] = dict(before.places) if before else {}
        self.unknown: bool = before.unknown if before else False
        self.known: dict[tuple[str, ...], tuple[Facts, str | None]] = {}
        self._settings: dict[str, Setting[str]] = {}
        self._read: dict[object, Any] = {}

    def setting(self, name: str) -> Setting[str]:
        """One of the values, the same object for all servers below."""
        known = self._settings.get(name)
        if known is None:
            section, statement = self.places[name]
            place = section.span(statement)
            known = Setting(name, self.values[name], Origin.INHERITED, place)
            self._settings[name] = known
        return known

    def add(self, section: Section, statement: Statement) -> None:
        if statement.maybe or type(statement.words) is Partial:
            self.unknown = True
        for name, value in parameters(statement.words[1:]).items():
            if len(self.values) < _MAX_DEFAULTS:
                self.values.pop(_OPPOSITE.get(name, "") or name.removeprefix("no-"), None)
                self.values[name] = value
                self.places[name] = section, statement

    def shared(self, name: str, read: Callable[[Setting[str]], T]) -> T:
        """What `read` makes of one of the values, made once for all servers below."""
        key = name, read
        if key not in self._read:
            self._read[key] = read(self.setting(name))
        answer: T = self._read[key]
        return answer

    def facts(self, words: tuple[str, ...]) -> tuple[Facts, str | None]:
        """What parameters mean below these defaults, and the cookie; equal words are read once."""
        known = self.known.get(words)
        if known is None:
            cookie = self.values.get("cookie")
            rest = words
            if "cookie" in words:
                rest, cookie = _without_cookie(words)
            shared = self.known.get(rest) if rest is not words else None
            known = (shared[0] if shared else Facts(parameters(rest), self)), cookie
            if rest is not words and shared is None:
                self.known[rest] = known[0], self.values.get("cookie")
            self.known[words] = known
        return known


class Facts:
    """What is in force on every server with the same parameters (but for cookie and id).

    `own` are the parameters on the line itself; `detection` is interval x fall in seconds.
    """

    __slots__ = ("backup", "base", "checked", "detection", "own", "values")

    def __init__(self, own: Parameters, base: Base) -> None:
        self.own = own
        self.base = base
        self.values = own
        if base.values:
            kept = (n for n in base.values if _OPPOSITES.get(n) not in own)
            self.values = {**{name: base.values[name] for name in kept}, **own}
        self.backup = "backup" in self.values
        self.checked = "check" in self.values or "track" in self.values
        self.detection = _detection(self.values)


def _detection(values: Parameters) -> float:
    inter = seconds(values.get("inter", "2s"))
    if inter is None:
        return math.inf  # not known: neither is then the slowest of all
    fall = values.get("fall", "3")
    return inter[0] * (int(fall[:6]) if fall.isdigit() else 0)


class Server(Struct, eq=False, gc=False):
    """A `server` or `server-template` line and everything in force on it."""

    statement: Statement
    facts: Facts
    cookie: str | None
    variables: dict[str, str]

    @property
    def address(self) -> str:
        """As it is used: addresses expand variables even bare."""
        written = self.statement.words[2 if self.statement.words[0] == "server" else 3]
        return _expand(written, self.variables) if "$" in written else written

    @property
    def unreadable(self) -> bool:
        statement = self.statement
        return statement.maybe or self.facts.base.unknown or type(statement.words) is Partial

    @property
    def checked(self) -> bool:
        return self.facts.checked

    def get(self, name: str) -> str | None:
        return self.facts.values.get(name)

    def setting(self, name: str, section: Section) -> Setting[str] | None:
        """A parameter with the line it is written on."""
        facts = self.facts
        if name in facts.own:
            place = section.span(self.statement)
            return Setting(name, facts.own[name], Origin.SET, place)
        return facts.base.setting(name) if name in facts.values else None


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
    for level in reversed(parent.levels):
        for statement in level.all("default-server"):
            base.add(level, statement)
    parent.memo[("default-server", "*")] = base
    return base


def servers_of(section: Section, variables: dict[str, str]) -> list[Server]:
    """The servers of a backend or listen section in order."""
    lines = section.all("server")
    if "server-template" in section.by:
        lines = sorted([*lines, *section.all("server-template")], key=_start)
    if not lines:
        return []
    base = inherited_base(section)
    later = list(reversed(section.all("default-server")))
    found: list[Server] = []
    for statement in lines:
        while later and later[-1].start < statement.start:
            base = Base(base)
            base.add(section, later.pop())
        words = statement.words
        skip = 3 if words[0] == "server" else 4
        if len(words) >= skip:
            rest = words[skip:]
            facts, cookie = base.known.get(rest) or base.facts(rest)
            found.append(Server(statement, facts, cookie, variables))
    return found


def _without_cookie(words: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """Parameters without the cookie value, the one that differs from server to server."""
    at = words.index("cookie")
    if at + 1 == len(words) or (at and words[at - 1] in _WITH_VALUE):
        return words, parameters(words).get("cookie")
    return words[:at] + words[at + 2 :], words[at + 1]


def kinds(servers: list[Server]) -> list[Server]:
    """One server of each kind, the first: all others are like one of them."""
    first: dict[Facts, Server] = {}
    for server in servers:
        if server.facts not in first:
            first[server.facts] = server
    return list(first.values())


def _start(statement: Statement) -> int:
    return statement.start


def _expand(address: str, variables: dict[str, str]) -> str:
    """Addresses get a second expansion of `$X` and `${X}`, even bare (tools.c, str2sa_range)."""
    if "$" not in address:
        return address
    known = _VARIABLE.sub(lambda m: variables.get(m[1] or m[2], m[0]), str(address))
    return Unknown(address) if "$" in known else known
