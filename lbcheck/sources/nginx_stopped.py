"""Locations that forward the upgrade and never get a handshake: another one, or an answer, is
before them."""

from __future__ import annotations

from lbcheck.model import Effect, Ineffective, Origin, Setting
from lbcheck.sources import nginx_pattern
from lbcheck.sources.nginx_header import said
from lbcheck.sources.nginx_match import parts
from lbcheck.sources.nginx_scope import Kind, Scope, matcher, span
from lbcheck.sources.nginx_syntax import Directive
from lbcheck.sources.nginx_way import Way, Ways


def stopped(way: Way, ways: Ways) -> list[Ineffective]:
    """What keeps the handshakes from a location that would forward them."""
    scope = way.scope
    if not way.forwards or scope.kind is not Kind.LOCATION or scope.directive is None:
        return []
    return [*_answered(way, scope.directive), *_denied(scope), *_shadowed(way, ways)]


def _record(
    effect: Effect, scope: Scope, opening: Directive, reason: str, cause: Directive
) -> Ineffective:
    setting: Setting[object] = Setting(
        f"location {matcher(scope)}", None, Origin.SET, span(opening)
    )
    return Ineffective(effect, setting, reason, span(cause))


def _answered(way: Way, opening: Directive) -> list[Ineffective]:
    """A `return` of the server runs before any location is chosen; one in the location before it
    hands the request on (both 1.22.1 and 1.31.3)."""
    outcome = way.answered.outcome if way.answered is not None else None
    if outcome is None:
        return []
    step = outcome.statement
    reason = f"`{step.name} {' '.join(step.args)}` answers the handshake before it is forwarded"
    return [_record(Effect.UNREACHED, way.scope, opening, reason, step)]


def _denied(scope: Scope) -> list[Ineffective]:
    """`limit_except POST { deny all; }`: a handshake is a GET and gets 403. With an `allow` or a
    password some clients pass."""
    for child in scope.children:
        limit = child.directive
        if limit is None or limit.name != "limit_except" or scope.directive is None:
            continue
        denied = limit.block and all(d.name == "deny" and d.args == ("all",) for d in limit.block)
        if denied and "GET" not in {method.upper() for method in limit.args}:
            reason = f"`limit_except {' '.join(limit.args)}` answers its handshake, a GET, with 403"
            return [_record(Effect.UNREACHED, scope, scope.directive, reason, limit)]
    return []


def _shadowed(way: Way, ways: Ways) -> list[Ineffective]:
    """A prefix whose requests a regular expression takes (nginx asks prefixes first and
    expressions last, and the expression wins unless the prefix has `^~`)."""
    scope = way.scope
    modifier, path = parts(scope)
    if modifier != "" or scope.directive is None or scope.outer is None:
        return []
    for pattern, folded, other in way.site.locations.level(scope.outer).regexes:
        if not folded and nginx_pattern.foreign(pattern, path):
            continue
        hit = nginx_pattern.matches(pattern, path, folded)
        if hit is None:
            return []
        if hit and other.directive is not None:
            answered = _answer(way, other)
            if answered and path.endswith("/") and not _also_below(pattern, path, folded):
                continue
            if not answered and _carries(other, ways):
                return []
            verb = f"answers its requests with {answered}" if answered else "takes its requests"
            rest = "" if answered else " and does not forward the upgrade"
            reason = f"{said(other)} {verb}{rest}"
            return [_record(Effect.SHADOWED, scope, scope.directive, reason, other.directive)]
    return []


def _also_below(pattern: str, path: str, folded: bool) -> bool:
    """Does an expression take what lies below a path, too, and not the bare path alone?"""
    return nginx_pattern.matches(pattern, f"{path}x", folded) is True


def _answer(way: Way, other: Scope) -> int | None:
    """The status with which a location answers every handshake by itself. Redirects of plain
    HTTP mostly lead to a server that serves them."""
    landing = way.site.follow(other, None) if other.steps else None
    outcome = landing.outcome if landing is not None and landing.decided else None
    if outcome is None or (outcome.condition and not asks_of_handshakes(outcome.condition)):
        return None
    redirects = 300 < outcome.status < 309
    return None if redirects and not way.site.tls else outcome.status


def _carries(scope: Scope, ways: Ways) -> bool:
    """May this location carry the upgrade, by itself, by sending requests on, or by what an
    include says that was not read?"""
    way = ways.by_scope.get(scope)
    forwards = way is not None and way.forwards
    return forwards or scope in ways.moved or scope.blind("proxy_set_header")


def asks_of_handshakes(condition: Directive) -> bool:
    """Does an `if` ask for the method, or for the `Upgrade` that handshakes alone have? Its answer
    is then for them, too; other conditions are mostly meant for other requests."""
    return bool(condition.args) and condition.args[0].lstrip("(").lower() in _ASKED


_ASKED = frozenset(["$request_method", "$http_upgrade"])


def hidden(way: Way, ways: Ways) -> bool:
    """Is it `internal`, and nothing known leads there?"""
    scope = way.scope
    modifier, path = parts(scope)
    if "internal" not in scope.own or modifier == "@":
        return False
    return not ways.targets(way.site).may_reach(modifier, path)
