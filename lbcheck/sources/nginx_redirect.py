"""Redirects that a handshake meets; WebSocket clients do not follow them."""

from __future__ import annotations

from lbcheck.belief import strong_word
from lbcheck.model import Belief, Level, Origin, Redirect, RedirectKind, Setting
from lbcheck.sources.nginx_belief import words
from lbcheck.sources.nginx_flow import Landing, Site, error_target
from lbcheck.sources.nginx_match import passes
from lbcheck.sources.nginx_scope import Kind, Scope, matcher, span
from lbcheck.sources.nginx_stopped import asks_of_handshakes
from lbcheck.sources.nginx_way import Way, Ways

_SAME_HOST = ("$host", "$http_host", "$server_name", "${host}", "$server_addr")
_FILES = frozenset(
    """access_log add_header alias autoindex charset default_type error_page etag expires gzip
    gzip_static index log_not_found root sendfile try_files""".split()
)
"""what stands in a location that has nothing but files; a module may answer in any other"""


def redirect(site: Site, landing: Landing, ways: Ways) -> Redirect | None:
    """The redirect at the end of a request's way. None where it is healthy: plain HTTP whose
    HTTPS twin serves the path (or may do so in a file that was not read)."""
    outcome = landing.outcome
    if outcome is None or not 300 < outcome.status < 309 or outcome.status == 304:
        return None
    kind = RedirectKind.OTHER
    if outcome.target.startswith("https://") and _own_host(outcome.target, site):
        if not ways.root.complete or ways.twins.of(site):
            return None
        kind = RedirectKind.SCHEME
    statement = outcome.statement
    return Redirect(kind, Setting(statement.name, outcome.status, Origin.SET, span(statement)))


def settle(way: Way, ways: Ways) -> None:
    """Forget an end of handshakes that is healthy: a redirect to the HTTPS twin, an answer that
    plain HTTP gets beside one, an answer that is hardly meant for handshakes."""
    if way.redirect is not None and redirect(way.site, way.redirect, ways) is None:
        way.redirect = None
    outcome = way.answered.outcome if way.answered is not None else None
    if outcome is None:
        return
    if outcome.condition is None:
        meant = way.site.tls or not ways.twins.of(way.site)
    else:
        meant = asks_of_handshakes(outcome.condition)
    if not way.forwards or not meant:
        way.answered = None


def _own_host(target: str, site: Site) -> bool:
    host = target[len("https://") :]
    names = [name for statement in site.scope.every("server_name") for name in statement.args]
    return host.startswith(_SAME_HOST) or host.partition("/")[0].partition("$")[0] in names


def dead_ends(ways: Ways, carried: set[str]) -> list[tuple[Site, Landing, Belief, Redirect]]:
    """Redirects and refusals where nothing proxies: on declared paths (but for those in `carried`,
    which some file hands on), and redirects in locations named like a WebSocket."""
    found = _on_declared(ways, carried)
    for site in ways.sites:
        for scope in site.scope.children:
            if scope in found or scope in ways.by_scope or scope in ways.excluded:
                continue
            entry = _named(scope, site, ways)
            if entry is not None:
                found[scope] = entry
    return list(found.values())


def _on_declared(
    ways: Ways, carried: set[str]
) -> dict[Scope, tuple[Site, Landing, Belief, Redirect]]:
    found: dict[Scope, tuple[Site, Landing, Belief, Redirect]] = {}
    for site, landing in ways.refused:
        record = redirect(site, landing, ways)
        if record is not None and landing.scope not in ways.by_scope:
            belief = _declares(landing.path or "/")
            found.setdefault(landing.scope, (site, landing, belief, record))
    unread = any(site.scope.blind("location") for site in ways.sites)
    for site, landing, path in ways.answered if ways.root.whole and not unread else ():
        record = None if path in carried else _refusal(landing) or _from_disk(landing, site)
        if record is not None:
            found.setdefault(landing.scope, (site, landing, _declares(path), record))
    return found


def _declares(path: str) -> Belief:
    return Belief(Level.CERTAIN, f"the profile declares `{path}`", declared=True)


def _refusal(landing: Landing) -> Redirect | None:
    """An answer that is no redirect; 444 says that this server is not the one that is meant."""
    outcome = landing.outcome
    if outcome is None or outcome.status == 444:
        return None
    status = Setting(outcome.statement.name, outcome.status, Origin.SET, span(outcome.statement))
    return Redirect(RedirectKind.OTHER, status)


def _from_disk(landing: Landing, site: Site) -> Redirect | None:
    """What a location of files answers to a path that no file can serve, in a server that hands
    other requests on: the last word of `try_files`, or 404; 0 for a script, whose answer is
    not known."""
    location = landing.scope.directive
    if landing.outcome is not None or location is None or location.block is None:
        return None
    script = landing.scope.own.get("fastcgi_pass")
    if script is not None:
        return Redirect(RedirectKind.OTHER, Setting(script.name, 0, Origin.SET, span(script)))
    alone = _FILES.issuperset(each.name for each in location.block)
    if not alone or not any(passes(child) for child in site.scope.children):
        return None
    served = landing.served
    if served is None and _asks_elsewhere(landing.scope, site):
        return None
    name, status = ("try_files", 200) if served else (f"location {matcher(landing.scope)}", 404)
    return Redirect(RedirectKind.OTHER, Setting(name, status, Origin.SET, span(served or location)))


def _asks_elsewhere(scope: Scope, site: Site) -> bool:
    """Does the page for what is no file come from a target?"""
    page = error_target(scope, 404)
    if page is None:
        return False
    there = page[1]
    return not there.startswith("/") or passes(site.land(there.partition("?")[0]).scope)


def _named(scope: Scope, site: Site, ways: Ways) -> tuple[Site, Landing, Belief, Redirect] | None:
    if scope.kind is not Kind.LOCATION or not scope.steps:
        return None
    word = strong_word(words(scope))
    landing = site.follow(scope, None) if word else None
    if word is None or landing is None or not landing.decided or landing.scope is not scope:
        return None
    record = redirect(site, landing, ways)
    if record is None:
        return None
    return site, landing, Belief(Level.LIKELY, f"`{words(scope)}` names `{word}`"), record
