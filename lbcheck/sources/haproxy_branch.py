"""Follow `.if` and template branches: which lines are surely there, surely not, or perhaps.

Only what is decidable is decided (HAProxy's management of conditional blocks, configuration
manual 2.4): 0 and 1, defined() and string comparisons over known variables, and
version_atleast/version_before where the version is declared. A template's own `{% if %}`,
`<% if %>` or `{{ range }}` is never decided.
"""

from __future__ import annotations

import re

from lbcheck.regex import regex

_CALL = regex(r"(!?)\s*+([a-z_]++)\(([^()]*+)\)\s*+")
_CONTROL = regex(r"(?:\{%|<%|\{\{)[-+~=]?\s*+/?#?\s*+([A-Za-z_]++)")
_BLOCK = regex(r"(?:\bdo\b|\{)\s*+(?:\|[^|]*+\|)?+\s*+-?%>")
"""how a loop of ERB begins: `nodes.each do |node| -%>`"""
_OPENING = frozenset(
    ["if", "unless", "for", "range", "with", "each", "block", "macro", "define", "filter", "case"]
)
_TURNING = frozenset(["else", "elif", "elsif", "elseif", "when"])


class Branches:
    """The stack of open branches. Each level: is the current branch taken, was one surely taken."""

    __slots__ = ("_ifs", "_templated", "levels", "skipping", "undecided", "variables", "version")

    def __init__(self, variables: dict[str, str], version: tuple[int, ...] | None) -> None:
        self.variables = variables
        self.version = version
        self.levels: list[list[bool | None]] = []
        self._ifs: list[tuple[int, int]] = []
        self._templated = False
        self.undecided = 0
        """how many of the open branches cannot be decided"""
        self.skipping = 0
        """how many are surely not taken"""

    @property
    def opened(self) -> tuple[int, int] | None:
        """The last `.if` that is still open; None too where a template may have the `.endif`."""
        return self._ifs[-1] if self._ifs and not self._templated else None

    def directive(self, words: tuple[str, ...], place: tuple[int, int]) -> str | None:
        """Follow `.if`, `.elif`, `.else`, `.endif`; the fault where there is no `.if` to follow."""
        keyword = words[0]
        if keyword == ".if":
            self._ifs.append(place)
            self._open(self._judge(words[1:]))
        elif keyword in (".elif", ".else", ".endif"):
            if not self.levels:
                return f"`{keyword}` without `.if`"
            if keyword == ".endif":
                del self._ifs[-1:]
                self._close()
            else:
                self._turn(True if keyword == ".else" else self._judge(words[1:]))
        return None

    def template(self, word: str) -> bool:
        """Follow a template's control statement; False: it is none and may stand for any line."""
        self._templated = True
        match = _CONTROL.match(word)
        name = match[1].lower() if match else ""
        if name in _OPENING or (word.startswith("<%") and _BLOCK.search(word)):
            self._open(None)
        elif name.startswith("end") or word.startswith(("{{/", "<% }")):
            if self.levels:
                self._close()
        elif name not in _TURNING and name not in ("set", "comment", "import", "extends"):
            return word.startswith(("{#", "{{!", "<%#", "<% "))  # of `<%` only `<%=` writes
        return True

    def _open(self, taken: bool | None) -> None:
        self.levels.append([taken, taken])
        self._count(taken, 1)

    def _close(self) -> None:
        self._count(self.levels.pop()[0], -1)

    def _count(self, taken: bool | None, change: int) -> None:
        self.undecided += change * (taken is None)
        self.skipping += change * (taken is False)

    def _turn(self, verdict: bool | None) -> None:
        """On to the next branch: `before` says whether an earlier one was surely taken."""
        now, before = self.levels[-1]
        self._count(now, -1)
        if before is True:
            now = False
        elif before is None:
            now = None if verdict is not False else False
        else:
            now = before = verdict
        self.levels[-1] = [now, before]
        self._count(now, 1)

    def _judge(self, words: tuple[str, ...]) -> bool | None:
        text = " ".join(words).strip()
        if text.lstrip("!").isdigit():
            return (int(text.lstrip("!")[:9]) != 0) != (text.count("!") % 2 == 1)
        match = _CALL.fullmatch(text)
        if match is None:
            return None
        arguments = [argument.strip() for argument in match[3].split(",")]
        verdict = self._call(match[2], arguments)
        return verdict if verdict is None else verdict != bool(match[1])

    def _call(self, name: str, arguments: list[str]) -> bool | None:
        if name == "defined":
            return True if arguments[0] in self.variables else None
        if name in ("version_atleast", "version_before"):
            return self._compare_version(arguments[0], name == "version_before")
        if name in ("streq", "strneq") and len(arguments) == 2:
            if any("$" in argument or "{" in argument for argument in arguments):
                return None
            return (arguments[0] == arguments[1]) == (name == "streq")
        return None

    def _compare_version(self, text: str, before: bool) -> bool | None:
        numbers = re.match(r"\d{1,5}(?:\.\d{1,5}){0,3}", text)
        if numbers is None or self.version is None:
            return None
        wanted = tuple(int(number) for number in numbers[0].split("."))
        # A declared "2.8" says nothing about 2.8.5.
        if len(wanted) > len(self.version) and wanted[: len(self.version)] == self.version:
            return None
        return (self.version[: len(wanted)] >= wanted) != before
