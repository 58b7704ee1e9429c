"""The `proxy_set_header` set in force: the whole set of the nearest level that has any."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.model import Effect, Ineffective, Origin, Place, Setting
from lbcheck.sources.nginx_map import NONE, Maps, Variables, names
from lbcheck.sources.nginx_rewrite import about_upgrade
from lbcheck.sources.nginx_scope import Kind, Scope, all_of, matcher, span
from lbcheck.sources.nginx_syntax import Directive

# bound once: to look an enum member up costs as much as to make a setting
_SET = Origin.SET
_INHERITED = Origin.INHERITED
_DEFAULT = Origin.DEFAULT

NEW_DEFAULTS = (1, 29, 7)
"""nginx CHANGES 1.29.7: HTTP/1.1 to targets, no `Connection: close`, keep-alive by default."""
ASSUMED = "nginx before 1.29.7"
_BOTH = frozenset({"upgrade", "connection"})
_MAX_LEVELS = 8


class Headers:
    """One level's set: the statement for each header (lower-case). Of two statements for one
    header the first that sends something counts: both are sent, and both binaries were seen to
    accept `""` beside a value."""

    __slots__ = ("by_name", "first")

    def __init__(self, statements: Directive) -> None:
        self.first = statements
        self.by_name: dict[str, Directive] = {}
        for statement in all_of(statements):
            if len(statement.args) == 2:
                name = statement.args[0].lower()
                before = self.by_name.get(name)
                if before is None or not before.args[1]:
                    self.by_name[name] = statement

    def template(self, name: str) -> str | None:
        """The value as written, None where this level does not set the header."""
        statement = self.by_name.get(name)
        return statement.args[1] if statement else None


class Sets:
    """The header sets of a configuration; each level is sorted once."""

    __slots__ = ("_known", "maps")

    def __init__(self, maps: Maps) -> None:
        self.maps = maps
        self._known: dict[Directive, Headers] = {}

    def of(self, statements: Directive | None) -> Headers | None:
        """The set a level's statements make."""
        if statements is None:
            return None
        if statements not in self._known:
            self._known[statements] = Headers(statements)
        return self._known[statements]

    def in_force(self, scope: Scope) -> Headers | None:
        """The set of the nearest level that has any."""
        return self.of(scope.effective("proxy_set_header"))

    def forwards(self, headers: Headers | None, variables: Variables = NONE) -> bool:
        """Does the set pass the upgrade on, or is it at least meant to?"""
        if headers is None:
            return False
        upgrade = headers.template("upgrade")
        if upgrade and self.maps.value(upgrade, variables) != "":
            return True
        connection = headers.template("connection") or ""
        if "upgrade" in (self.maps.value(connection, variables) or "").lower():
            return True
        return any(about_upgrade(self.maps, name) for name in names(connection))

    def lost(self, scope: Scope) -> tuple[Headers, Headers, Scope] | None:
        """The set in force and the outer set with the upgrade that it replaces, and where."""
        here = scope.headed
        for _ in range(_MAX_LEVELS):
            inner = self.of(here.own["proxy_set_header"]) if here else None
            if here is None or inner is None or inner.by_name.keys() >= _BOTH:
                return None
            outer = self.of(here.inherited("proxy_set_header"))
            if outer is not None and self.forwards(outer):
                gone = _BOTH & (outer.by_name.keys() - inner.by_name.keys())
                return (inner, outer, here) if gone else None
            here = here.outer.headed if here.outer else None
        return None


def replaced(inner: Headers, outer: Headers, where: Scope) -> Iterator[Ineffective]:
    """A record for each header of the handshake that an inner level loses."""
    for name in ("upgrade", "connection"):
        if name in outer.by_name.keys() - inner.by_name.keys():
            statement = outer.by_name[name]
            yield Ineffective(
                Effect.HEADERS_REPLACED,
                Setting(_title(statement), statement.args[1], _INHERITED, span(statement)),
                _why(where, inner),
                span(inner.first),
            )


def host_lost(sets: Sets, scope: Scope) -> Ineffective | None:
    """The `Host` of an outer level, where the nearest level with headers of its own has none."""
    here = scope.headed
    inner = sets.of(here.own["proxy_set_header"]) if here else None
    outer = sets.of(here.inherited("proxy_set_header")) if here else None
    if here is None or inner is None or outer is None or "host" in inner.by_name:
        return None
    kept = host_kept(scope, outer, span(inner.first))
    if kept is None or not kept.value:
        return None
    setting: Setting[object] = Setting(kept.name, kept.value, _INHERITED, kept.place)
    return Ineffective(Effect.HOST_REPLACED, setting, _why(here, inner), span(inner.first))


def _why(where: Scope, inner: Headers) -> str:
    culprit = f"`proxy_set_header {inner.first.args[0]}`" if inner.first.args else "a header"
    return f"{said(where)} sets {culprit}, and a level that sets one header inherits none"


def said(scope: Scope) -> str:
    """A block in words: "`location /ws/`", "the server"."""
    if scope.kind is Kind.LOCATION and scope.directive:
        return f"`location {matcher(scope)}`"
    return f"the `{scope.kind.value}` block"


def _title(statement: Directive) -> str:
    return f"proxy_set_header {statement.args[0].title()}"


def value_of(
    sets: Sets, name: str, scope: Scope, headers: Headers | None, variables: Variables
) -> Setting[str | None] | None:
    """What a target sees of a header, None where this set does not mention it."""
    statement = headers.by_name.get(name) if headers else None
    if statement is None or headers is None:
        return None
    value = sets.maps.value(statement.args[1], variables)
    own = scope.own.get("proxy_set_header") is headers.first
    return Setting(
        _title(statement),
        None if value is None else value.lower(),
        _SET if own else _INHERITED,
        span(statement),
    )


def hardcoded(scope: Scope, headers: Headers | None) -> Setting[str] | None:
    """A `Connection` that says upgrade for every request, whatever the client asked for."""
    statement = headers.by_name.get("connection") if headers else None
    if statement is None or headers is None or "$" in statement.args[1]:
        return None
    value = statement.args[1]
    if "upgrade" not in value.lower():
        return None
    own = scope.own.get("proxy_set_header") is headers.first
    return Setting(_title(statement), value, _SET if own else _INHERITED, span(statement))


def host_kept(scope: Scope, headers: Headers | None, place: Place) -> Setting[bool] | None:
    """False where the target sees its own name. A name written out is a decision: None."""
    statement = headers.by_name.get("host") if headers else None
    if statement is None or headers is None:
        return Setting("proxy_set_header Host", False, _DEFAULT, place)
    used = names(statement.args[1])
    own = scope.own.get("proxy_set_header") is headers.first
    origin = _SET if own else _INHERITED
    if used and used[0] in ("host", "http_host", "server_name"):
        return Setting("proxy_set_header Host", True, origin, span(statement))
    if used[:1] == ("proxy_host",):
        return Setting("proxy_set_header Host", False, origin, span(statement))
    return None
