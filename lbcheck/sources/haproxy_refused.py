"""Say what HAProxy would refuse to start with: times it cannot read, backends that are nowhere.

All of it from `haproxy -c`, the same in 2.6 and 2.8. Where a part of a statement is not known
before the deploy, or the statement stands in a branch that cannot be decided, nothing is said.
"""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable, Iterator, Sequence

from lbcheck.model import Place, Setting, Source, Span, Trouble
from lbcheck.regex import regex
from lbcheck.sources import detect
from lbcheck.sources.files import Files
from lbcheck.sources.haproxy_config import PROXIES, Instance, Section
from lbcheck.sources.haproxy_line import Partial, Unknown
from lbcheck.sources.haproxy_server import Server
from lbcheck.sources.haproxy_syntax import Statement
from lbcheck.sources.haproxy_values import Found, last, seconds
from lbcheck.spelling import closest, did_you_mean

_MAX_TROUBLES = 50
_MAX_NAMES = 500
_MAX_FILES = 100
_MAX_S = 2147483.647
_NAME = regex(r"(?!__)[A-Za-z0-9_.:-]++")
_FILLED_IN = regex(r"[$@%<>{}\[\]]|__")
"""Signs of a placeholder that something else than HAProxy replaces: @X@, __X__, $X ..."""
_REMEDY = "write a number and one of the units us, ms, s, m, h, d"


def tell(place: Span, message: str, remedy: str) -> None:
    troubles = place.source.troubles
    if len(troubles) < _MAX_TROUBLES:
        troubles.append(Trouble(message, place.start, place.end, remedy))


_ELSEWHERE = (
    ("global", "hard-stop-after", 1),
    ("resolvers", "timeout", 2),
    ("resolvers", "hold", 2),
)
"""Statements with a time outside of proxies, and which word it is."""


def times(instance: Instance) -> None:
    """Times in `timeout`, `http-request set-timeout`, `hard-stop-after` and `resolvers`."""
    for kind, keyword, at in _ELSEWHERE:
        for section in instance.of(kind):
            for statement in section.all(keyword):
                _time(section, statement, at, False)
    for section in instance.of("defaults", *PROXIES):
        for statement in section.all("timeout"):
            _time(section, statement, 2, True)
        for statement in (*section.all("http-request"), *section.all("http-response")):
            if statement.words[1:2] == ("set-timeout",) and _literal(statement):
                _time(section, statement, 3, False)


def _literal(statement: Statement) -> bool:
    """Is it a time and no expression such as `req.hdr(x-limit)`?"""
    return statement.words[3:4] != () and statement.words[3][:1].isdigit()


def _time(section: Section, statement: Statement, at: int, alone: bool) -> None:
    """Args: at: which word is the time; alone: may nothing follow it?"""
    words = statement.words
    if type(words) is Partial or statement.maybe:
        return
    text = words[at] if len(words) > at else ""
    if alone and len(words) > at + 1 and not _FILLED_IN.search(" ".join(words[at:])):
        text = " ".join(words[at:])
        tell(section.span(statement), f"HAProxy takes one time, not `{text}`", _REMEDY)
        return
    fault = refused(text, nonzero="set-timeout" if words[1:2] == ("set-timeout",) else "")
    if fault is not None:
        tell(section.span(statement), *fault)


def servers(sections: Iterable[tuple[Section, Sequence[Server]]]) -> None:
    """Times on `server` and `default-server` lines.

    Args: sections: proxies, and one of their servers for each kind of parameters.
    """
    told: set[Place] = set()
    for section, kinds in sections:
        for server in kinds:
            if _SERVER_TIMES.isdisjoint(server.facts.values) or server.unreadable:
                continue
            for name in sorted(_SERVER_TIMES & server.facts.values.keys()):
                written = server.setting(name, section)
                if written is not None and written.place not in told:
                    told.update(_server_time(written))


def _server_time(written: Setting[str]) -> Iterator[Place]:
    fault = refused(written.value, nonzero=written.name if written.name in _NOT_ZERO else "")
    if fault is not None and isinstance(written.place, Span):
        tell(written.place, *fault)
        yield written.place


_NOT_ZERO = frozenset(["inter", "fastinter", "downinter", "agent-inter"])
_SERVER_TIMES = _NOT_ZERO | {"slowstart", "pool-purge-delay"}


def refused(text: str, nonzero: str = "") -> tuple[str, str] | None:
    """Why HAProxy would not take a time, and what it takes; None where it does.

    Args: nonzero: the name of a statement whose time may not be 0.
    """
    if isinstance(text, Unknown) or _FILLED_IN.search(text):
        return None
    value = seconds(text)
    if value is None:
        name = f"`{text}` as a time" if text else "a time that is left out"
        return f"HAProxy refuses {name}", _REMEDY
    if value[0] > _MAX_S:
        return f"HAProxy refuses `{text}`: its longest time is 2147483647 ms", "write at most 24d"
    if value[0] == 0 and nonzero:
        return f"HAProxy refuses `{text}` in `{nonzero}`", "write a time longer than 0"
    return None


def backends(instance: Instance, elsewhere: Container[str], files: Files) -> None:
    """`use_backend` and `default_backend` of a whole instance that name a backend nowhere.

    Args: elsewhere: names in other files that were read: they may be loaded together with this.
    """
    sections = instance.sections
    if any(section.opaque or isinstance(section.name, Unknown) for section in sections):
        return
    known = {section.name for section in instance.of("backend", "listen")}
    named = list(_named(instance))
    if not any(section.kind in ("global", "defaults") for section in sections):
        named = _slips(instance, named)
    missing: dict[str, str | None] = {}
    told: set[Span] = set()
    for section, statement in named:
        name = statement.words[1]
        if name in known or name in elsewhere:
            continue
        place = section.span(statement)
        if place in told:
            continue
        told.add(place)
        if name not in missing:
            missing[name] = _missing(name, known, section.source, files)
        message = missing[name]
        if message is not None:
            tell(place, message, "correct the name, or add the backend")


def _slips(
    instance: Instance, named: list[tuple[Section, Statement]]
) -> list[tuple[Section, Statement]]:
    """Of a fragment, whose backends may be in another file: the names that are nearly those of its
    own backends which nothing leads to, not even a name made at run time."""
    fronts = instance.of("frontend", "listen")
    if any(not _surely(each) for front in fronts for each in front.all("use_backend")):
        return []
    led = {statement.words[1] for _, statement in named}
    alone = [each.name for each in instance.of("backend") if each.name not in led]
    if not alone or len(alone) > _MAX_NAMES:
        return []
    return [pair for pair in named if closest(pair[1].words[1], alone) is not None]


def _named(instance: Instance) -> Iterator[tuple[Section, Statement]]:
    """Each statement that surely names one backend, and the section it stands in."""
    for section in instance.of("frontend", "listen"):
        if section.maybe or "disabled" in section.by:
            continue
        for statement in section.all("use_backend"):
            if _surely(statement):
                yield section, statement
        found = last(section, "default_backend")
        if isinstance(found, Found) and _surely(found.statement):
            yield found.section, found.statement


def _surely(statement: Statement) -> bool:
    words = statement.words
    if statement.maybe or len(words) < 2 or isinstance(words[1], Unknown):
        return False
    return _NAME.fullmatch(words[1]) is not None


def _missing(name: str, known: set[str], source: Source, files: Files) -> str | None:
    if _beside(name, source, files):
        return None
    guess = did_you_mean(name, known) if len(known) <= _MAX_NAMES else ""
    return f"no backend is called `{name}`{guess}"


def _beside(name: str, source: Source, files: Files) -> bool:
    """Is it in a file nearby that was not asked for? `haproxy -f` may be given it as well."""
    if source.path is None:
        return False
    wanted = re.compile(rf"(?m)^[ \t]*+(?:backend|listen)[ \t]++{re.escape(name)}(?!\S)")
    return any(wanted.search(text) for text in _nearby(os.path.dirname(source.path), files))


def _nearby(folder: str, files: Files) -> Iterator[str]:
    for path in _listed([folder, *(f for f in _entries(folder) if os.path.isdir(f))]):
        yield files.open(path, detect.HAPROXY).text or ""


def _listed(folders: Sequence[str]) -> list[str]:
    paths = [path for folder in folders for path in _entries(folder) if path.endswith(".cfg")]
    return [path for path in paths[:_MAX_FILES] if os.path.isfile(path)]


def _entries(folder: str) -> list[str]:
    try:
        return sorted(os.path.join(folder, name) for name in os.listdir(folder))
    except OSError:
        return []
