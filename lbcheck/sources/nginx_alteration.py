"""Statements that change a header, or the method, that a handshake rests on."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.model import Alteration, Origin, Setting
from lbcheck.sources.nginx_header import Headers
from lbcheck.sources.nginx_map import Maps, names
from lbcheck.sources.nginx_scope import Root, Scope, all_of, span
from lbcheck.sources.nginx_syntax import Directive

_REQUEST = {
    "sec-websocket-key": "the target's answer does not fit the client's key",
    "sec-websocket-version": "the target answers 426 or 400",
}
_SWITCHES = {
    "proxy_pass_request_headers": (("on",), "the target gets no header of the client's handshake"),
    "proxy_method": (("get", "$request_method"), "a handshake must be a GET"),
}
# `proxy_hide_header Connection` is harmless: nginx 1.22.1 and 1.31.3 send `Connection: upgrade` of
# their own with a 101. `Sec-WebSocket-Extensions ""` only switches compression off.
_RESPONSE = frozenset({"upgrade", "sec-websocket-accept"})


class Alterations:
    """What alters handshakes in a configuration; most have nothing but `proxy_set_header`."""

    __slots__ = ("_hides", "_maps", "_switches")

    def __init__(self, root: Root, maps: Maps) -> None:
        self._maps = maps
        self._hides = "proxy_hide_header" in root.seen
        self._switches = [name for name in _SWITCHES if name in root.seen]

    def of(self, scope: Scope, headers: Headers | None) -> tuple[Alteration, ...]:
        """Those in force in a block."""
        found: list[Alteration] = []
        if headers is not None:
            found += self._in_request(scope, headers)
        if self._hides:
            found += _in_response(scope)
        for name in self._switches:
            fine, effect = _SWITCHES[name]
            statement = scope.effective(name)
            if statement is not None and statement.args and statement.args[0].lower() not in fine:
                found.append(_altered(statement, "", effect, scope))
        return tuple(found)

    def _in_request(self, scope: Scope, headers: Headers) -> Iterator[Alteration]:
        for name, effect in _REQUEST.items():
            statement = headers.by_name.get(name)
            if statement is None or f"http_{name.replace('-', '_')}" in names(statement.args[1]):
                continue
            if self._maps.value(statement.args[1]) not in (None, "13"):
                yield _altered(statement, statement.args[0], effect, scope)


def _in_response(scope: Scope) -> Iterator[Alteration]:
    """What is hidden, but for what `proxy_pass_header` lets through all the same, wherever the
    two stand (1.22.1 and 1.31.3)."""
    hidden, passed = scope.effective("proxy_hide_header"), scope.effective("proxy_pass_header")
    let = {d.args[0].lower() for d in all_of(passed) if d.args} if passed else set()
    for statement in all_of(hidden) if hidden else ():
        header = statement.args[0] if statement.args else ""
        if header.lower() in _RESPONSE - let:
            effect = f"the client refuses a 101 without `{header}`"
            yield _altered(statement, header, effect, scope)


def _altered(statement: Directive, header: str, effect: str, scope: Scope) -> Alteration:
    own = scope.own.get(statement.name)
    origin = Origin.SET if own is not None and statement in all_of(own) else Origin.INHERITED
    setting = Setting(statement.name, " ".join(statement.args), origin, span(statement))
    return Alteration(header, setting, effect)
