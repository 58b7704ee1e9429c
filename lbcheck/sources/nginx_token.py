"""nginx's words: what a token is, where it ends, what it means.

The rules are those of `ngx_conf_read_token` (src/core/ngx_conf_file.c): blanks are space, tab, CR
and LF only; `#` starts a comment only where a token may start; `}` inside of a word is part of it;
after a closing quote only a blank, `;`, `{` or `)` may follow. Every regular expression is
possessive and anchored, so that no text can make reading slow. Where a repeated group may fail in
its middle it is an atomic group, `(?>(?:...)+)`: in Python 3.11.2 `(?:...)++` keeps what the failed
turn has taken (3.11.7 does not).
"""

from __future__ import annotations

from lbcheck.regex import regex

_WORD = r"""(?![}#"'])(?:[^ \t\r\n;{\\$]++|\\[\s\S]|\$\{*+)++"""
_QUOTED = r""""(?:[^"\\]++|\\[\s\S])*+"|'(?:[^'\\]++|\\[\s\S])*+'"""
_ARGUMENT = rf"(?:{_WORD}|(?:{_QUOTED})(?=[ \t\r\n;{{)]))"
_GAP = r"(?:[ \t\r\n]++|\#[^\n]*+)*+"
_PLAIN_SIGN = r"!$-&(-:<-\[\]-z|~"
PLAIN_LINE = regex(
    rf"[ \t\r]*+(?:([{_PLAIN_SIGN}][{_PLAIN_SIGN} \t\r]*+)(?<!\$)(;|\{{(?:[ \t\r]*+\}})?+)"
    r"|(\}))?+[ \t\r]*+(?:#.*+)?"
)
"""a statement, an empty block or a `}` on a line of its own without quotes, escapes and `${`: most
lines are such"""
LINE = regex(rf"[ \t\r]*+((?>(?:[ \t\r]*+{_ARGUMENT})+))[ \t\r]*+([;{{])[ \t\r]*+(?:#.*+)?")
"""the same with them"""
STATEMENT = regex(rf"{_GAP}((?>(?:{_GAP}{_ARGUMENT})+))?+{_GAP}([;{{}}])")
AFTER_QUOTE = regex(r"[ \t\r\n;{)]|\Z")
REST_OF_LINE = regex(r"[ \t\r]*+(?:#[^\n]*+)?(?:\n|\Z)")
RECOVER = regex(r"(?>(?:[^;{}]++|[{}](?![ \t\r]*+(?:\n|\Z)))*)")
NOT_COMMENT = regex(rf"(?:[ \t\r\n;{{}}]++|{_ARGUMENT})*+")
COMMENT = regex(r"#[^\n]*+")
BLANKS = regex(r"[ \t\r\n;{}]*+")
PIECE = regex(rf"#[^\n]*+|{_WORD}|{_QUOTED}")
GAPS = regex(_GAP)
ONE = regex(rf"{_WORD}|{_QUOTED}")
_PLAIN = regex(r"[!#-&(-\[\]-~ \t\r]*+")
_ESCAPE = regex(r"""\\(["'\\trn])""")
_ESCAPED = {"t": "\t", "r": "\r", "n": "\n"}

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
