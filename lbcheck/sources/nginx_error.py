"""`error_page … =`: errors of a dead or draining target that become a success status."""

from __future__ import annotations

from lbcheck.model import Origin, Setting
from lbcheck.sources.nginx_flow import Site
from lbcheck.sources.nginx_match import passes
from lbcheck.sources.nginx_scope import Scope, all_of, span
from lbcheck.sources.nginx_syntax import Directive

_FAILURES = frozenset({"500", "502", "503", "504"})


class Masks:
    """What masks errors in each block; a level's statements are judged once a server."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[tuple[Directive, Site], tuple[Directive, int] | None] = {}

    def of(self, scope: Scope, site: Site) -> Setting[int] | None:
        """The statement that answers a 5xx of the target with a success, and the status."""
        pages = scope.effective("error_page")
        if pages is None:
            return None
        key = (pages, site)
        if key not in self._known:
            self._known[key] = _mask(pages, site)
        found = self._known[key]
        if found is None:
            return None
        origin = Origin.SET if "error_page" in scope.own else Origin.INHERITED
        return Setting("error_page", found[1], origin, span(found[0]))


def _mask(pages: Directive, site: Site) -> tuple[Directive, int] | None:
    for page in all_of(pages):
        code = next((arg for arg in page.args[:-1] if arg.startswith("=")), None)
        if code is None or not _FAILURES & set(page.args[:-1]):
            continue
        status = int(code[1:]) if code[1:].isdigit() else _own_status(page.args[-1], site)
        if status is not None and 200 <= status < 300:
            return page, status
    return None


def _own_status(target: str, site: Site) -> int | None:
    """The status a page answers with by itself: that of its `return`, 200 for a file."""
    if target.startswith("@"):
        named = site.named(target)
        landing = site.follow(named, None) if named is not None else None
    else:
        landing = site.land(target) if target.startswith("/") and "$" not in target else None
    if landing is None or not landing.decided or passes(landing.scope):
        return None
    if landing.outcome is not None:
        return landing.outcome.status
    return None if target.startswith("@") else 200
