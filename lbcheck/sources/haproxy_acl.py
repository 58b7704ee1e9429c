"""HAProxy conditions: `acl` lines and `if`/`unless` read into tests that can be asked questions.

The question is always the same: does a WebSocket handshake (HTTP/1.1, GET, `Upgrade: websocket`,
`Connection: Upgrade` as browsers send them, RFC 6455 4.1) meet this condition? yes, no, or it
cannot be shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from lbcheck.model import Span
from lbcheck.regex import regex
from lbcheck.sources.haproxy_config import Section
from lbcheck.sources.haproxy_line import Unknown
from lbcheck.sources.haproxy_syntax import Statement

_CALL = regex(r"(?s)([a-zA-Z_0-9.]++)(?:\(([^()]*+)\))?(?:,.*+)?")
_MAX_TERMS = 200


class Test:
    """One criterion with its patterns, e.g. `hdr(Upgrade) -i websocket`.

    `place` is where it is written: the `acl` line, or the statement that uses it in braces.
    """

    __slots__ = ("argument", "fetch", "flags", "known", "method", "patterns", "place", "text")

    def __init__(self, words: Sequence[str], place: Span) -> None:
        self.place = place
        self.text = " ".join(words)
        self.known = Unknown not in map(type, words)
        match = _CALL.fullmatch(words[0]) if words else None
        self.fetch = match[1].lower() if match else ""
        self.argument = (match[2] or "").split(",")[0].strip().lower() if match else ""
        if words and "," in words[0].partition(")")[2]:
            self.known = False  # a converter changes what is compared
        self.flags: set[str] = set()
        self.method = ""
        self.patterns = self._patterns(list(words[1:]))

    def _patterns(self, words: list[str]) -> list[str]:
        while words and words[0].startswith("-") and len(words[0]) > 1:
            flag = words.pop(0)
            if flag == "--":
                break
            if flag == "-m" and words:
                self.method = words.pop(0)
            elif flag == "-f" and words:
                self.known = False
                words.pop(0)
            self.flags.add(flag)
        return words


class Term:
    """An ACL by name or a test in braces: true when one of its tests is; perhaps negated."""

    __slots__ = ("name", "negated", "tests")

    def __init__(self, name: str, negated: bool, tests: list[Test]) -> None:
        self.name = name
        self.negated = negated
        self.tests = tests

    @property
    def key(self) -> tuple[bool, str]:
        """Equal for terms that say the same."""
        return self.negated, "|".join(sorted([test.text for test in self.tests]))


class Condition:
    """`if`/`unless` and alternatives of terms that must all hold. No alternatives: always."""

    __slots__ = ("alternatives", "known", "text", "unless")

    def __init__(self, words: Sequence[str], acls: dict[str, list[Test]], place: Span) -> None:
        self.unless = bool(words) and words[0] == "unless"
        self.text = " ".join(words)
        self.known = len(words) < _MAX_TERMS
        self.alternatives: list[list[Term]] = []
        if words and self.known:
            self._read(list(words[1:]), acls, place)

    @property
    def always(self) -> bool:
        return self.known and not self.text

    def terms(self) -> list[Term]:
        return [term for terms in self.alternatives for term in terms]

    def _read(self, words: list[str], acls: dict[str, list[Test]], place: Span) -> None:
        terms: list[Term] = []
        self.alternatives.append(terms)
        at = 0
        negated = False
        while at < len(words):
            word = words[at]
            at += 1
            if word in ("or", "||", "OR"):
                terms = []
                self.alternatives.append(terms)
                continue
            if word.startswith("!"):
                negated = not negated
                word = word[1:]
            if word == "{":
                stop = words.index("}", at) if "}" in words[at:] else len(words)
                test = Test(words[at:stop], place)
                terms.append(Term(test.text, negated, [test]))
                at = stop + 1
            elif word:
                terms.append(_named(word, negated, acls, place))
            else:
                continue
            negated = False


def _named(name: str, negated: bool, acls: dict[str, list[Test]], place: Span) -> Term:
    tests = acls.get(name)
    if tests is None:
        tests = [Test(_PREDEFINED.get(name, ("?",)), place)]
    return Term(name, negated, tests)


_PREDEFINED: dict[str, tuple[str, ...]] = {
    "TRUE": ("always_true",),
    "FALSE": ("always_false",),
    "HTTP": ("always_true",),
    "HTTP_1.0": ("always_false",),
    "HTTP_1.1": ("always_true",),
    "HTTP_URL_SLASH": ("path_beg", "/"),
    "METH_GET": ("method", "GET"),
    "METH_CONNECT": ("method", "CONNECT"),
    "METH_DELETE": ("method", "DELETE"),
    "METH_HEAD": ("method", "HEAD"),
    "METH_OPTIONS": ("method", "OPTIONS"),
    "METH_POST": ("method", "POST"),
    "METH_PUT": ("method", "PUT"),
    "METH_TRACE": ("method", "TRACE"),
}
"""HAProxy configuration manual, 7.4; METH_GET also matches HEAD."""


def acls_of(section: Section) -> dict[str, list[Test]]:
    """The ACLs a proxy's conditions may name; lines with the same name are alternatives."""
    known = section.memo.get(_ACLS)
    if isinstance(known, dict):
        return known
    found: dict[str, list[Test]] = {}
    section.memo[_ACLS] = found
    for level in reversed(section.levels):
        for statement in level.all("acl"):
            words = statement.words
            if len(words) < 3:
                continue
            test = Test(words[2:], level.span(statement))
            test.known = test.known and not statement.maybe
            found.setdefault(words[1], []).append(test)
    return found


_ACLS = ("acl", "*")


def condition_of(
    section: Section, statement: Statement, acls: dict[str, list[Test]], skip: int = 1
) -> Condition:
    """The condition at the end of a statement; the search for it begins after `skip` words."""
    words = statement.words
    for at in range(skip, len(words)):
        if words[at] in ("if", "unless"):
            return Condition(words[at:], acls, section.span(statement))
    return Condition((), acls, section.span(statement))
