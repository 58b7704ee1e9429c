"""nginx's words: what a token is, where it ends, what it means.

The rules are those of `ngx_conf_read_token` (src/core/ngx_conf_file.c): blanks are space, tab, CR
and LF only; `#` starts a comment only where a token may start; `}` inside of a word is part of it;
after a closing quote only a blank, `;`, `{` or `)` may follow. Every regular expression is
possessive and anchored, so that no text can make reading slow.
"""

from __future__ import annotations

import re

_WORD = r"""(?![}#"'])(?:[^ \t\r\n;{\\$]++|\\[\s\S]|\$\{*+)++"""
_QUOTED = r""""(?:[^"\\]++|\\[\s\S])*+"|'(?:[^'\\]++|\\[\s\S])*+'"""
_ARGUMENT = rf"(?:{_WORD}|(?:{_QUOTED})(?=[ \t\r\n;{{)]))"
_GAP = r"(?:[ \t\r\n]++|\#[^\n]*+)*+"
LINE = re.compile(
    rf"[ \t\r]*+(?:({_ARGUMENT}(?:[ \t\r]*+{_ARGUMENT})*+)[ \t\r]*+([;{{])|(\}}))?+"
    r"[ \t\r]*+(?:#.*+)?"
)
_PLAIN_SIGN = r"!$-&(-:<-\[\]-z|~"
PLAIN_LINE = re.compile(
    rf"[ \t\r]*+([{_PLAIN_SIGN}][{_PLAIN_SIGN} \t\r]*+)(?<!\$)([;{{])[ \t\r]*+(?:#.*+)?"
)
"""a statement on a line of its own without quotes, escapes and `${`: most lines are such"""
GAPS = re.compile(_GAP)
ONE = re.compile(rf"{_WORD}|{_QUOTED}")
_PLAIN = re.compile(r"[!#-&(-\[\]-~ \t\r]*+")
_ESCAPE = re.compile(r"""\\(["'\\trn])""")
_ESCAPED = {"t": "\t", "r": "\r", "n": "\n"}

# Compiled when first asked for: most files hold nothing but whole lines, and these take 2 ms.
STATEMENT: re.Pattern[str]
AFTER_QUOTE: re.Pattern[str]
REST_OF_LINE: re.Pattern[str]
RECOVER: re.Pattern[str]
NOT_COMMENT: re.Pattern[str]
COMMENT: re.Pattern[str]
BLANKS: re.Pattern[str]
PIECE: re.Pattern[str]
_SELDOM = {
    "STATEMENT": rf"{_GAP}({_ARGUMENT}(?:{_GAP}{_ARGUMENT})*+)?+{_GAP}([;{{}}])",
    "AFTER_QUOTE": r"[ \t\r\n;{)]|\Z",
    "REST_OF_LINE": r"[ \t\r]*+(?:#[^\n]*+)?(?:\n|\Z)",
    "RECOVER": r"(?:[^;{}]++|[{}](?![ \t\r]*+(?:\n|\Z)))*+",
    "NOT_COMMENT": rf"(?:[ \t\r\n;{{}}]++|{_ARGUMENT})*+",
    "COMMENT": r"#[^\n]*+",
    "BLANKS": r"[ \t\r\n;{}]*+",
    "PIECE": rf"#[^\n]*+|{_WORD}|{_QUOTED}",
}


def __getattr__(name: str) -> re.Pattern[str]:
    if name not in _SELDOM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    compiled = globals()[name] = re.compile(_SELDOM[name])
    return compiled


MAX_TOKEN = 4096
"""NGX_CONF_BUFFER: a word, a quoted text with its closing quote or a comment of this many bytes
is refused ("too long parameter"; seen on 1.22.1 and 1.31.3)."""


def tokens(raw: str) -> list[tuple[int, int]]:
    """The spans of the words of one statement."""
    spans: list[tuple[int, int]] = []
    at = 0
    while True:
        gap = GAPS.match(raw, at)
        word = ONE.match(raw, gap.end() if gap else at)
        if word is None:
            return spans
        spans.append(word.span())
        at = word.end()


def value(raw: str) -> str:
    """A word as nginx hands it on: without quotes, escapes resolved (`\\x` stays as it is)."""
    if raw[0] in "\"'":
        raw = raw[1:-1]
    if "\\" in raw:
        raw = _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), raw)
    return raw


def words(raw: str, lexed: str | None = None) -> list[str]:
    """Name and arguments. `lexed` is the same text with its placeholders made harmless."""
    if lexed is None and _PLAIN.fullmatch(raw):
        return raw.split()
    return [value(raw[start:end]) for start, end in tokens(lexed or raw)]


def line_words(raw: str) -> list[str]:
    """Name and arguments of what LINE has matched: its words are whole and only blanks lie
    between them, so that one search finds all (a third of the time of `words`)."""
    pieces = ONE.findall(raw)
    if '"' in raw or "'" in raw or "\\" in raw:
        return [value(piece) for piece in pieces]
    return pieces
