"""Keep secrets of a configuration out of every report: passwords, tokens, keys in plain sight.

A report travels further than the file it is about: to CI logs, pull requests, dashboards. What is
obviously a secret (told by the name of a header, a keyword or a parameter, or by its own form) is
shown as `***`, in source frames, messages and fixes alike, and takes no part in a fingerprint:
from a hash of a statement that holds a weak password the password could be found out by trying.

Every regular expression is possessive and starts at a word that is rare, so that no text can
make looking slow.
"""

from __future__ import annotations

import re

from lbcheck.model import Source

MASK = "***"
_LOOK_BACK = 300
_LONGEST = 1000
_NAMED = (
    r"(?:authorization|passw(?:or)?d|passphrase|secret|(?<!server_)token|credential"
    r"|(?:api|access|secret|private|cookie|hmac|origin|shared)[-_]?key|auth[-_](?:user[-_]?)?pass"
    r"|user[-_]pass|x[-_]auth)[A-Za-z0-9_]{0,40}+(?:-[A-Za-z0-9_]{1,40}+){0,6}+"
)
_VALUE = r""""((?:[^"\\\n]++|\\.)++)"?|'((?:[^'\\\n]++|\\.)++)'?|((?:[^\s;"'{}\\&,]++|\\[^\n])++)"""
_SETTERS = (
    r"(?:set_header|add_header|more_set_headers|more_set_input_headers|(?:fastcgi|uwsgi|scgi)_param|-header|hdr|"
    r"setenv|env|set|replace-value)"
)
_NAME_BEFORE = r"[A-Za-z0-9_$.-]{0,40}"
# Where a header or variable is given a value: `proxy_set_header X-Token abc`.
_SET = (
    rf"(?i){_SETTERS}[ \t\r\n]{{1,80}}+[\"']?(?=[A-Za-z0-9_$.-]{{1,80}}+[\"']?[ \t\r\n])"
    rf"{_NAME_BEFORE}?{_NAMED}[\"']?[ \t\r\n]++(?:{_VALUE})"
)
# Statements that are about nothing else.
_STATEMENT = (
    rf"(?i)(?<![A-Za-z0-9_.$-])(?:(?:insecure-)?password|passphrase|dynamic-cookie-key"
    rf"|auth-user-pass|secure_link_secret|secure_link_md5|secure_link_hmac_secret|requirepass)"
    rf"[ \t\r\n]++(?:{_VALUE})"
)
# `token=abc`, `"ClientSecret": "abc"`, `if ($http_x_api_key != "abc")`, `X-Token:\ abc`
_PAIR = (
    rf"(?i){_NAMED}(?:[\"']?[ \t]*+(?:!?=|!?~\*?)[ \t]*+|[\"'][ \t\r\n]*+:[ \t\r\n]*+"
    rf"|:(?:\\?[ \t])++)(?:{_VALUE})"
)
# `{"name": "DB_PASSWORD", "value": "abc"}`, as containers are given their environment.
_ENTRY = (
    r"(?i)(?<![A-Za-z0-9_])name\\?[\"']?[ \t]{0,9}+[:=][ \t]{0,9}+\\?[\"']?"
    rf"{_NAME_BEFORE}?{_NAMED}\\?[\"']?[,\s]{{1,80}}+\\?[\"']?value\\?[\"']?"
    rf"[ \t]{{0,9}}+[:=][ \t]{{0,9}}+(?:{_VALUE})"
)
_SCHEME = r"(?i)(?<![A-Za-z0-9_-])(?:basic|bearer)(?:\\?[ \t])++()()([A-Za-z0-9+/=._~%-]{6,}+)"
_ADDRESS = r"(?<![A-Za-z0-9_.%-])[A-Za-z0-9_.%-]{0,64}+:()()([^\s/:@\"'{}\[\]]{1,200}+)(?=@)"
_STATS = r"(?i)\bstats[ \t]++auth[ \t]++[^\s:]{1,200}+:()()(\S++)"
_SENT = r"\bAUTH(?:\\?[ \t])++()()((?:[^\s\"'\\;]++|\\[^rn\n])++)"
_KEYS = (
    r"()()(\bAKIA[0-9A-Z]{16}\b|\beyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]++)?+)"
)
_NAMES = (
    "auth",
    "passw",
    "passphrase",
    "secret",
    "token",
    "credential",
    "key",
    "user-pass",
    "user_pass",
)
_STATEMENTS = ("passw", "passphrase", "cookie-key", "user-pass", "secure_link", "requirepass")
# Each form with the words it cannot do without, one of them in lower case: looking for those is
# quick, and most texts have none, so that most runs do not even compile the expressions.
_FORMS = (
    (_NAMES, _SET),
    (_STATEMENTS, _STATEMENT),
    (_NAMES, _PAIR),
    (_NAMES, _ENTRY),
    (("basic", "bearer"), _SCHEME),
    (("@",), _ADDRESS),
    (("stats",), _STATS),
    (("auth",), _SENT),
    (("akia", "eyj"), _KEYS),
)
# Variables and samples say where a secret comes from, not what it is; the rest are no values.
_HARMLESS = (
    r"(?i)(?:(?:basic|bearer)\\?[ \t]++)?(?:\$\{?[A-Za-z_][A-Za-z0-9_]*+\}?|%\[.*\]|\$[0-9]|\*++)"
    r"|if|unless|on|off|-[a-z]|\{\{.*|<%.*|[A-Za-z]{0,6}\(.*"
)


def spans(text: str) -> list[tuple[int, int]]:
    """Where the obvious secrets of a text are: start and end offsets, in order, apart."""
    lowered = text.lower()
    found = []
    for words, form in _FORMS:
        if not any(word in lowered for word in words):
            continue
        for match in re.finditer(form, text):
            group = match.lastindex or 3
            if not re.fullmatch(_HARMLESS, match[group]):
                found.append(match.span(group))
    return _apart(sorted(found))


def _apart(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for start, end in found:
        if kept and start < kept[-1][1]:
            kept[-1] = kept[-1][0], max(end, kept[-1][1])
        else:
            kept.append((start, end))
    return kept


def masked(text: str) -> str:
    """A text with `***` for each of its secrets."""
    pieces = []
    at = 0
    for start, end in spans(text):
        pieces += [text[at:start], MASK]
        at = end
    return "".join([*pieces, text[at:]]) if pieces else text


def hidden(source: Source, start: int, end: int) -> list[tuple[int, int]]:
    """The secrets within `source.text[start:end]`, as offsets from `start`.

    What stands shortly before it is looked at, too: a value may stand on a line of its own.
    """
    text = source.text or ""
    begin = max(0, start - _LOOK_BACK)
    window = text[begin : end + 1]
    return [
        (max(a + begin, start) - start, min(b + begin, end) - start)
        for a, b in spans(window)
        if b + begin > start and a + begin < end
    ]


def masked_part(source: Source, start: int, end: int) -> str:
    """`source.text[start:end]` with `***` for each secret."""
    part = (source.text or "")[start:end]
    for a, b in reversed(hidden(source, start, end)):
        part = part[:a] + MASK + part[b:]
    return part


def told(text: str) -> str:
    """Words of a report: without secrets, and without end where a configuration is quoted."""
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 2 :]}"
    return masked(text)
