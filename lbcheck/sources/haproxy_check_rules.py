"""Read `http-check` and `option httpchk`: what a HAProxy health check asks and takes for healthy.

Measured on 2.6 and 2.8: the first `option httpchk` or `http-check send/expect/connect` of a proxy
replaces everything inherited, the request line too; what was written later overrides the parts of
the request that it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import attrgetter

from lbcheck.model import Origin, Setting, StatusSet
from lbcheck.regex import regex
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_line import Partial
from lbcheck.sources.haproxy_syntax import Statement

_RULES = frozenset(["send", "expect", "connect", "comment", "set-var", "set-var-fmt", "unset-var"])
_EXPECT_OPTIONS = frozenset(
    "min-recv comment ok-status error-status tout-status on-success on-error status-code".split()
)
_SIMPLE_REGEX = regex(r"[\^$0-9.\[\]\-|()\\d]{1,40}")
_STATUSES = range(100, 600)


class Request:
    """What a check sends, part by part, and what it expects. None: not known or not written.

    `connects` are its `http-check connect` rules, words and place.
    """

    __slots__ = ("accepts", "connects", "headers", "known", "parts", "sends")

    def __init__(self) -> None:
        self.connects: list[Setting[tuple[str, ...]]] = []
        self.parts: dict[str, Setting[str]] = {}
        self.headers: dict[str, str] = {}
        self.accepts: list[Setting[StatusSet] | None] = []
        self.sends = False
        self.known = True


def rules_section(section: Section) -> Section:
    """The proxy or the nearest `defaults` whose check rules are in force."""
    for level in section.levels:
        for statement in _statements(level):
            if _makes_rules(statement):
                return level
    return section


def _makes_rules(statement: Statement) -> bool:
    words = statement.words
    return words[0] == "option" or (len(words) > 1 and words[1] in _RULES)


def _statements(section: Section) -> Sequence[Statement]:
    """`option httpchk` and `http-check` lines in order."""
    lines = [s for s in section.all("option") if s.words[1:2] == ("httpchk",)]
    checks = section.all("http-check")
    if not lines or not checks:
        return lines or checks
    return sorted([*lines, *checks], key=attrgetter("start"))


def read_request(section: Section, owner: Section) -> Request:
    """The check of `section`, whose rules stand in `owner`."""
    request = Request()
    origin = Origin.SET if owner is section else Origin.INHERITED
    for statement in _statements(owner):
        words = statement.words
        if statement.maybe or type(words) is Partial:
            request.known = False
        elif words[0] == "option":
            _httpchk(request, owner, statement, origin)
        elif words[1:2] == ("send",) and not _upgrades(request):
            _send(request, owner, statement, origin)
        elif words[1:2] == ("expect",):
            request.accepts.append(_expect(owner, statement, origin))
        elif words[1:2] == ("connect",):
            place = owner.span(statement)
            request.connects.append(Setting("http-check connect", words[2:], origin, place))
    return request


def _upgrades(request: Request) -> bool:
    """A check of several requests is judged by the one that asks for an upgrade."""
    return "upgrade" in request.headers


def _httpchk(request: Request, owner: Section, statement: Statement, origin: Origin) -> None:
    words = statement.words[2:]
    names = ("path",) if len(words) == 1 else ("method", "path", "version")
    request.sends = True
    for name, word in zip(names, words, strict=False):
        request.parts[name] = Setting("option httpchk", word, origin, owner.span(statement))
    if len(words) > 2:
        _inline_headers(request, owner, statement, origin)


def _inline_headers(request: Request, owner: Section, statement: Statement, origin: Origin) -> None:
    """Headers behind the version: a warning in 2.6, an error since 2.8."""
    lines = " ".join(statement.words[4:]).replace("\r\n", "\n").split("\n")
    place = owner.span(statement)
    request.parts["version"] = Setting("option httpchk", lines[0].strip(), origin, place)
    for line in lines[1:]:
        name, _, value = line.partition(":")
        request.headers[name.strip().lower()] = value.strip()
        if name.strip().lower() == "host":
            request.parts["host"] = Setting("option httpchk", value.strip(), origin, place)


def _send(request: Request, owner: Section, statement: Statement, origin: Origin) -> None:
    words = statement.words
    place = owner.span(statement)
    request.sends = True
    names = {"meth": "method", "uri": "path", "ver": "version"}
    at = 2
    while at + 1 < len(words):
        word, value = words[at], words[at + 1]
        if word == "hdr" and at + 2 < len(words):
            request.headers[value.lower()] = words[at + 2]
            if value.lower() == "host":
                request.parts["host"] = Setting("http-check send", words[at + 2], origin, place)
            at += 3
            continue
        if word == "uri-lf":
            request.parts.pop("path", None)
            request.known = False
        elif word in names:
            request.parts[names[word]] = Setting("http-check send", value, origin, place)
        at += 2


def _expect(owner: Section, statement: Statement, origin: Origin) -> Setting[StatusSet] | None:
    """The statuses that pass; None where the expectation is not about the status."""
    words = list(statement.words[2:])
    while len(words) > 1 and words[0] in _EXPECT_OPTIONS:
        del words[:2]
    negated = bool(words) and words[0] == "!"
    if negated:
        del words[0]
    if len(words) < 2 or words[0] not in ("status", "rstatus"):
        return None
    text = " ".join(words[1:])
    ranges = status_ranges(text) if words[0] == "status" else _regex_ranges(text)
    if ranges is None:
        return None
    if negated:
        ranges = _merge(n for n in _STATUSES if not any(a <= n <= b for a, b in ranges or ()))
    shown = ("! " if negated else "") + text
    place = owner.span(statement)
    return Setting("http-check expect", StatusSet(ranges, shown), origin, place)


@lru_cache(maxsize=64)
def status_ranges(text: str) -> tuple[tuple[int, int], ...] | None:
    """`200,201,300-310` as inclusive ranges."""
    found = []
    for part in text.split(","):
        low, _, high = part.strip().partition("-")
        high = high or low
        if not (low.isdigit() and high.isdigit()) or len(low) > 3 or len(high) > 3:
            return None
        found.append((int(low), int(high)))
    return tuple(found)


def _regex_ranges(text: str) -> tuple[tuple[int, int], ...] | None:
    """The statuses a plain pattern matches; None for anything with repetitions in it."""
    for tail in (".*", ".*$", ".+"):
        text = text.removesuffix(tail)
    if not _SIMPLE_REGEX.fullmatch(text):
        return None
    try:
        pattern = re.compile(text)
    except re.error:
        return None
    return _merge(status for status in _STATUSES if pattern.search(str(status)))


def _merge(statuses: Iterator[int]) -> tuple[tuple[int, int], ...]:
    ranges: list[tuple[int, int]] = []
    for status in statuses:
        if ranges and ranges[-1][1] == status - 1:
            ranges[-1] = ranges[-1][0], status
        else:
            ranges.append((status, status))
    return tuple(ranges)
