"""What a balancer in front gets when it asks a server for its health path."""

from __future__ import annotations

from lbcheck.model import HealthAnswer, Origin, Setting
from lbcheck.sources.nginx_error import Masks
from lbcheck.sources.nginx_flow import Landing, Site
from lbcheck.sources.nginx_match import passes
from lbcheck.sources.nginx_scope import covers_all, matcher, span
from lbcheck.sources.nginx_syntax import Directive
from lbcheck.sources.nginx_way import Ways

_STATIC = ("stub_status", "empty_gif")


def answer(site: Site, path: str | None, masks: Masks) -> HealthAnswer | None:
    """The answer that nginx gives by itself though every target may be dead; None where the
    question reaches a target, or where that is not known."""
    if path is None or not path.startswith("/"):
        return None
    landing = site.land(path.partition("?")[0], upgrade=False)
    if not landing.decided or landing.slash:
        return None
    if passes(landing.scope) and landing.outcome is None and landing.served is None:
        mask = masks.of(landing.scope, site)
        if mask is None:
            return None
        reason = f"`error_page` turns a dead target into {mask.value}"
        return HealthAnswer(path, mask, reason)
    return _own_answer(landing, path)


def ask(ways: Ways, path: str | None) -> None:
    """Note at pools that the health check of a balancer in front reaches them through a location
    for WebSockets. One for all requests (`/`) may well have a page that answers it."""
    if path is None or not path.startswith("/"):
        return
    for site in ways.sites:
        landing = site.land(path.partition("?")[0], upgrade=False)
        way = ways.by_scope.get(landing.scope)
        if way is None or not landing.decided or landing.slash or covers_all(way.scope):
            continue
        directive = way.scope.directive
        if landing.outcome is not None or landing.served is not None or directive is None:
            continue
        if way.forwards or way.belief.declared:
            name = f"location {matcher(way.scope)}"
            for draft in way.pools:
                draft.asked = Setting(name, path, Origin.SET, span(directive))


def _own_answer(landing: Landing, path: str) -> HealthAnswer | None:
    if landing.outcome is not None and landing.outcome.status:
        status = landing.outcome.status
        said = f"`{landing.outcome.statement.name}` answers {status}"
        return _answer(path, landing.outcome.statement, status, f"{said} and asks no target")
    if landing.served is not None:
        reason = "`try_files` answers it with a file and asks no target"
        return _answer(path, landing.served, 200, reason)
    for name in _STATIC:
        statement = landing.scope.own.get(name)
        if statement is not None:
            return _answer(path, statement, 200, f"`{name}` answers it and asks no target")
    return None


def _answer(path: str, statement: Directive, status: int, reason: str) -> HealthAnswer:
    setting = Setting(statement.name, status, Origin.SET, span(statement))
    return HealthAnswer(path, setting, reason)
