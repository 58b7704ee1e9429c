"""Markdown for comments on pull requests and for step summaries: a list, then the frames.

A comment holds 65,536 characters at most (GitHub; GitLab takes a million): frames that do not fit
are left out first, then findings, and both are counted. Text of a configuration may hold what
Markdown or the site around it obeys (HTML, links, images, @mentions, #references), so every word
that is more than letters, digits and plain punctuation is shown as code, where nothing is obeyed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lbcheck.finding import Finding
from lbcheck.regex import regex
from lbcheck.reporters import block
from lbcheck.reporters.summary import coverage, reading_troubles, totals
from lbcheck.reporters.tried import tried
from lbcheck.reporters.visible import visible
from lbcheck.reporters.where import where

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.reporters import Style

MOST_BYTES = 65_000
_FOR_FINDINGS = 40_000
_FOR_TROUBLES = 8_000
_LONGEST = 1_000
_TOKEN = regex(r"`([^`]*+)`|([^\s`]++)|(`)")
_PLAIN = regex(r"""[^\W_]*+(?:[.,;:?()'"=-]++[^\W_]*+|(?<=[^\W_])/[^\W_]++)*+""")
_TICKS = regex(r"`++")


def render(report: Report, style: Style) -> str:
    findings = [_item(finding) for finding in report.findings]
    troubles = [f"- {_prose(told)}" for told in reading_troubles(report)]
    parts = [
        f"## lbcheck: {_prose(totals(report, style.today))}",
        "\n".join(_fitting(findings, _FOR_FINDINGS, "- and {} more")),
        "\n".join(_fitting(troubles, _FOR_TROUBLES, "- and {} more that could not be read")),
        "" if style.quiet else _prose(coverage(report)),
    ]
    parts.append(_frames(report, style, MOST_BYTES - sum(map(_size, parts))))
    return "\n\n".join(part for part in parts if part) + "\n"


def _item(finding: Finding) -> str:
    rule = f"**{finding.severity.value}** {finding.code} {finding.name}"
    lines = [f"- {rule} at {_code(where(finding.location))}: {_prose(finding.message)}"]
    if finding.trial:
        lines.append(_prose(tried(finding)))
    if finding.fix:
        kind = "safe" if finding.fix.safe else "unsafe"
        told = finding.fix.description
        lines.append(f"fix ({kind}): {_prose(told) if '`' in told else _code(told)}")
    return "\\\n  ".join(lines)


def _frames(report: Report, style: Style, room: int) -> str:
    """The findings as in the text report, folded away; an indented block ends nowhere."""
    head = "<details><summary>Where it is, and what helps</summary>\n\n"
    blocks = (
        "\n".join(f"    {line}".rstrip() for line in block.lines(finding, style))
        for finding in report.findings
    )
    ending = "\n\n</details>"
    left = room - _size(head) - _size(ending)
    shown = "\n\n".join(_fitting(list(blocks), left, "    and {} more")) if left > 0 else ""
    return f"{head}{shown}{ending}" if shown else ""


def _fitting(texts: Sequence[str], room: int, more: str) -> Iterator[str]:
    """Those that fit into so many bytes, and how many do not."""
    room -= _size(more) + 10
    for at, text in enumerate(texts):
        room -= _size(text)
        if room < 0:
            yield more.format(len(texts) - at)
            return
        yield text


def _size(text: str) -> int:
    """Bytes, with the line ends that part it from the next."""
    return len(text.encode()) + 2


def _prose(text: str) -> str:
    """A text in which only what is harmless is no code."""
    made = ""
    at = 0
    text = visible(_cut(text))
    for token in _TOKEN.finditer(text):
        made += text[at : token.start()]
        at = token.end()
        quoted, word, tick = token.groups()
        if word and not _harmless(word):
            body = word.rstrip(",.;:")
            shown = _code(body) + word[len(body) :]
        else:
            shown = word or _code(quoted or tick or "")
        made += f" {shown}" if made.endswith("`") and shown.startswith("`") else shown
    return made


def _harmless(word: str) -> bool:
    return "www." not in word.lower() and _PLAIN.fullmatch(word) is not None


def _code(text: str) -> str:
    """A code span: its fence is longer than any within."""
    text = visible(_cut(text))
    fence = "`" * (1 + max(map(len, _TICKS.findall(text)), default=0))
    pad = " " if not text.strip() or "`" in (text[0], text[-1]) else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
