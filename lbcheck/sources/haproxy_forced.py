"""Plain requests that HAProxy makes handshakes of: `http-request set-header Upgrade websocket`.

Measured on 2.6.12 and 2.8.25: without a condition every request reaches the target with it, and
with `set-header Connection upgrade` beside it HAProxy makes up a `Sec-WebSocket-Key` as well.
`set-header Connection upgrade` alone changes nothing: a request without `Upgrade` asks for none.
"""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.model import Origin, Setting
from lbcheck.sources.haproxy_acl import acls_of, condition_of
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_handshake import is_header_test
from lbcheck.sources.haproxy_syntax import Statement

_FORCED = ["set-header", "upgrade", "websocket"]
_CHANGING = frozenset(["del-header", "replace-header"])
REFUSING = frozenset(["deny", "redirect", "reject", "return", "silent-drop", "tarpit"])
NAME = "http-request set-header Upgrade"


def forced(*sections: Section) -> Setting[str] | None:
    """The rule that does it, where no other one sees to plain requests.

    Args: sections: a frontend and the backend it leads to, or one of them.
    """
    found = next((each for section in sections for each in _forcing(section)), None)
    if found is None or any(map(_spares_plain_requests, sections)):
        return None
    return found


def _forcing(section: Section) -> Iterator[Setting[str]]:
    for level in section.levels:
        for statement in level.all("http-request"):
            forces = [word.lower() for word in statement.words[1:5]] == _FORCED
            if forces and not statement.maybe:
                origin = Origin.SET if level is section else Origin.INHERITED
                yield Setting(NAME, "websocket", origin, level.span(statement))


def _spares_plain_requests(section: Section) -> bool:
    """Does a rule refuse what is no handshake, take `Upgrade` away from it, or end the rules?"""
    for level in section.levels:
        for statement in level.all("http-request"):
            action, header = (*statement.words[1:3], "", "")[:2]
            if action == "allow" or (action in _CHANGING and header.lower() == "upgrade"):
                return True
            if action in REFUSING and _looks_at_headers(level, statement):
                return True
    return False


def _looks_at_headers(section: Section, statement: Statement) -> bool:
    condition = condition_of(section, statement, acls_of(section), 2)
    return any(is_header_test(test) for term in condition.terms() for test in term.tests)
