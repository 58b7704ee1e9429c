"""Where the statements of a server send requests to: `error_page`, `try_files`, `rewrite` ..."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from lbcheck.sources.nginx_scope import Scope, all_of

SUBREQUESTS = ("auth_request", "mirror")


class Targets:
    """All of one server, sorted, so that thousands of locations may be asked about. `asked`: those
    of subrequests, which nginx never upgrades."""

    __slots__ = ("_any", "_known", "_open", "asked")

    def __init__(self, server: Scope) -> None:
        self.asked = set(_subrequests(server))
        found = {target for target in _targets(server) if not target.startswith("@")}
        self._any = bool(found)
        self._known = sorted(target.partition("$")[0].partition("?")[0] for target in found)
        self._open = {target.partition("$")[0] for target in found if "$" in target}

    def may_reach(self, modifier: str, path: str) -> bool:
        """May one of them be a path that a location takes? An expression takes what it likes, and
        what a variable holds is not known."""
        if modifier.startswith("~"):
            return self._any
        at = bisect_left(self._known, path)
        if at < len(self._known) and self._known[at].startswith(path):
            return True
        return any(path[:length] in self._open for length in range(len(path) + 1))


def _subrequests(server: Scope) -> Iterator[str]:
    pending = [server]
    while pending:
        scope = pending.pop()
        pending.extend(scope.children)
        for name in SUBREQUESTS:
            statement = scope.effective(name)
            yield from statement.args[-1:] if statement is not None else ()


def _targets(server: Scope) -> Iterator[str]:
    """Where the statements of a server send requests to."""
    pending = [server]
    while pending:
        scope = pending.pop()
        pending.extend(scope.children)
        pages = scope.effective("error_page")
        for page in all_of(pages) if pages is not None else ():
            yield from page.args[-1:]
        if "include" in scope.own:
            yield "$"  # it was not read, and may lead anywhere
        for name in ("try_files", *SUBREQUESTS):
            statement = scope.own.get(name)
            yield from statement.args[-1:] if statement is not None else ()
        for step in scope.steps:
            inner = [step, *(step.block or ())]
            yield from (each.args[1] for each in inner if each.name == "rewrite" and each.args[1:])
