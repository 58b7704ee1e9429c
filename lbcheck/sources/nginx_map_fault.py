"""Maps and variables in `Upgrade` and `Connection` that do not give what a handshake needs."""

from __future__ import annotations

from lbcheck.model import Effect, Ineffective, Origin, Setting
from lbcheck.sources.nginx_header import Headers
from lbcheck.sources.nginx_map import Maps, Variables, entries, names
from lbcheck.sources.nginx_rewrite import about_upgrade
from lbcheck.sources.nginx_scope import span
from lbcheck.sources.nginx_syntax import Directive
from lbcheck.sources.nginx_undefined import Undefined

FIREFOX: Variables = {"http_connection": "keep-alive, Upgrade"}
_WANTED = (("connection", "upgrade"), ("upgrade", "websocket"))


class MapFaults:
    """What is wrong with the variables of header values; each is judged once."""

    __slots__ = ("_known", "_maps", "_undefined")

    def __init__(self, maps: Maps, undefined: Undefined) -> None:
        self._maps = maps
        self._undefined = undefined
        self._known: dict[tuple[str, str], str | None] = {}

    def among(self, headers: Headers | None, variables: Variables) -> list[Ineffective]:
        """The broken variables of a header set.

        Args: variables: what `set` has defined there, which is no map's fault.
        """
        found = []
        for header, wanted in _WANTED:
            statement = headers.by_name.get(header) if headers else None
            for name in names(statement.args[1]) if statement else ():
                key = (name, header)
                if key not in self._known:
                    self._known[key] = self._fault(name, header.title(), wanted)
                reason = self._known[key]
                if reason is not None and statement is not None and name not in variables:
                    found.append(self._record(name, reason, statement))
        return found

    def _record(self, name: str, reason: str, statement: Directive) -> Ineffective:
        block = self._maps.block(name) or self._undefined.misplaced(name)
        if block is None:
            setting: Setting[object] = Setting(f"${name}", None, Origin.SET, span(statement))
            return Ineffective(Effect.MAP_BROKEN, setting, reason)
        title = f"map {block.args[0]} {block.args[1]}"
        setting = Setting(title, None, Origin.SET, span(block))
        return Ineffective(Effect.MAP_BROKEN, setting, reason, span(statement))

    def _fault(self, name: str, header: str, wanted: str) -> str | None:
        block = self._maps.block(name)
        if block is None:
            if self._undefined.misplaced(name) is not None:
                return "nginx takes a `map` directly in `http` only, and refuses to start"
            if not self._undefined.missing(name):
                return None
            return "no `map`, no `set` and no module defines it, so that nginx refuses to start"
        value = self._maps.value(block.args[1])
        if value is None:
            return self._wrong_source(block, wanted)
        if wanted in value.lower():
            return self._misses(block, wanted)
        if any(value.lower() == good for _, good in _WANTED):
            return None  # a map that is right, in the wrong header: its use is told of
        if value == "" and not any(key == "default" for key, _ in entries(block)):
            return f"it has no `default` and no key for `websocket`, so `{header}` is empty"
        return f"it gives `{value}` for a handshake, and `{header}` must be `{wanted}`"

    def _misses(self, block: Directive, wanted: str) -> str | None:
        """A map that knows `Upgrade` alone. Firefox sends `Connection: keep-alive, Upgrade`, and
        a key is compared with all of it (426 from the target on 1.22.1 and 1.31.3)."""
        value = self._maps.value(block.args[1], FIREFOX)
        if value is None or wanted in value.lower():
            return None
        given = f"`{value}`" if value else "nothing"
        return f"it gives {given} for `Connection: keep-alive, Upgrade`, which Firefox sends"

    def _wrong_source(self, block: Directive, wanted: str) -> str | None:
        """A map with a key for `websocket` that looks at something else than `Upgrade`."""
        values = {key.lower(): value.lower() for key, value in entries(block)}
        asks = any(about_upgrade(self._maps, name) for name in names(block.args[0]))
        if asks or "websocket" not in values or wanted in values.get("default", ""):
            return None
        return f"it looks at `{block.args[0]}`, which is not the client's `Upgrade` header"
