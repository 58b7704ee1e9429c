"""Make template placeholders in nginx files harmless: `{{ }}`, `{% %}`, `{# #}`, `<% %>`.

A placeholder is not nginx syntax, though it is made of braces and quotes. Before a file is
read each one is replaced by as many harmless characters, so that every offset stays true:
blanks where a whole statement stands (`{% if x %}`, a line that is only `{{ extra }}`), word
characters elsewhere (`listen {{ port }};`). `${X}` needs nothing: nginx itself takes it for text.
"""

from __future__ import annotations

from lbcheck.regex import regex

_OPENER = regex(r"\{\{|\{%|\{#|<%")
_CLOSERS = {"{{": "}}", "{%": "%}", "{#": "#}", "<%": "%>"}
_CONTROL = regex(r"[-~ \t]*+(?:[#/!^>&]|(?:if|else|end|range|with|block|define|template)\b)")
_REST = regex(r"[ \t\r]*+(?=\n|\Z|\{[{%#]|<%)")
_NOT_NEWLINE = regex(r"[^\n]")


def has_placeholder(text: str) -> bool:
    """Is any part of the text filled in by a template engine? (`${X}` does not count.)"""
    # one sign is found ten times as fast as two, and `%` is rare in a configuration
    return "{{" in text or ("%" in text and ("{%" in text or "<%" in text))


def masked(text: str, statements: bool = True) -> str:
    """The text with its placeholders made harmless, exactly as long as before.

    Args: statements: placeholders that stand where a statement would become blanks; without
    it every placeholder is part of a word, which is right inside of one statement.
    """
    if not has_placeholder(text):
        return text
    parts: list[str] = []
    done, before = 0, ""
    for start, end in placeholders(text):
        parts.append(text[done:start])
        before = _line_so_far(before, text[done:start])
        if statements and _is_statement(text, start, end, before):
            parts.append(_NOT_NEWLINE.sub(" ", text[start:end]))
        else:
            parts.append("x" * (end - start))
            before = "x"
        done = end
    parts.append(text[done:])
    return "".join(parts)


def _line_so_far(before: str, between: str) -> str:
    """The last sign on the current line before a placeholder, "" where there is none."""
    line = between.rpartition("\n")
    last = line[2].rstrip(" \t\r")[-1:]
    return last if line[1] else last or before


def _is_statement(text: str, start: int, end: int, before: str) -> bool:
    if before not in ("", ";", "{", "}"):
        return False
    value = text.startswith("{{", start) or text.startswith("<%=", start)
    if not value or _CONTROL.match(text, start + 2, end):
        return True
    return _REST.match(text, end) is not None


def placeholders(text: str) -> list[tuple[int, int]]:
    """Start and end of each placeholder. `{{ }}` must end on its line; others must not hold
    another opener of their kind. One pass, whatever the text holds."""
    found = []
    ahead = _Ahead(text)
    match = _OPENER.search(text)
    while match:
        at = match.start()
        end = ahead.end_of(match[0], at)
        if end > 0:
            found.append((at, end))
        match = _OPENER.search(text, end if end > 0 else at + 1)
    return found


class _Ahead:
    """The next place of a few fixed strings, each looked for once: positions only grow."""

    __slots__ = ("_next", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}

    def find(self, what: str, at: int) -> int:
        known = self._next.get(what, -1)
        if known < at:
            known = self._text.find(what, at)
            self._next[what] = known = known if known >= 0 else len(self._text)
        return known

    def end_of(self, opener: str, at: int) -> int:
        """Where the placeholder that opens here ends; -1 if it is none."""
        closer = _CLOSERS[opener]
        end = self.find(closer, at + 2)
        limit = self.find("\n" if opener == "{{" else opener, at + 2)
        if end >= len(self._text) or limit < end:
            return -1
        end += len(closer)
        if opener == "{{" and self._text.startswith("}", end) and self._text[at + 2] == "{":
            return end + 1
        return end


def undecided(text: str) -> list[tuple[int, int]]:
    """The stretches that a template engine may drop, repeat or fill in, outermost only, in order.

    `{% if x %}` up to its `{% endif %}`, loops, sections, and single placeholders that stand for
    whole statements. A directive inside of one may not be there; a block around one may hold
    more than is written. An opening without its end reaches to the end of the text.
    """
    found: list[tuple[int, int]] = []
    if not has_placeholder(text):
        return found
    lexed = masked(text)
    depth, begun = 0, 0
    for start, end in placeholders(text):
        kind = _NEUTRAL if text.startswith("{#", start) else _kind(text[start:end])
        if kind > 0 and not depth:
            begun = start
        if depth and kind < 0:
            depth -= 1
            if not depth:
                found.append((begun, end))
        elif kind > 0:
            depth += 1
        elif not depth and lexed[start:end].isspace() and not text.startswith("{#", start):
            found.append((start, end))
    return [*found, (begun, len(text))] if depth else found


_NEUTRAL = 0
_OPENS = regex(
    r"(?:\{\{|\{%|<%)[-+~= \t\r\n]*+(?:[#^]|(?:if|unless|for|foreach|range|with|case|while)\b)"
)
_ENDS = regex(
    r"(?:\{\{|\{%|<%)[-+~ \t\r\n]*+(?:/|\}|end(?:if|for|unless|case|with|while|range)?\b)"
)
_DO = regex(r"do(?:[ \t]*+\|[^|\n]*+\|)?[- \t\r\n]*+%>")


def _kind(placeholder: str) -> int:
    """1: it opens a stretch, -1: it ends one, 0: neither."""
    if _ENDS.match(placeholder):
        return -1
    ruby = placeholder.startswith("<%") and not placeholder.startswith("<%#")
    if ruby and _DO.match(placeholder, max(placeholder.rfind("do "), placeholder.rfind("do-"))):
        return 1
    comment = placeholder.startswith("<%#")
    return 1 if not comment and _OPENS.match(placeholder) else _NEUTRAL
