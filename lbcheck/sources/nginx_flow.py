"""Where a handshake really runs: through rewrites, `return` with `error_page`, `try_files`."""

from __future__ import annotations

from msgspec import Struct

from lbcheck.regex import regex
from lbcheck.sources.nginx_map import NO_UPGRADE, NONE, PLAIN, SECURE, Maps, Variables, opaque
from lbcheck.sources.nginx_match import Locations, passes
from lbcheck.sources.nginx_rewrite import Outcome, Run
from lbcheck.sources.nginx_scope import Kind, Scope, all_of
from lbcheck.sources.nginx_syntax import Directive

_MAX_JUMPS = 10  # nginx itself gives up after ten internal redirects
_CAPTURE = regex(r"\$[0-9]")


class Landing(Struct, frozen=True, gc=False):
    """The end of a request's way.

    `scope` handles it (a location, an `if` in one, or the server itself); `outcome` is the answer
    that the configuration gives, `served` the `try_files` that answers with a file; `via` is the
    statement that led away from `first`; `slash`: redirected to the path with a slash;
    `decided` False: something on the way could not be told.
    """

    scope: Scope
    first: Scope
    path: str | None
    outcome: Outcome | None = None
    served: Directive | None = None
    via: Directive | None = None
    asked: Directive | None = None
    slash: bool = False
    decided: bool = True
    variables: Variables = NONE


class Site:
    """One server: its locations, and the variables every request starts with; `alike`: for how
    many it stands."""

    __slots__ = ("_named", "alike", "ended", "locations", "maps", "scope", "tls", "variables")

    def __init__(self, scope: Scope, maps: Maps, alike: int) -> None:
        self.scope = scope
        self.alike = alike
        self.maps = maps
        self.locations = Locations(scope)
        self._named: dict[str, Scope] | None = None
        listens = scope.every("listen")
        secure = ["ssl" in d.args or "quic" in d.args for d in listens]
        old = scope.own.get("ssl")
        self.tls = any(secure) or (old is not None and old.args == ("on",))
        self.variables = NONE
        if listens and all(secure):
            self.variables = SECURE
        elif listens and not self.tls:
            self.variables = PLAIN
        self.ended = self._end() if scope.steps else None

    def _end(self) -> Landing | None:
        """The answer that the server's own statements give to every request: they run before a
        location is chosen."""
        run = Run(self.maps, self.variables, None).through(self.scope.steps)
        outcome = run.outcome
        if outcome is None or not outcome.status or run.doubtful:
            return None
        paged = error_target(self.scope, outcome.status) and not 300 < outcome.status < 400
        return None if paged else self._stop(self.scope, self.scope, run)

    def named(self, name: str) -> Scope | None:
        """The location `@name`."""
        if self._named is None:
            self._named = {
                child.directive.args[0]: child
                for child in self.scope.children
                if child.directive and child.directive.args[:1] and child.kind is Kind.LOCATION
            }
        return self._named.get(name)

    def land(self, path: str, *, upgrade: bool = True) -> Landing:
        """Where a handshake for a path ends, or a plain request for it."""
        variables = self.variables if upgrade else {**self.variables, **NO_UPGRADE}
        run = Run(self.maps, variables, path).through(self.scope.steps)
        if run.outcome is not None and run.outcome.status:
            return self._stop(self.scope, self.scope, run)
        if run.outcome is not None:
            path = self._inner_path(run.outcome.target, run.variables) or path
        found = self.locations.find(path)
        if found.location is None:
            return self.follow(self.scope, path, run)
        if found.slash:
            return Landing(found.location, found.location, path, slash=True, decided=found.decided)
        landing = self.follow(found.location, path, run)
        return landing if found.decided else _doubtful(landing)

    def follow(self, first: Scope, path: str | None, before: Run | None = None) -> Landing:
        """Where a request goes that a location has taken."""
        here, via, asked = first, None, None
        run = before or Run(self.maps, self.variables, path).through(self.scope.steps)
        for _ in range(_MAX_JUMPS):
            if here is not self.scope:
                run = Run(self.maps, run.variables, path).through(here.steps)
            asked = asked or run.asked
            jump, target = self._jump(here, run)
            if jump is None:
                return self._stop(here, first, run, path, via, asked)
            there, path = self._there(target, run.variables)
            if there is None:
                return Landing(here, first, path, None, None, via, asked, decided=False)
            if jump.name == "try_files" and not target.startswith("@") and not passes(there):
                return Landing(here, first, path, None, jump, via, asked)
            here, via = there, jump
        return Landing(here, first, path, None, None, via, asked, decided=False)

    def _stop(
        self,
        here: Scope,
        first: Scope,
        run: Run,
        path: str | None = None,
        via: Directive | None = None,
        asked: Directive | None = None,
    ) -> Landing:
        inside = next((c for c in here.children if c.directive is run.inside), here)
        if run.inside is not None and passes(inside) and run.outcome is None:
            here = inside
        return Landing(
            here, first, path or run.path, run.outcome, None, via, asked or run.asked,
            decided=not run.doubtful, variables=run.variables,
        )  # fmt: skip

    def _jump(self, here: Scope, run: Run) -> tuple[Directive | None, str]:
        """The statement that sends the request elsewhere, and where to."""
        outcome = run.outcome
        if outcome is not None and outcome.status == 0:
            return outcome.statement, outcome.target
        if outcome is not None:
            page = error_target(here, outcome.status)
            return page if page and not 300 <= outcome.status < 400 else (None, "")
        tried = here.own.get("try_files")
        if tried is not None and tried.args and not tried.args[-1].startswith("="):
            return tried, tried.args[-1]
        return None, ""

    def _there(self, target: str, variables: Variables) -> tuple[Scope | None, str | None]:
        if target.startswith("@"):
            return self.named(target), None
        path = self._inner_path(target, variables)
        if path is None:
            return None, None
        found = self.locations.find(path)
        return (found.location or self.scope) if found.decided else None, path

    def _inner_path(self, target: str, variables: Variables) -> str | None:
        path = target.partition("?")[0]
        if _CAPTURE.search(path) or opaque(path):
            return None
        value = self.maps.value(path, variables)
        return value if value and value.startswith("/") else None


def _doubtful(landing: Landing) -> Landing:
    return Landing(
        landing.scope, landing.first, landing.path, via=landing.via, asked=landing.asked,
        decided=False, variables=landing.variables,
    )  # fmt: skip


def error_target(scope: Scope, status: int) -> tuple[Directive, str] | None:
    """The `error_page` in force for a status, and what it leads to."""
    pages = scope.effective("error_page")
    for page in all_of(pages) if pages else ():
        if len(page.args) >= 2 and str(status) in page.args[:-1]:
            return page, page.args[-1]
    return None


def plain(scope: Scope) -> bool:
    """Does nothing lead a request away that this location has taken?"""
    tried = scope.own.get("try_files")
    ends = tried is None or not tried.args or tried.args[-1].startswith("=")
    return ends and not scope.steps and not scope.server.steps
