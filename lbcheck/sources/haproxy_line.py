"""Take one HAProxy line to pieces: words, places, comment, faults.

HAProxy's own rules (src/tools.c, parse_line, the same in 2.6 to 3.4): a word is a concatenation
of quoted and bare runs; `#` outside quotes starts a comment even in the middle of a word;
variables are expanded inside double quotes only; there is no continuation. Placeholders of
templates ({{ }}, {% %}, <% %>, ${X} outside double quotes) are taken whole, with the blanks and
quotes in them, and make their word unknown. `${X-default}` is unknown too where X is: nobody
knows before the deploy whether it will be set.
"""

from __future__ import annotations

import re

from lbcheck.model import Trouble
from lbcheck.regex import regex


class Partial(tuple[str, ...]):
    """The words of a line with an Unknown among them: asking for the type is enough."""

    __slots__ = ()


class Unknown(str):
    """A word with a part that is not known before the deploy; the text is as written."""

    __slots__ = ()


_PLAIN = {
    "": regex(r"[^ \t\n\v\f\r\"'\\#${<]++"),
    '"': regex(r"[^\"\\\r\n${<]++"),
    "'": regex(r"[^'\r\n${<]++"),
}
_BLANKS = regex(r"[ \t\n\v\f\r]++")
_VARIABLE = regex(
    r"\$(?:\{(?P<braced>[A-Za-z_.][A-Za-z0-9_.]*+)(?P<each>\[\*\])?(?P<default>-[^}\r\n]*+)?\}"
    r"|(?P<bare>[A-Za-z_.][A-Za-z0-9_.]*+))"
)
_HEX = regex(r"\\x([0-9A-Fa-f]{2})")
_ESCAPES = {
    **{c: c for c in " \\#\"'"},
    "t": "\t",
    "r": "\r",
    "n": "\n",
}
_CLOSERS = {"{{": "}}", "{%": "%}", "<%": "%>"}


class Line:
    """A line taken to pieces the slow way: words, their (start, end), the comment, the faults."""

    __slots__ = (
        "_at",
        "_begun",
        "_opaque",
        "_pieces",
        "_quote",
        "_quoted_at",
        "_stop",
        "_text",
        "_unclosed",
        "_variables",
        "comment",
        "spans",
        "troubles",
        "words",
    )

    def __init__(self, text: str, at: int, stop: int, variables: dict[str, str]) -> None:
        self.words: list[str] = []
        self.spans: list[tuple[int, int]] = []
        self.comment: int | None = None
        self.troubles: list[Trouble] = []
        self._text, self._at, self._stop, self._variables = text, at, stop, variables
        self._pieces: list[str] = []
        self._begun = -1
        self._opaque = False
        self._quote = ""
        self._quoted_at = at
        self._unclosed: set[str] = set()
        self._run()

    def _run(self) -> None:
        if blanks := _BLANKS.match(self._text, self._at, self._stop):
            self._at = blanks.end()
        while self._at < self._stop:
            plain = _PLAIN[self._quote].match(self._text, self._at, self._stop)
            if plain:
                self._take(plain[0], plain.end())
            elif self._special(self._text[self._at]):
                break
        if self._quote:
            self.troubles.append(
                Trouble(
                    f"unmatched quote {self._quote}",
                    self._quoted_at,
                    self._stop,
                    "close the quote on the same line: HAProxy knows no continuation lines",
                )
            )
        self._end_word()

    def _take(self, value: str, to: int) -> None:
        if self._begun < 0:
            self._begun = self._at
        self._pieces.append(value)
        self._at = to

    def _end_word(self) -> None:
        if self._begun < 0:
            return
        word = "".join(self._pieces)
        self.words.append(Unknown(word) if self._opaque else word)
        self.spans.append((self._begun, self._at))
        self._pieces.clear()
        self._begun = -1
        self._opaque = False

    def _special(self, char: str) -> bool:
        """Handle one character that is not plain; True ends the line."""
        match char:
            case "\r" | "\n":
                return True
            case '"' | "'":
                self._toggle(char)
            case "\\":
                self._escape()
            case "$":
                self._variable()
            case "{" | "<":
                self._template(char)
            case "#":
                self.comment = self._at
                self._end_word()
                return True
            case _:
                self._end_word()
                blanks = _BLANKS.match(self._text, self._at, self._stop)
                self._at = blanks.end() if blanks else self._at + 1
        return False

    def _toggle(self, char: str) -> None:
        self._quoted_at = self._at
        self._quote = "" if self._quote else char
        self._take("", self._at + 1)

    def _escape(self) -> None:
        follower = self._text[self._at + 1 : min(self._at + 2, self._stop)]
        if follower == "x":
            self._escape_hex()
        elif follower in _ESCAPES and follower:
            self._take(_ESCAPES[follower], self._at + 2)
        elif follower == "$" and self._quote:
            self._take("$", self._at + 2)
        else:
            self._take("\\", self._at + 1)

    def _escape_hex(self) -> None:
        digits = _HEX.match(self._text, self._at, self._stop)
        if digits:
            byte = int(digits[1], 16)
            self._take(chr(byte) if byte < 0x80 else chr(0xDC00 + byte), digits.end())
            return
        self.troubles.append(
            Trouble("`\\x` without two hexadecimal digits", self._at, self._at + 2, "write `\\\\x`")
        )
        self._take("\\x", self._at + 2)

    def _variable(self) -> None:
        found = _VARIABLE.match(self._text, self._at, self._stop)
        if self._quote == '"':
            self._expand(found)
        elif found and found["braced"]:
            self._opaque = True
            self._take(found[0], found.end())
        else:
            self._take("$", self._at + 1)

    def _expand(self, found: re.Match[str] | None) -> None:
        if found is None:
            self.troubles.append(
                Trouble(
                    "`$` without a variable name inside double quotes",
                    self._at,
                    self._at + 1,
                    "write `\\$`, or use single quotes",
                )
            )
            self._take("$", self._at + 1)
            return
        value = self._variables.get(found["braced"] or found["bare"])
        if value is None:
            self._opaque = True
            self._take(found[0], found.end())
        elif found["each"]:
            self._take_each(value.split(), found)
        else:
            self._take(value, found.end())

    def _take_each(self, values: list[str], found: re.Match[str]) -> None:
        """`"${LIST[*]}"` is as many words as the variable has."""
        for value in values[:-1]:
            self._take(value, self._at)
            self._end_word()
        self._take(values[-1] if values else "", found.end())

    def _template(self, char: str) -> None:
        opener = self._text[self._at : self._at + 2]
        closer = _CLOSERS.get(opener)
        if closer is None or closer in self._unclosed:
            self._take(char, self._at + 1)
            return
        end = self._text.find(closer, self._at + 2, self._stop)
        if end < 0:
            # Remembered, so that a line full of openers is not searched once for each.
            self._unclosed.add(closer)
            self._take(char, self._at + 1)
            return
        self._opaque = True
        self._take(self._text[self._at : end + 2], end + 2)
