"""What the rewrite phase does with a handshake: `set`, `if`, `return`, `rewrite`.

Statements run in order; an `if` that cannot be decided makes what it sets unknown, and what it
would answer is not claimed.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from lbcheck.sources import nginx_pattern
from lbcheck.sources.nginx_map import Maps, Variables, names
from lbcheck.sources.nginx_syntax import Directive

_ALWAYS = frozenset(
    {"^", "^(.*)$", "^(.*)", "(.*)", ".*", "^.*$", "^.*", "^/(.*)$", "^/(.*)", "^/"}
)
_FLAGS = frozenset({"last", "break", "redirect", "permanent"})
_CONNECTIONS = ("Upgrade", "upgrade", "keep-alive, Upgrade")
"""What browsers, proxies and Firefox send; `=` and `~` compare with regard to case."""
_ELSEWHERE = ("http://", "https://", "$scheme")


class Outcome(Struct, frozen=True, gc=False):
    """What ends the phase: `status` 0 for a rewrite to `target` inside, else an answer.

    `condition` is the `if` that led here.
    """

    statement: Directive
    status: int
    target: str
    condition: Directive | None = None


class Run:
    """One pass over rewrite statements. Afterwards `variables` are what `set` left, `outcome`
    what ended it, `inside` the last `if` that holds, `asked` one that tests for an upgrade."""

    __slots__ = ("asked", "doubtful", "inside", "maps", "outcome", "path", "variables")

    def __init__(self, maps: Maps, variables: Variables, path: str | None) -> None:
        self.maps = maps
        self.variables = dict(variables)
        self.path = path
        self.outcome: Outcome | None = None
        self.inside: Directive | None = None
        self.asked: Directive | None = None
        self.doubtful = False

    def through(self, steps: Sequence[Directive]) -> Run:
        """Run the statements; stops at the first that ends the phase."""
        for step in steps:
            if self._step(step, None):
                break
        return self

    def _step(self, step: Directive, condition: Directive | None) -> bool:
        match step.name:
            case "set" if len(step.args) == 2:
                name = step.args[0].lstrip("$").strip("{}").lower()
                self.variables[name] = self.maps.value(step.args[1], self.variables)
            case "if" if step.block is not None:
                return self._if(step)
            case "return" if step.args:
                self.outcome = answer(step, condition)
            case "rewrite" if len(step.args) >= 2:
                self._rewrite(step, condition)
            case "break":
                return True
        return self.outcome is not None

    def _if(self, step: Directive) -> bool:
        if any(about_upgrade(self.maps, name) for arg in step.args for name in names(arg)):
            self.asked = step
        holds = self.holds(step.args)
        if holds is None:
            self._blur(step)
        if not holds:
            return False
        self.inside = step
        inner = (inner for inner in step.block or () if inner.name != "if")  # nginx refuses that
        return any(self._step(each, step) for each in inner)

    def _blur(self, step: Directive) -> None:
        for inner in step.block or ():
            if inner.name == "set" and inner.args:
                self.variables[inner.args[0].lstrip("$").strip("{}").lower()] = None
            elif inner.name in ("return", "rewrite", "break", "proxy_pass"):
                self.doubtful = True

    def _rewrite(self, step: Directive, condition: Directive | None) -> None:
        pattern, replacement = step.args[0], step.args[1]
        flag = step.args[2] if len(step.args) > 2 else ""
        hit = pattern in _ALWAYS or (
            nginx_pattern.matches(pattern, self.path) if self.path is not None else None
        )
        if hit is None:
            self.doubtful = True
        elif hit and (flag in ("redirect", "permanent") or replacement.startswith(_ELSEWHERE)):
            status = 301 if flag == "permanent" else 302
            self.outcome = Outcome(step, status, replacement, condition)
        elif hit and flag in ("last", ""):
            self.outcome = Outcome(step, 0, replacement, condition)

    def holds(self, args: Sequence[str]) -> bool | None:
        """Does the condition of an `if` hold for a handshake? None where that is not known."""
        if not args:
            return None
        words = [*args]
        words[0] = words[0].removeprefix("(")
        words[-1] = words[-1].removesuffix(")")
        words = [word for at, word in enumerate(words) if word or 0 < at < len(words) - 1]
        if not words or not words[0].startswith("$"):
            return None
        if words[0].lower() in ("$http_connection", "${http_connection}") and len(words) > 1:
            verdicts = {self._compare(value, *words[1:3]) for value in _CONNECTIONS}
            return verdicts.pop() if len(verdicts) == 1 else None
        value = self.maps.value(words[0], self.variables)
        if value is None:
            return None
        if len(words) == 1:
            return value not in ("", "0")
        return self._compare(value, *words[1:3])

    def _compare(self, value: str, operator: str, other: str = "") -> bool | None:
        negated = operator.startswith("!")
        if operator in ("=", "!="):
            wanted = self.maps.value(other, self.variables)
            hit = None if wanted is None else value == wanted
        elif operator.lstrip("!") in ("~", "~*"):
            hit = nginx_pattern.matches(other, value, operator.endswith("*"))
        else:
            hit = None
        return None if hit is None else hit is not negated


def about_upgrade(maps: Maps, name: str) -> bool:
    """Does a variable tell a handshake from another request?"""
    seen = 0
    while (block := maps.block(name)) is not None and seen < 8:
        inner = names(block.args[0])
        if not inner:
            return False
        name, seen = inner[0], seen + 1
    return name == "http_upgrade" or name.startswith("http_sec_websocket_")


def answer(step: Directive, condition: Directive | None) -> Outcome | None:
    """The answer of a `return`; a lone address is a 302. None where the status is not known."""
    code, *rest = step.args
    if code.isascii() and code.isdigit():
        return Outcome(step, int(code), rest[0] if rest else "", condition)
    if code.startswith(_ELSEWHERE):
        return Outcome(step, 302, code, condition)
    return None
