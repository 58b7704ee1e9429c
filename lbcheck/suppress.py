"""Inline suppressions: `# lbcheck: ignore[LB301] until=2027-01-31 reason="..."`.

Where one stands says how far it reaches: on a statement's line that line; alone on its line the
next statement's line (several may be stacked); on a block's opening line the whole block.

A suppression is a promise with a reason and an end, so mistakes are findings of their own:

    LB903  it silences nothing (any more)
    LB904  its date has passed, or is no date: the finding comes back
    LB905  no reason is given, or something after `ignore[...]` is not understood
    LB906  it names no rule, a rule that does not exist, or is not `ignore[...]` at all

One that names a rule and has no reason still silences: its LB905 says what is missing.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from msgspec import Struct

from lbcheck.finding import Finding
from lbcheck.model import Source, Span, Status
from lbcheck.regex import regex
from lbcheck.rule_names import code_of, unknown

_START = regex(r"#[ \t]*+lbcheck:[ \t]*+")
_VERB = regex(r"[A-Za-z][A-Za-z-]*+")
_CODES = regex(r"[ \t]*+\[([^\[\]]*+)\]")
_BLANK = regex(r"[\s,;]++")
_OPTION = regex(r"""([A-Za-z]++)[ \t]*+=[ \t]*+(?:"([^"]*+)"|'([^']*+)'|([^\s"',;]++))""")
_FORM = '`ignore[LB301] until=2027-01-31 reason="..."`'


class Mistake(Struct, frozen=True):
    """A suppression that is wrong, expired or of no use: `code` is LB903 to LB906."""

    code: str
    place: Span
    message: str


class Suppression(Struct, frozen=True, eq=False):
    """What one comment silences: rules `codes` on lines `first` to `last`.

    `line` is the comment's own line; `until` the last day on which it counts (ISO date).
    """

    place: Span
    line: int
    codes: tuple[str, ...]
    first: int
    last: int
    reason: str = ""
    until: str | None = None

    def expired(self, today: str) -> bool:
        """Has its last day passed on this ISO date? "" is a day on which nothing expires."""
        return self.until is not None and self.until < today


class Suppressed(Struct, frozen=True):
    """A finding that is not reported, and the comment that silences it."""

    finding: Finding
    suppression: Suppression

    @property
    def reason(self) -> str:
        return self.suppression.reason

    @property
    def until(self) -> str | None:
        return self.suppression.until


def parse(
    source: Source,
    comments: Iterable[tuple[int, int]],
    block_end: Callable[[int], int | None] = lambda line: None,
) -> tuple[list[Suppression], list[Mistake]]:
    """The suppressions of a source in the order of its text, and what is wrong with them.

    Args:
        comments: offsets of each comment, from its `#` to the end of its line.
        block_end: the closing line of the block that opens on a line, None where none does.
    """
    text = source.text or ""
    found: list[Suppression] = []
    mistakes: list[Mistake] = []
    reach = _Reach(source, block_end)
    for start, end in sorted(comments, reverse=True):  # backwards: see _Reach
        match = _START.search(text, start, end)
        if match is None:
            continue
        read = _Comment(Span(source, match.start(), start + len(text[start:end].rstrip())))
        codes = read.codes(match.end())
        if codes:
            line, first, last = reach.of(start)
            found.append(Suppression(read.place, line, codes, first, last, read.reason, read.until))
        mistakes += reversed(read.mistakes)
    return found[::-1], mistakes[::-1]


class _Comment:
    """One comment, read from left to right."""

    def __init__(self, place: Span) -> None:
        self.place = place
        self.mistakes: list[Mistake] = []
        self.reason = ""
        self.until: str | None = None
        self._text = place.source.text or ""

    def codes(self, at: int) -> tuple[str, ...]:
        """The rules that are silenced from offset `at` on; none where the comment is not valid."""
        verb = _VERB.match(self._text, at, self.place.end)
        if verb is None or verb[0] != "ignore":
            said = f"`{verb[0][:40]}`" if verb else "this"
            self._say("LB906", f"{said} after `lbcheck:` is not understood: write {_FORM}")
            return ()
        listed = _CODES.match(self._text, verb.end(), self.place.end)
        names = [name for name in _BLANK.split(listed[1]) if name] if listed else []
        if listed is None or not names:
            self._say("LB906", f"`ignore` names no rule, and there is no ignore for all: {_FORM}")
            return ()
        dated = self._options(listed.end())
        codes = tuple(dict.fromkeys(code for name in names for code in self._code(name)))
        if codes and not self.reason and not any(m.code == "LB905" for m in self.mistakes):
            self._say("LB905", f'`ignore[{", ".join(codes)}]` gives no reason: add reason="..."')
        return codes if dated else ()

    def _code(self, name: str) -> Iterator[str]:
        code = code_of(name)
        if code is None:
            self._say("LB906", unknown(name[:40]))
        else:
            yield code

    def _options(self, at: int) -> bool:
        """Read `until=` and `reason=`. False where the date is none: then nothing is in force."""
        dated, end = True, self.place.end
        at = self._skip(at)
        while at < end:
            option = _OPTION.match(self._text, at, end)
            if option is None:
                self._leftover(self._text[at:end])
                break
            dated = self._option(option) and dated
            at = self._skip(option.end())
        return dated

    def _skip(self, at: int) -> int:
        blank = _BLANK.match(self._text, at, self.place.end)
        return blank.end() if blank else at

    def _option(self, option: re.Match[str]) -> bool:
        name, value = option[1], (option[2] or option[3] or option[4] or "").strip()
        if name == "reason":
            self.reason = value
        elif name != "until":
            self._say("LB905", f"`{name[:40]}=` is not understood: write {_FORM}")
        elif not _is_date(value):
            self._say("LB904", f"`until={value[:40]}` is not a date: write until=2027-01-31")
            return False
        else:
            self.until = value
        return True

    def _leftover(self, text: str) -> None:
        hint = "close the quote" if text.count('"') == 1 else f"write {_FORM}"
        self._say("LB905", f"`{text.split()[0][:40]}` is not understood: {hint}")

    def _say(self, code: str, message: str) -> None:
        self.mistakes.append(Mistake(code, self.place, message))


def _is_date(text: str) -> bool:
    from datetime import date  # only a suppression that ends pays for it

    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


class _Reach:
    """Which lines a comment is about.

    Ask from the last comment to the first: what a stack of comment lines leads to is then
    looked up once, however high the stack.
    """

    def __init__(self, source: Source, block_end: Callable[[int], int | None]) -> None:
        self._source = source
        self._block_end = block_end
        self._next: dict[int, int] = {}

    def of(self, start: int) -> tuple[int, int, int]:
        """The comment's own line, and the first and the last line it reaches."""
        line, column = self._source.position(start)
        if self._source.line(line)[: column - 1].strip():
            return line, line, max(line, self._block_end(line) or line)
        target = self._next[line] = self._statement_after(line)
        return line, target, target

    def _statement_after(self, line: int) -> int:
        for number in range(line + 1, len(self._source.starts) + 1):
            if number in self._next:
                return self._next[number]
            text = self._source.line(number).strip()
            if text and not text.startswith("#"):
                return number
        return line


def apply(
    findings: Iterable[Finding],
    suppressions: Iterable[Suppression],
    today: str,
    off: Collection[str] = (),
) -> tuple[list[Finding], list[Suppressed], list[Mistake]]:
    """Part the findings: kept, suppressed, and what to say about the suppressions themselves.

    Args:
        today: an ISO date; a suppression's last day still counts. "" never expires.
        off: codes of rules that did not run, so that nobody can say whether they are silenced.

    Where several suppressions reach a finding, the last one in the text (the innermost) is shown
    with it and all of them count as used.
    """
    everything = list(findings)
    places = _Places(everything)
    silent: dict[int, Suppression] = {}
    mistakes: list[Mistake] = []
    for suppression in suppressions:
        hits = {code: places.hits(suppression, code) for code in suppression.codes}
        if suppression.expired(today):
            mistakes.append(_expired(suppression, [code for code in hits if hits[code]]))
            continue
        silent |= {index: suppression for found in hits.values() for index in found}
        unused = [code for code in hits if not hits[code] and code not in off]
        # In a source that was not read whole, what it silences may not have been seen.
        if unused and suppression.place.source.status is Status.READ:
            text = f"silences nothing: {_listed(unused)} reports nothing here; remove it"
            mistakes.append(Mistake("LB903", suppression.place, text))
    kept = [finding for index, finding in enumerate(everything) if index not in silent]
    suppressed = [Suppressed(everything[index], silent[index]) for index in sorted(silent)]
    return kept, suppressed, mistakes


class _Places:
    """Findings by source, rule and line, so that a large file stays fast."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        found: dict[tuple[int, str], list[tuple[int, int]]] = {}
        for index, finding in enumerate(findings):
            if finding.location.line is not None:
                key = (id(finding.location.source), finding.code)
                found.setdefault(key, []).append((finding.location.line, index))
        self._found = {key: sorted(lines) for key, lines in found.items()}

    def hits(self, suppression: Suppression, code: str) -> list[int]:
        """The indices of the findings of one rule that a suppression reaches."""
        lines = self._found.get((id(suppression.place.source), code), [])
        low = bisect_left(lines, (suppression.first, 0))
        high = bisect_right(lines, (suppression.last + 1, -1))
        return [index for _, index in lines[low:high]]


def _expired(suppression: Suppression, reported: Collection[str]) -> Mistake:
    what = (
        f": {_listed(reported)} is reported again; mend it or give a new date"
        if reported
        else " and would silence nothing: remove it"
    )
    return Mistake("LB904", suppression.place, f"ended on {suppression.until}{what}")


def _listed(codes: Collection[str]) -> str:
    return ", ".join(f"`{code}`" for code in codes)
