"""What HAProxy's http rules do to a handshake on its way: headers, status, redirects.

Only what a handshake provably meets is recorded: a condition that cannot be decided is none.
Measured on 2.6, 2.8 and 3.4: deleting `Upgrade` or `Connection` makes targets answer 426, and a
changed `Sec-WebSocket-Key` a wrong accept value; del-header Sec-WebSocket-Accept,
`set-header Connection upgrade` and all `option http...close` are harmless.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lbcheck.model import Alteration, Origin, Redirect, RedirectKind, Setting
from lbcheck.regex import regex
from lbcheck.sources.haproxy_acl import Condition, acls_of, condition_of
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_edge import Edge
from lbcheck.sources.haproxy_handshake import Handshake, meets
from lbcheck.sources.haproxy_line import Partial
from lbcheck.sources.haproxy_syntax import Statement
from lbcheck.sources.haproxy_tunnel import MOVES

_KEYWORDS = frozenset(["http-request", "http-response", "http-after-response", "redirect"])
_REQUEST_EFFECTS = {
    "sec-websocket-key": "HAProxy makes up another key, and clients refuse the answer",
    "sec-websocket-version": "the target answers 400",
}
_FINAL = {"redirect": 302, "deny": 403, "return": 200, "tarpit": 500}
_ACTIONS = frozenset(
    [*_FINAL, *MOVES, "allow", "del-header", "set-header", "replace-header", "set-status"]
)
_MAX_OPEN = 100
"""Of the rules that only a path decides so many are asked: a frontend may have thousands."""
_SAFE_REGEX = regex(r"[\^$A-Za-z0-9.\-|()]{1,60}")
_HANDSHAKE_HEADERS = ("upgrade", "connection", "sec-websocket-key", "sec-websocket-version")


class Traffic:
    """What happens to handshakes on one edge."""

    __slots__ = ("alterations", "connection", "redirect", "upgrade")

    def __init__(self) -> None:
        self.upgrade: Setting[str | None] | None = None
        self.connection: Setting[str | None] | None = None
        self.alterations: list[Alteration] = []
        self.redirect: Redirect | None = None


QUIET = Traffic()


class Rule:
    """An http rule and whether handshakes meet it."""

    __slots__ = ("met", "origin", "section", "statement")

    def __init__(
        self, section: Section, statement: Statement, origin: Origin, met: bool | None
    ) -> None:
        self.section = section
        self.statement = statement
        self.origin = origin
        self.met = met

    def setting(self, value: str) -> Setting[str]:
        return Setting(self.name, value, self.origin, self.section.span(self.statement))

    @property
    def name(self) -> str:
        words = self.statement.words
        return words[0] if words[0] == "redirect" else " ".join(words[:2])


def has_rules(section: Section) -> bool:
    return section.shared(_KEYWORDS, _has_rules)


def _has_rules(section: Section) -> bool:
    return any(not _KEYWORDS.isdisjoint(level.by) for level in section.levels)


def traffic(edge: Edge, https_elsewhere: bool, declared: tuple[str, ...] = ()) -> Traffic:
    """Follow a handshake through the rules of the frontend, then of the backend, and back.

    Args: declared: the paths on which there are WebSockets.
    """
    assert edge.backend is not None
    sections = [edge.frontend.section]
    if edge.backend.section is not sections[0]:
        sections.append(edge.backend.section)
    sections = [section for section in sections if has_rules(section)]
    if not sections or edge.frontend.mode == "tcp":
        return QUIET
    found = Traffic()
    paths = _each_way(edge, declared)
    for section in sections:
        for rule in _rules(edge, section, "http-request", paths):
            _request(found, rule, https_elsewhere)
        for rule in _rules(edge, section, "redirect", paths):
            _final(found, rule, "redirect", https_elsewhere)
        for keyword in ("http-response", "http-after-response"):
            for rule in _rules(edge, section, keyword, paths):
                _response(found, rule)
    return found


def _rules(edge: Edge, section: Section, keyword: str, paths: list[_Paths]) -> Iterator[Rule]:
    """The rules handshakes meet, in order; ends where it is not known whether they get further.

    Args: paths: of the handshakes; none once they are changed.
    """
    response = keyword not in ("http-request", "redirect")
    for level in reversed(section.levels):
        for statement, condition, met in _relevant(level, keyword, edge.frontend.tls):
            if met is None and condition is not None and paths:
                met = _by_paths(condition, paths, edge.frontend.tls, response)
            if statement.words[1] in MOVES:
                if met is not False:
                    paths.clear()
                continue
            origin = Origin.SET if level is section else Origin.INHERITED
            if statement.words[1] == "allow" and met is not False:
                return
            if met:
                yield Rule(level, statement, origin, met)


_Paths = tuple[tuple[bool, str], ...]


def _each_way(edge: Edge, declared: tuple[str, ...]) -> list[_Paths]:
    """Each path that the profile declares is one of WebSockets by itself. Of those that an ACL
    names some may be kept out on purpose: a rule must hold for all of them."""
    paths = edge.paths_of(declared)
    if paths == edge.paths:
        return [paths] if paths else []
    return [(path,) for path in paths]


def _by_paths(
    condition: Condition, paths: list[_Paths], tls: bool | None, response: bool
) -> bool | None:
    """Do the handshakes of any of these ways meet it?"""
    verdicts = {meets(condition, Handshake(way, tls), response) for way in paths}
    return True if True in verdicts else None if None in verdicts else False


_Judged = tuple[Statement, Condition | None, bool | None]
"""a rule, its condition where an edge's path may decide it, and what is known without"""


def _relevant(section: Section, keyword: str, tls: bool | None) -> list[_Judged]:
    """The rules of a section that handshakes may meet; judged once for all edges."""
    if keyword not in section.by:
        return []
    key = (keyword, f"judged {tls}")
    known = section.memo.get(key)
    if isinstance(known, list):
        return known
    found: list[_Judged] = []
    section.memo[key] = found
    open_ends = 0
    for statement in section.all(keyword):
        words = statement.words
        if len(words) < 2 or type(words) is Partial:
            continue
        if keyword == "redirect" or words[1] in _ACTIONS:
            judged = _judged(section, statement, keyword, tls)
            open_ends += judged[1] is not None
            if judged[2] or (open_ends < _MAX_OPEN and _may_matter(judged)):
                found.append(judged)
    return found


def _judged(section: Section, statement: Statement, keyword: str, tls: bool | None) -> _Judged:
    condition = condition_of(section, statement, acls_of(section), 2)
    response = keyword not in ("http-request", "redirect")
    met = None if statement.maybe else meets(condition, Handshake((), tls), response)
    tests = (test for term in condition.terms() for test in term.tests)
    by_path = met is None and not statement.maybe and any(t.fetch[:4] == "path" for t in tests)
    return statement, condition if by_path else None, met


def _may_matter(judged: _Judged) -> bool:
    statement, condition, met = judged
    action = statement.words[1]
    return condition is not None or (met is None and (action == "allow" or action in MOVES))


def _request(found: Traffic, rule: Rule, https_elsewhere: bool) -> None:
    words = rule.statement.words
    action = words[1]
    if action in _FINAL:
        _final(found, rule, action, https_elsewhere)
        return
    if action not in ("del-header", "set-header", "replace-header"):
        return
    value = _value(words, action)
    for header in _targets(words, action):
        setting: Setting[str | None] = Setting(
            rule.name, value, rule.origin, rule.section.span(rule.statement)
        )
        if header == "upgrade":
            found.upgrade = setting
        elif header == "connection":
            found.connection = setting
        elif header in _REQUEST_EFFECTS and value is not None:
            effect = _REQUEST_EFFECTS[header]
            found.alterations.append(Alteration(_title(header), rule.setting(value), effect))


def _title(header: str) -> str:
    return "-".join(part.capitalize() for part in header.split("-")).replace("socket", "Socket")


def _value(words: tuple[str, ...], action: str) -> str | None:
    """What the header becomes; None where it is computed."""
    if action == "del-header":
        return ""
    if action == "replace-header" or len(words) < 4 or "%" in words[3]:
        return None
    return words[3].lower()


def _targets(words: tuple[str, ...], action: str) -> list[str]:
    """The handshake headers a rule names. `-m reg` sees lower case: `^Sec-` has no effect."""
    if len(words) < 3:
        return []
    wanted = words[2]
    if action != "del-header" or "-m" not in words:
        return [header for header in _HANDSHAKE_HEADERS if header == wanted.lower()]
    method = words[words.index("-m") + 1] if words[-1] != "-m" else ""
    if method == "beg":
        return [header for header in _HANDSHAKE_HEADERS if header.startswith(wanted)]
    if method == "end":
        return [header for header in _HANDSHAKE_HEADERS if header.endswith(wanted)]
    if method == "sub":
        return [header for header in _HANDSHAKE_HEADERS if wanted in header]
    if method == "reg" and _SAFE_REGEX.fullmatch(wanted):
        try:
            pattern = re.compile(wanted)
        except re.error:
            return []
        return [header for header in _HANDSHAKE_HEADERS if pattern.search(header)]
    return [header for header in _HANDSHAKE_HEADERS if method == "str" and header == wanted.lower()]


def _final(found: Traffic, rule: Rule, action: str, https_elsewhere: bool) -> None:
    """A rule that answers the handshake itself; the first one counts."""
    if found.redirect is not None:
        return
    words = rule.statement.words
    kind = RedirectKind.OTHER
    if action == "redirect":
        kind = RedirectKind.SCHEME if "scheme" in words[1:3] else kind
        if kind is RedirectKind.SCHEME and https_elsewhere:
            return
    status = _FINAL[action]
    for name in ("code", "status", "deny_status"):
        if name in words[1:-1]:
            written = words[words.index(name) + 1]
            status = int(written) if written.isdigit() and len(written) == 3 else status
    place = rule.section.span(rule.statement)
    found.redirect = Redirect(kind, Setting(rule.name, status, rule.origin, place))


def _response(found: Traffic, rule: Rule) -> None:
    words = rule.statement.words
    action = words[1]
    if action == "set-status" and len(words) > 2 and words[2] != "101":
        effect = f"clients see {words[2]} instead of 101"
        found.alterations.append(Alteration("status", rule.setting(words[2]), effect))
    if action not in ("del-header", "set-header"):
        return
    value = _value(words, action)
    for header in _targets(words, action):
        if header not in ("upgrade", "connection") or value is None:
            continue
        if ("websocket" if header == "upgrade" else "upgrade") not in value:
            name = header.capitalize()
            effect = f"clients miss `{name}` in the 101 answer and give up"
            found.alterations.append(Alteration(name, rule.setting(value), effect))
