"""The health check of a HAProxy backend as it is really performed, and what of it does nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lbcheck.model import (
    CheckKind,
    HealthCheck,
    Origin,
    Place,
    Setting,
    Span,
    StatusSet,
)
from lbcheck.sources.haproxy_check_rules import Request, read_request, rules_section
from lbcheck.sources.haproxy_check_target import destination, in_clear
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_server import Server
from lbcheck.sources.haproxy_values import Found, seconds, timeout

TYPES = {
    "httpchk": CheckKind.HTTP,
    "tcp-check": CheckKind.CONNECT,
    "ssl-hello-chk": CheckKind.OTHER,
    "smtpchk": CheckKind.OTHER,
    "mysql-check": CheckKind.OTHER,
    "pgsql-check": CheckKind.OTHER,
    "redis-check": CheckKind.OTHER,
    "ldap-check": CheckKind.OTHER,
    "spop-check": CheckKind.OTHER,
    "external-check": CheckKind.OTHER,
}
_ALWAYS = StatusSet(((200, 399),), "2xx and 3xx")
_NEEDED = (
    ("Connection: upgrade", "connection", "upgrade"),
    ("Upgrade: websocket", "upgrade", "websocket"),
    ("Sec-WebSocket-Key", "sec-websocket-key", ""),
    ("Sec-WebSocket-Version", "sec-websocket-version", ""),
)


class Check:
    """The check of one backend: `type_found` is the `option ...-check` in force.

    `kinds` are its servers, one for each kind of parameters; `checked` those that are checked.
    """

    __slots__ = (
        "asks_upgrade",
        "checked",
        "doubtful",
        "kinds",
        "overridden",
        "request",
        "section",
        "servers",
        "type",
        "type_found",
    )

    def __init__(
        self, section: Section, servers: Sequence[Server], kinds: Sequence[Server]
    ) -> None:
        self.section = section
        self.servers = servers
        self.kinds = kinds
        self.checked = [server for server in kinds if server.facts.checked]
        self.doubtful = section.opaque or any([s.facts.base.unknown for s in kinds])  # noqa: C419
        types = _types(section)
        self.type_found = types[0] if types else None
        self.type: str = types[0].words[1] if types else ""
        self.overridden = next((t for t in types[1:] if t.words[1] == "httpchk"), None)
        asks = self.type == "httpchk"
        self.request = read_request(section, rules_section(section)) if asks else Request()
        self.asks_upgrade = _asks_upgrade(self.request)


def _asks_upgrade(request: Request) -> bool:
    """Does it send a handshake, or expect the answer to one?"""
    if "upgrade" in request.headers:
        return True
    for accepted in request.accepts:
        if accepted and 101 in accepted.value and 200 not in accepted.value:
            return True
    return False


def _types(section: Section) -> list[Found]:
    """The check types written for a proxy: the one in force first."""
    return [
        Found(level, statement, level is section)
        for level in section.levels
        if "option" in level.by
        for statement in reversed(level.by["option"])
        if len(statement.words) > 1 and statement.words[1] in TYPES
    ]


def health_check(check: Check) -> HealthCheck:
    section = check.section
    first = check.checked[0] if check.checked else None
    found = check.type_found
    if check.doubtful and first is None:
        return HealthCheck(CheckKind.UNKNOWN, section.place)
    if first is None:
        return HealthCheck(CheckKind.NONE, section.place)
    if found is None:
        setting = first.setting("check", section) or first.setting("track", section)
        place = setting.place if setting else section.place
        kind = CheckKind.CONNECT if first.get("check") is not None else CheckKind.UNKNOWN
        return _timed(check, CheckKind.UNKNOWN if check.doubtful else kind, place)
    if found.statement.maybe or not found.known or not check.request.known:
        return _timed(check, CheckKind.UNKNOWN, found.place)
    if check.type == "httpchk":
        return _http(check, found)
    kind = TYPES[check.type]
    if check.type == "tcp-check":
        kind = _tcp_kind(section)
    return _timed(check, kind, found.place)


def _tcp_kind(section: Section) -> CheckKind:
    """A dialogue says more than a connection; one that sends an Upgrade header is a handshake."""
    kind = CheckKind.CONNECT
    for level in section.levels:
        for statement in level.all("tcp-check"):
            words = statement.words
            if any("upgrade" in word.lower() for word in words[2:]):
                return CheckKind.HANDSHAKE
            if words[1:2] != ("connect",) and words[1:2] != ("comment",):
                kind = CheckKind.OTHER
        if level.all("tcp-check"):
            break
    return kind


def _http(check: Check, found: Found) -> HealthCheck:
    request = check.request
    place = found.place
    if not request.sends:
        return _timed(check, CheckKind.UNKNOWN, place)
    accepts = _accepts(request, place)
    upgrade = check.asks_upgrade
    parts = request.parts
    version = parts.get("version")
    return _timed(
        check,
        CheckKind.HANDSHAKE if upgrade else CheckKind.HTTP,
        place,
        parts.get("method") or _default("OPTIONS", place),
        parts.get("path") or _default("/", place),
        _version(version) if version else _default("1.0", place),
        parts.get("host"),
        accepts,
        tuple(_lacks(request, accepts)) if upgrade else (),
    )


def _default(value: str, place: Span) -> Setting[str]:
    return Setting("option httpchk", value, Origin.DEFAULT, place)


def _version(written: Setting[str]) -> Setting[str]:
    number = written.value.upper().removeprefix("HTTP/")
    return Setting(written.name, number, written.origin, written.place)


def _accepts(request: Request, place: Span) -> Setting[StatusSet] | None:
    """The one status expectation; None where there are other kinds or several."""
    if not request.accepts:
        return Setting("http-check expect", _ALWAYS, Origin.DEFAULT, place)
    return request.accepts[0] if len(request.accepts) == 1 else None


def _lacks(request: Request, accepts: Setting[StatusSet] | None) -> Iterator[str]:
    version = request.parts.get("version")
    if version is None or not version.value.endswith("1.1"):
        yield "HTTP/1.1"
    for shown, header, value in _NEEDED:
        sent = request.headers.get(header)
        if sent is None or value not in sent.lower():
            yield shown
    if accepts is not None and 101 not in accepts.value:
        yield "expect status 101"


def _timed(
    check: Check,
    kind: CheckKind,
    place: Place,
    method: Setting[str] | None = None,
    path: Setting[str] | None = None,
    version: Setting[str] | None = None,
    host: Setting[str] | None = None,
    accepts: Setting[StatusSet] | None = None,
    lacks: tuple[str, ...] = (),
) -> HealthCheck:
    """A check with the timing of its slowest server (defaults: 2s, rise 2, fall 3)."""
    section = check.section
    slowest = check.checked[0]
    for server in check.checked:
        if server.facts.detection > slowest.facts.detection:
            slowest = server
    elsewhere = destination(check.request, slowest, section)
    limit = timeout(section, "check")
    line = section.span(slowest.statement)
    return HealthCheck(
        kind,
        place,
        method,
        path,
        version,
        host,
        elsewhere,
        None if elsewhere else in_clear(check.request, slowest, section),
        accepts,
        _time(slowest, "inter", line),
        limit if isinstance(limit, Setting) else None,
        _count(slowest, "rise", 2, line),
        _count(slowest, "fall", 3, line),
        lacks,
        _time(slowest, "fastinter", line) if slowest.get("fastinter") else None,
        _time(slowest, "downinter", line) if slowest.get("downinter") else None,
        _starts_down(check, slowest),
    )


def _starts_down(check: Check, server: Server) -> Setting[str] | None:
    """`init-state down` or `fully-down`, where no server begins in another way."""
    if "init-state" not in server.facts.values:
        return None
    if any(each.get("init-state") not in ("down", "fully-down") for each in check.kinds):
        return None
    return server.setting("init-state", check.section)


def _time(server: Server, name: str, line: Span) -> Setting[float] | None:
    facts = server.facts
    if name not in facts.values:
        return Setting(name, 2.0, Origin.DEFAULT, line)
    if name not in facts.own:
        return facts.base.shared(name, _as_time)
    return _as_time(Setting(name, facts.own[name], Origin.SET, line))


def _as_time(written: Setting[str]) -> Setting[float] | None:
    value = seconds(written.value)
    if value is None:
        return None
    return Setting(written.name, value[0], written.origin, written.place, unitless=value[1])


def _count(server: Server, name: str, default: int, line: Span) -> Setting[int] | None:
    facts = server.facts
    if name not in facts.values:
        return Setting(name, default, Origin.DEFAULT, line)
    if name not in facts.own:
        return facts.base.shared(name, _as_count)
    return _as_count(Setting(name, facts.own[name], Origin.SET, line))


def _as_count(written: Setting[str]) -> Setting[int] | None:
    if not written.value.isdigit():
        return None
    return Setting(written.name, int(written.value[:9]), written.origin, written.place)
