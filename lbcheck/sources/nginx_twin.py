"""HTTPS twins: servers that serve over TLS what a plain one redirects to."""

from __future__ import annotations

from collections.abc import Iterable

from lbcheck.sources.nginx_flow import Site
from lbcheck.sources.nginx_scope import Scope


class Twins:
    """The TLS servers that proxy, by name, so that ten thousand servers are compared at once."""

    __slots__ = ("_any", "_by_name", "_catching")

    def __init__(self, secure: Iterable[Site]) -> None:
        self._any: list[Site] = []
        self._by_name: dict[str, list[Site]] = {}
        self._catching: list[Site] = []
        for site in secure:
            self._any.append(site)
            names = names_of(site.scope)
            if not names or any("*" in name or "~" in name for name in names):
                self._catching.append(site)
            for name in names:
                self._by_name.setdefault(name, []).append(site)

    def of(self, site: Site) -> bool:
        """Has a server a twin: another one with TLS and one of its names, or with any name?"""
        names = names_of(site.scope)
        tables = [self._catching, *(self._by_name.get(name, []) for name in names)]
        if not names:
            tables = [self._any]
        return any(other is not site for table in tables for other in table[:2])

    def named(self, names: Iterable[str]) -> list[Site]:
        """The twins that have one of these names."""
        found = [site for name in names for site in self._by_name.get(name, ())]
        return list(dict.fromkeys(found))


def names_of(server: Scope) -> set[str]:
    """What a server is called; `_` is no name."""
    args = {name for statement in server.every("server_name") for name in statement.args}
    return args - {"_", ""}
