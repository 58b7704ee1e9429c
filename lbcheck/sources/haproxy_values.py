"""Look up what is in force in a HAProxy proxy: its own statements, then its chain of `defaults`.

Every answer is a value with its place, None where it is written nowhere, or DOUBT where that
cannot be known: placeholders, and branches that cannot be decided.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from lbcheck.model import Origin, Setting, Span
from lbcheck.regex import regex
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_line import Partial, Unknown
from lbcheck.sources.haproxy_syntax import Statement


class Doubt(Enum):
    """Not known before the deploy."""

    DOUBT = "doubt"


DOUBT = Doubt.DOUBT
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TIME = regex(r"(\d{1,15})(us|ms|s|m|h|d)?")


class Found(Struct, eq=False, gc=False):
    """A statement in force and the section it stands in; `own` where that is the proxy itself."""

    section: Section
    statement: Statement
    own: bool

    @property
    def words(self) -> tuple[str, ...]:
        return self.statement.words

    @property
    def place(self) -> Span:
        return self.section.span(self.statement)

    @property
    def origin(self) -> Origin:
        return Origin.SET if self.own else Origin.INHERITED

    @property
    def known(self) -> bool:
        return type(self.statement.words) is not Partial


def seconds(text: str) -> tuple[float, bool] | None:
    """A HAProxy time in seconds, and whether it was written without a unit (milliseconds).

    What follows the unit is ignored with a warning (2.6, 2.8): `1day` is a day, `1h30m` an hour.
    """
    match = _TIME.match(text)
    if match is None or isinstance(text, Unknown):
        return None
    if match[2] is None:
        return (int(match[1]) / 1000, True) if match.end() == len(text) else None
    return int(match[1]) * _UNITS[match[2]], False


def last(section: Section, keyword: str, second: str | None = None) -> Found | Doubt | None:
    """The statement in force with this first (and second) word."""
    if keyword in section.by or section.opaque:
        own = _last_here(section, keyword, second)
        if own is not None:
            return own if isinstance(own, Doubt) else Found(section, own, True)
    parent = section.parent
    if parent is None:
        return None
    key = (keyword, second)
    if key not in parent.memo:
        parent.memo[key] = _last_above(parent, keyword, second)
    known = parent.memo[key]
    assert known is None or isinstance(known, Found | Doubt)
    return known


def _last_above(parent: Section, keyword: str, second: str | None) -> Found | Doubt | None:
    for level in parent.levels:
        found = _last_here(level, keyword, second)
        if found is not None:
            return found if isinstance(found, Doubt) else Found(level, found, False)
    return None


def _last_here(section: Section, keyword: str, second: str | None) -> Statement | Doubt | None:
    for statement in reversed(section.all(keyword)):
        words = statement.words
        if second is None or (len(words) > 1 and words[1] == second):
            return DOUBT if statement.maybe else statement
        if len(words) > 1 and isinstance(words[1], Unknown):
            return DOUBT
    return DOUBT if section.opaque else None


def option(section: Section, name: str) -> Setting[bool] | Doubt | None:
    """`option NAME` or `no option NAME`, whichever is in force; None: neither is written."""
    if section.opaque or _may_switch(section.by, name):
        own = _option_here(section, name, Origin.SET)
        if own is not _UNSAID:
            assert not isinstance(own, str)
            return own
    parent = section.parent
    if parent is None:
        return None
    key = ("option", name + "?")
    if key not in parent.memo:
        above = (_option_here(level, name, Origin.INHERITED) for level in parent.levels)
        parent.memo[key] = next((found for found in above if found is not _UNSAID), None)
    known = parent.memo[key]
    assert known is None or isinstance(known, Setting | Doubt)
    return known


_UNSAID = "unsaid"


def _may_switch(by: dict[str, list[Statement]], name: str) -> bool:
    if "no" in by or "default" in by:
        return True
    for statement in by.get("option", ()):
        words = statement.words
        if len(words) > 1 and (words[1] == name or isinstance(words[1], Unknown)):
            return True
    return False


def _option_here(section: Section, name: str, origin: Origin) -> Setting[bool] | Doubt | str | None:
    yes = _last_here(section, "option", name)
    no = _last_negation(section, name)
    if isinstance(yes, Doubt) or (no is not None and no.maybe):
        return DOUBT
    if no is not None and (yes is None or no.start > yes.start):
        if no.words[0] == "default":
            return None
        return Setting(f"option {name}", False, origin, section.span(no))
    if yes is None:
        return _UNSAID
    return Setting(f"option {name}", True, origin, section.span(yes))


def _last_negation(section: Section, name: str) -> Statement | None:
    found: Statement | None = None
    for keyword in ("no", "default"):
        for statement in section.all(keyword):
            if statement.words[1:3] == ("option", name) and (
                found is None or statement.start > found.start
            ):
                found = statement
    return found


def timeout(section: Section, name: str) -> Setting[float] | Doubt | None:
    """`timeout NAME` in force, in seconds."""
    found = last(section, "timeout", name)
    if found is None or found is DOUBT:
        return found
    assert isinstance(found, Found)
    if not found.own and (shared := found.section.settings.get(name)) is not None:
        return shared
    made = timeout_setting(found)
    if made is None:
        return DOUBT
    if not found.own:
        found.section.settings[name] = made
    return made


def timeout_setting(found: Found) -> Setting[float] | None:
    """A `timeout` statement as a setting, None where its value is not known."""
    words = found.words
    value = seconds(words[2]) if len(words) == 3 else None
    if value is None:
        return None
    return Setting(f"timeout {words[1]}", value[0], found.origin, found.place, unitless=value[1])


def mode(section: Section) -> str | None:
    """tcp (HAProxy's default), http, log, spop ...; None where it is not known."""
    return section.shared(_MODE, _mode)


_MODE = frozenset(["mode"])


def _mode(section: Section) -> str | None:
    found = last(section, "mode")
    if found is None:
        return "tcp"
    if not isinstance(found, Found) or len(found.words) < 2 or not found.known:
        return None
    return found.words[1]
