"""One pass over nginx text: lines and statements become a tree, mistakes become troubles.

Speed: real configurations repeat their lines, so that a line is analysed once and remembered
(`Memo`); only what is not one whole statement on one line is read token by token. Every regular
expression is possessive and anchored, so that no text can make reading slow.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from lbcheck.model import Source, Trouble
from lbcheck.sources import nginx_token as token
from lbcheck.sources.nginx_directive import Directive
from lbcheck.sources.nginx_guess import swallowed, unclosed
from lbcheck.sources.nginx_lua import code_end, is_code
from lbcheck.sources.nginx_template import masked

_MAX_TROUBLES = 50

_Meaning = tuple[int, str, tuple[str, ...], int, int]
"""Of a line: kind, name, arguments, and the columns at which they start and end."""
Memo = dict[str, _Meaning]
_EMPTY, _SIMPLE, _INCLUDE, _OPEN, _WHOLE, _CLOSE, _ODD = range(7)
_NOT_WHOLE: _Meaning = (_ODD, "", (), 0, 0)


class Reader:
    """One pass over `source.text[start:end]`. `holders` are the lists that hold an `include`."""

    def __init__(self, source: Source, start: int, end: int, memo: Memo) -> None:
        self.source = source
        self.original = source.text or ""
        self.start, self.end = start, end
        self.memo = memo
        self.text = masked(self.original)
        self.root: list[Directive] = []
        self.stack: list[Directive] = []
        self.current = self.root
        self.holders: list[list[Directive]] = []

    def read(self) -> list[Directive]:
        """The directives of the whole stretch."""
        at = self.start
        if self.text.startswith("\ufeff", at):
            self.trouble(
                "the byte order mark is part of the first word for nginx",
                at,
                at + 1,
                "save the file as UTF-8 without a byte order mark",
            )
            at += 1
        if self.text is self.original:
            self._lines(at)
        else:
            while at < self.end:
                at = self._statements(at)
        self._unclosed()
        return self.root

    def trouble(self, message: str, start: int, end: int, remedy: str) -> None:
        """Note once what could not be read; a broken file is not described for ever."""
        troubles = self.source.troubles
        new = Trouble(message, start, end, remedy)
        if len(troubles) < _MAX_TROUBLES and new not in troubles:
            troubles.append(new)

    def _lines(self, at: int) -> None:
        """The fast way: line by line, each distinct line analysed once."""
        source, known, learn, node = self.source, self.memo.get, self._learn, Directive
        append, simple = self.current.append, _SIMPLE
        lines = iter(self.text[at : self.end].split("\n"))
        for line in lines:
            kind, name, args, start, end = known(line) or learn(line)
            if kind == simple:
                append(node(name, args, at + start, at + end, None, source))
            elif kind == _OPEN:
                self._open(node(name, args, at + start, at + end, [], source))
                append = self.current.append
            elif kind == _CLOSE:
                self._close(at + start)
                append = self.current.append
            elif kind == _WHOLE:
                append(node(name, args, at + start, at + end, [], source, at + line.index("}")))
            elif kind == _INCLUDE:
                self.holders.append(self.current)
                append(node(name, args, at + start, at + end, None, source))
            elif kind == _ODD:
                at = self._odd(at, line, lines)
                append = self.current.append
                continue
            at += len(line) + 1

    def _odd(self, at: int, line: str, lines: Iterator[str]) -> int:
        """A line that is not one whole statement, and those it goes on in."""
        resume = self._statements(at)
        at += len(line) + 1
        while at < resume:
            at += len(next(lines, "")) + 1
        return at

    def _learn(self, line: str) -> _Meaning:
        meaning = _NOT_WHOLE
        if len(line) < token.MAX_TOKEN // 4:
            plain = token.PLAIN_LINE.fullmatch(line)
            meaning = _plain(plain) if plain else _quoted(line)
        self.memo[line] = meaning
        return meaning

    def _open(self, directive: Directive) -> None:
        self.current.append(directive)
        self.stack.append(directive)
        if directive.block is not None:
            self.current = directive.block

    def _close(self, at: int) -> None:
        if not self.stack:
            self.trouble("this `}` closes nothing", at, at + 1, "remove it, or add the missing `{`")
            return
        self.stack.pop().close = at
        block = self.stack[-1].block if self.stack else None
        self.current = self.root if block is None else block

    def _statements(self, at: int) -> int:
        """The exact way: statement by statement, until one ends with its line."""
        while at < self.end:
            match = token.STATEMENT.match(self.text, at, self.end)
            if match is None:
                at = self._broken(at)
            elif match[1] is None:
                at = self._nameless(match.start(2), match[2])
            elif match[2] == "}":
                self._not_ended(match.start(1), match.end(1))
                at = match.start(2)
            else:
                at = self._statement(match.start(1), match.end(1), match.start(2))
            rest = token.REST_OF_LINE.match(self.text, at, self.end)
            if match and (rest or match).end() - match.start() >= token.MAX_TOKEN // 4:
                self._too_long(match.start(), (rest or match).end())
            if rest:
                return rest.end()
        return at

    def _statement(self, start: int, end: int, stop: int) -> int:
        """Take in one statement that is ended by `;` or `{` at `stop`."""
        opens = self.text[stop] == "{"
        length, resume = swallowed(self.text[start:end])
        if resume:
            self._not_ended(start, start + length)
            return start + resume
        directive = self._directive(start, end, stop, opens)
        if directive.name == "include" and not opens:
            self.holders.append(self.current)
        if not opens:
            self.current.append(directive)
        elif is_code(directive.name):
            return self._code(directive, stop)
        else:
            self._open(directive)
        return stop + 1

    def _directive(self, start: int, end: int, stop: int, opens: bool) -> Directive:
        lexed = None
        if self.text is not self.original:
            end = max(end, start + len(self.original[start:stop].rstrip(" \t\r\n")))
            lexed = masked(self.original[start:end], False)
        words = token.words(self.original[start:end], lexed) or [""]
        name, args = sys.intern(words[0]), tuple(words[1:])
        return Directive(name, args, start, end, [] if opens else None, self.source)

    def _code(self, directive: Directive, brace: int) -> int:
        self.current.append(directive)
        directive.close = code_end(directive.name, self.original, brace + 1, self.end)
        if directive.close >= 0:
            return directive.close + 1
        self.trouble(
            f"the code of `{directive.name}` is not closed",
            directive.start,
            directive.end,
            "add the missing `}`, or close the string or comment that hides it",
        )
        return self.end

    def _nameless(self, at: int, sign: str) -> int:
        if sign == "}":
            self._close(at)
        elif sign == ";":
            self.trouble("this `;` ends nothing", at, at + 1, "remove it")
        else:
            self.trouble("this `{` has no directive before it", at, at + 1, "name the block")
            self._open(Directive("", (), at, at, [], self.source))
        return at + 1

    def _not_ended(self, start: int, end: int) -> None:
        directive = self._directive(start, end, end, False)
        self.current.append(directive)
        self.trouble(
            f"`{directive.name}` is not ended by `;`", start, end, "put a `;` after its last word"
        )

    def _broken(self, at: int) -> int:
        """Say why no statement starts here, and where reading goes on."""
        words: list[tuple[int, int]] = []
        while True:
            gap = token.GAPS.match(self.text, at, self.end)
            at = gap.end() if gap else at
            word = token.ONE.match(self.text, at, self.end)
            if word is None:
                break
            at = word.end()
            if self.text[word.start()] in "\"'" and not token.AFTER_QUOTE.match(self.text, at):
                return self._stray(word.start(), at, words)
            words.append(word.span())
        if at < self.end and self.text[at] in "\"'":
            remedy = "close it, or put a backslash before it"
            self.trouble("the quote that opens here is not closed", at, at + 1, remedy)
            return self._recover(at + 1, words)
        if words:
            self._not_ended(words[0][0], words[-1][1])
        elif at < self.end:
            self.trouble("the file ends within a word", at, self.end, "remove it, or end it")
        return self.end

    def _stray(self, start: int, at: int, words: list[tuple[int, int]]) -> int:
        found = self.original[at]
        self.trouble(
            f"the text in quotes that starts here ends before `{found}`",
            start,
            at,
            "put a blank after the closing quote, or a backslash before a quote that is text",
        )
        return self._recover(start + 1, words)

    def _recover(self, at: int, words: list[tuple[int, int]]) -> int:
        """Go on behind the next `;`, or at a brace that ends its line. The statement is dropped;
        a block is kept with the words before the mistake, so that the braces still pair."""
        match = token.RECOVER.match(self.text, at, self.end)
        at = match.end() if match else self.end
        if at >= self.end or self.text[at] == "}":
            return at
        if self.text[at] == "{":
            start, end = (words[0][0], words[-1][1]) if words else (at, at)
            self._open(self._directive(start, end, end, True))
        return at + 1

    def _too_long(self, at: int, end: int) -> None:
        """Report words and comments that are too long for nginx between two offsets."""
        while at < end:
            gap = token.BLANKS.match(self.text, at, end)
            at = gap.end() if gap else at
            word = token.PIECE.match(self.text, at, end)
            stop = word.end() if word else at + 1
            start = at + (self.text[at : at + 1] in ("'", '"'))
            size = len(self.text[start:stop].encode("utf-8", "surrogateescape"))
            if size >= token.MAX_TOKEN:
                message = f"nginx reads at most {token.MAX_TOKEN - 1:,} bytes in one piece"
                self.trouble(message, at, stop, "split it, or shorten it")
            at = stop

    def _unclosed(self) -> None:
        if not self.stack:
            return
        directive = unclosed(self.root, self.original) or self.stack[-1]
        self.trouble(
            f"the block of `{directive.name or '{'}` is not closed",
            directive.start,
            max(directive.end, directive.start + 1),
            "add the missing `}`",
        )


def _plain(line: re.Match[str]) -> _Meaning:
    statement, stop, brace = line.groups()
    if brace:
        return (_CLOSE, "", (), line.start(3), 0)
    if statement is None:
        return (_EMPTY, "", (), 0, 0)
    words = statement.split()
    name, start = sys.intern(words[0]), line.start(1)
    return (_kind(name, stop), name, tuple(words[1:]), start, start + len(statement.rstrip()))


def _quoted(line: str) -> _Meaning:
    match = token.LINE.fullmatch(line)
    if match is None:
        return _NOT_WHOLE
    words = token.line_words(match[1])
    name = sys.intern(words[0])
    return (_kind(name, match[2]), name, tuple(words[1:]), match.start(1), match.end(1))


def _kind(name: str, stop: str) -> int:
    """What a statement on a line of its own is, by its name and what ends it."""
    if stop == ";":
        return _INCLUDE if name == "include" else _SIMPLE
    if name == "include" or is_code(name):
        return _ODD
    return _OPEN if stop == "{" else _WHOLE
