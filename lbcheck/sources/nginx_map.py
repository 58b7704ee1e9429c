"""What nginx variables are worth while a WebSocket handshake is under way.

A client sends `Upgrade: websocket` and `Connection: Upgrade`; maps and `set` are followed from
there. A variable that depends on anything else is None: not known, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from lbcheck.regex import regex
from lbcheck.sources import nginx_pattern
from lbcheck.sources.nginx_syntax import Directive

Variables = Mapping[str, str | None]

HANDSHAKE: Variables = {
    "http_upgrade": "websocket",
    "http_connection": "upgrade",
    "http_sec_websocket_version": "13",
    "request_method": "GET",
    "server_protocol": "HTTP/1.1",
}
NO_UPGRADE: Variables = {
    "http_upgrade": "",
    "http_connection": "",
    "http_sec_websocket_key": "",
    "http_sec_websocket_version": "",
}
"""A plain request sends none of what a handshake does."""
_MISSPELT = ("http_upg", "http_update", "http_conn", "http_cone")
"""`$http_upgarde` is a valid name: that of a header which nobody sends, so it is empty."""
NONE: Variables = {}
PLAIN: Variables = {"scheme": "http", "https": ""}
SECURE: Variables = {"scheme": "https", "https": "on"}
"""What every request of a server starts with; values are remembered for these three."""

PLACEHOLDER = regex(r"\{\{|\{%|<%|\$\{?[A-Z][A-Z0-9_]*+(?![a-z])")
VARIABLE = regex(r"\$(?:\{([A-Za-z0-9_]++)\}|([A-Za-z0-9_]++))")
_MAX_DEPTH = 20
_FLAGS = frozenset({"hostnames", "volatile", "include"})


def opaque(text: str) -> bool:
    """Is a part of the text filled in by somebody else (a template, envsubst)?"""
    if "$" not in text and "{" not in text and "<" not in text:
        return False
    return PLACEHOLDER.search(text) is not None


@lru_cache(4096)
def names(template: str) -> tuple[str, ...]:
    """The variables of a value, lower-case and without `$`."""
    return tuple((match[1] or match[2]).lower() for match in VARIABLE.finditer(template))


class Maps:
    """The `map` blocks of a configuration, evaluated for a handshake."""

    __slots__ = ("_blocks", "_known")

    def __init__(self, blocks: dict[str, Directive]) -> None:
        self._blocks = blocks
        self._known: dict[int, dict[str, str | None]] = {
            id(start): {} for start in (NONE, PLAIN, SECURE)
        }

    def block(self, name: str) -> Directive | None:
        """The map that defines a variable."""
        return self._blocks.get(name)

    def value(self, template: str, variables: Variables = NONE) -> str | None:
        """A value with its variables filled in, None where it is not known.

        Args: variables: what `set` statements have left there.
        """
        if "$" not in template:
            return None if opaque(template) else template
        known = self._known.get(id(variables))
        if known is None:
            return self._expand(template, variables, 0)
        if template not in known:
            known[template] = self._expand(template, variables, 0)
        return known[template]

    def outcomes(self, template: str) -> list[str] | None:
        """Every value that a single mapped variable may have, None where one is not constant."""
        match = VARIABLE.fullmatch(template)
        block = self._blocks.get((match[1] or match[2]).lower()) if match else None
        if block is None:
            return None
        values = [value for key, value in entries(block) if key != "include"]
        return None if any("$" in v or opaque(v) for v in values) else list(dict.fromkeys(values))

    def _expand(self, template: str, variables: Variables, depth: int) -> str | None:
        if depth > _MAX_DEPTH or opaque(template):
            return None
        parts: list[str] = []
        at = 0
        for match in VARIABLE.finditer(template):
            value = self._variable((match[1] or match[2]).lower(), variables, depth)
            if value is None:
                return None
            parts += (template[at : match.start()], value)
            at = match.end()
        return "".join(parts) + template[at:]

    def _variable(self, name: str, variables: Variables, depth: int) -> str | None:
        if name in variables:
            return variables[name]
        block = self._blocks.get(name)
        if block is None:
            return HANDSHAKE.get(name, "" if name.startswith(_MISSPELT) else None)
        source = self._expand(block.args[0], variables, depth + 1)
        if source is None:
            return None
        found = _chosen(block, source)
        return None if found is None else self._expand(found, variables, depth + 1)


def entries(block: Directive) -> list[tuple[str, str]]:
    """Keys and values of a map, in order; flags such as `volatile` are no entries."""
    return [
        (inner.name, inner.args[0])
        for inner in block.block or ()
        if inner.args and not (inner.name in _FLAGS and inner.name != "include")
    ]


def _chosen(block: Directive, source: str) -> str | None:
    """The value a map gives for a source: exact keys first, then expressions in order, then
    `default`, then nothing at all (ngx_http_map_module)."""
    default, exact, folded = "", None, source.lower()
    patterns = []
    for key, value in entries(block):
        if key == "include":
            return None
        if key == "default":
            default = value
        elif key.startswith("~"):
            patterns.append((key, value))
        elif exact is None and key.removeprefix("\\").lower() == folded:
            exact = value
    if exact is not None:
        return exact
    if any(inner.name == "hostnames" for inner in block.block or ()):
        return None
    return _by_pattern(patterns, source, default)


def _by_pattern(patterns: list[tuple[str, str]], source: str, default: str) -> str | None:
    for key, value in patterns:
        folded = key.startswith("~*")
        hit = nginx_pattern.matches(key[2 if folded else 1 :], source, folded)
        if hit is None:
            return None
        if hit:
            return None if re.search(r"\$[0-9]", value) else value
    return default
