"""Read HAProxy configuration: files -> sections, and which `defaults` each section inherits.

One instance reads its files as if they were one text, but for two things: a section ends with
its file, and every file begins with a section.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from lbcheck.model import Declared, Setting, Source, Span, Trouble
from lbcheck.sources.haproxy_branch import Branches
from lbcheck.sources.haproxy_line import Unknown
from lbcheck.sources.haproxy_syntax import Statement, statements

if TYPE_CHECKING:
    from lbcheck.sources.haproxy_fleet import Kept

T = TypeVar("T")
SECTIONS = frozenset(
    [
        "global",
        "defaults",
        "frontend",
        "backend",
        "listen",
        "userlist",
        "peers",
        "mailers",
        "resolvers",
        "program",
        "http-errors",
        "cache",
        "ring",
        "log-forward",
        "log-profile",
        "fcgi-app",
        "crt-store",
        "traces",
        "acme",
        "healthcheck",
        "dynamic-update",
    ]
)
_LARGE = 20_000
"""characters: a smaller file is read sooner than compared"""
_MAX_CHAIN = 64
"""`defaults ... from ...` deeper than this is no configuration of people."""
PROXIES = frozenset(["frontend", "backend", "listen"])


class Section:
    """A section: its statements by keyword, in order (`no` and `default` are keywords, too).

    `opaque`: a placeholder or an unreadable line stands in it, so that what is absent is not known
    to be absent. `maybe`: the section itself stands in a branch that cannot be decided. `memo` and
    `settings` remember what was looked up here: many proxies share one `defaults`. `alike` is how
    many sections it stands for.
    """

    __slots__ = (
        "alike",
        "by",
        "kind",
        "levels",
        "maybe",
        "memo",
        "name",
        "opaque",
        "opening",
        "parent",
        "place",
        "settings",
        "source",
        "undecided",
    )

    def __init__(
        self, source: Source, opening: Statement, parent: Section | None, undecided: int
    ) -> None:
        words = opening.words
        self.source = source
        self.opening = opening
        self.place = Span(source, opening.start, opening.end)
        self.kind = words[0]
        self.name: str = words[1] if len(words) > 1 else ""
        self.parent = parent
        self.levels: tuple[Section, ...] = (self,)
        """this section and the `defaults` it inherits from, nearest first"""
        if parent is not None:
            self.levels += parent.levels[:_MAX_CHAIN]
        self.undecided = undecided
        self.maybe = undecided > 0
        self.opaque = isinstance(self.name, Unknown) and self.kind == "defaults"
        self.by: dict[str, list[Statement]] = {}
        self.memo: dict[object, Any] = {}
        self.settings: dict[str, Setting[float]] = {}
        self.alike = 1

    def span(self, statement: Statement) -> Span:
        return Span(self.source, statement.start, statement.end)

    def all(self, keyword: str) -> Sequence[Statement]:
        return self.by.get(keyword, ())

    def shared(self, keywords: frozenset[str], ask: Callable[[Section], T]) -> T:
        """What `ask` finds out about these keywords. A proxy that says nothing with them has the
        same answer as all other heirs of its `defaults`, so that one is asked for all."""
        parent = self.parent
        if parent is None or self.opaque or not keywords.isdisjoint(self.by):
            return ask(self)
        if ask not in parent.memo:
            parent.memo[ask] = ask(self)
        answer: T = parent.memo[ask]
        return answer


class Instance:
    """What one HAProxy process reads: its sections in order, and the variables it knows.

    `kept` is what of its only file is read; None: all.
    """

    __slots__ = (
        "_branches",
        "_defaults",
        "_latest",
        "_texts",
        "_version",
        "kept",
        "sections",
        "variables",
    )

    def __init__(self, declared: Declared) -> None:
        self.sections: list[Section] = []
        self.kept: Kept | None = None
        self.variables = dict(declared.environment)
        self._version = declared.haproxy_version
        self._branches = Branches(self.variables, self._version)
        self._defaults: dict[str, Section] = {}
        self._latest: Section | None = None
        self._texts: list[str] = []

    def mentions(self, word: str) -> bool:
        """Does it stand anywhere? One search, so that rare keywords cost nothing elsewhere."""
        return any(word in text for text in self._texts)

    def of(self, *kinds: str) -> Iterator[Section]:
        return (section for section in self.sections if section.kind in kinds)

    def read(self, source: Source) -> None:
        """Read one file; its sections are appended. A branch ends with its file at the latest."""
        branches = self._branches = Branches(self.variables, self._version)
        self._texts.append(source.text or "")
        section: Section | None = None
        here: dict[str, list[Statement]] = {}
        places = self.kept.places if self.kept is not None else ()
        for statement in statements(source, self.variables, places):
            if statement is None:
                if section is not None:
                    section.opaque = True
                continue
            keyword = statement.words[0]
            known = here.get(keyword)
            if known is not None and not branches.levels:
                known.append(statement)
            elif keyword in SECTIONS:
                if not branches.skipping:
                    section = self._open(source, statement)
                    here = section.by
            elif keyword[:1] == "." or isinstance(keyword, Unknown):
                self._control(source, section, statement)
            else:
                self._keep(source, section, statement)
        self._end(source)

    def _end(self, source: Source) -> None:
        opened = self._branches.opened
        if opened is not None:
            fault = Trouble("this `.if` is not ended", *opened, "add the missing `.endif`")
            source.troubles.append(fault)

    def _keep(self, source: Source, section: Section | None, statement: Statement) -> None:
        keyword = statement.words[0]
        if section is None:
            self._stray(source, statement)
        elif not self._branches.skipping:
            statement.maybe = self._branches.undecided != section.undecided
            if keyword in _VARIABLES:
                self._variable(section, statement)
                return
            if keyword in _OLD and type(statement.words) is tuple:
                statement.words = ("timeout", _OLD[keyword], *statement.words[1:])
                keyword = "timeout"
            section.by.setdefault(keyword, []).append(statement)

    def _open(self, source: Source, statement: Statement) -> Section:
        words = statement.words
        kind = words[0]
        parent = self._latest if kind in PROXIES else None
        if "from" in words and (kind in PROXIES or kind == "defaults"):
            at = words.index("from")
            parent = self._defaults.get(words[at + 1]) if at + 1 < len(words) else None
            if parent is None:
                name = words[at + 1] if at + 1 < len(words) else ""
                message = f"`from {name}` names no `defaults` section above"
                place = statement.start, statement.end
                source.troubles.append(Trouble(message, *place, "name one, or move it up"))
        section = Section(source, statement, parent, self._branches.undecided)
        if parent is None and "from" in words:
            section.opaque = True
        if kind == "defaults":
            self._latest = section
            if section.name not in ("", "from"):
                self._defaults[section.name] = section
        if self.kept is not None:
            section.alike = self.kept.alike.get(statement.start, 1)
        self.sections.append(section)
        return section

    def _control(self, source: Source, section: Section | None, statement: Statement) -> None:
        keyword = statement.words[0]
        if keyword[:1] == ".":
            place = statement.start, statement.end
            fault = self._branches.directive(statement.words, place)
            if fault:
                source.troubles.append(Trouble(fault, *place, "remove it, or open the branch"))
        elif not self._branches.template(keyword) and section is not None:
            section.opaque = True

    def _stray(self, source: Source, statement: Statement) -> None:
        if any(trouble.message.startswith("stands before") for trouble in source.troubles):
            return
        message = "stands before the first section"
        remedy = "begin the file with global, defaults, frontend, backend or listen"
        source.troubles.append(Trouble(message, statement.start, statement.end, remedy))

    def _variable(self, section: Section, statement: Statement) -> None:
        """setenv, presetenv, unsetenv, resetenv in `global` act on the lines below."""
        words = statement.words
        if section.kind != "global":
            return
        if words[0] == "resetenv":
            self.variables.clear()
        elif words[0] == "unsetenv" or statement.maybe:
            for name in words[1:]:
                self.variables.pop(name, None)
        elif len(words) == 3 and not isinstance(words[2], Unknown):
            if words[0] == "setenv":
                self.variables[words[1]] = words[2]
            else:
                self.variables.setdefault(words[1], words[2])


_VARIABLES = frozenset(["setenv", "presetenv", "unsetenv", "resetenv"])
_OLD = {"clitimeout": "client", "contimeout": "connect", "srvtimeout": "server"}
"""Timeouts as HAProxy took them up to 2.0."""


def read(group: Sequence[Source], declared: Declared) -> Instance:
    """Read the files of one HAProxy instance in its order."""
    instance = Instance(declared)
    if declared.leave_out and len(group) == 1 and len(group[0].text or "") > _LARGE:
        from lbcheck.sources import haproxy_fleet

        instance.kept = haproxy_fleet.kept(group[0].text or "")
    for source in group:
        if not source.unread:
            instance.read(source)
    return instance
