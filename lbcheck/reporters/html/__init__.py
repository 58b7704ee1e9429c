"""The report as one HTML page: no script, nothing loaded, readable on a phone and on paper.

All text comes from configurations and is hostile: every value that the template prints is made
visible and then escaped, so that no call in it can forget either. The only markup made here is
`<code>` for what messages have between backticks.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from msgspec import Struct

from lbcheck import __version__
from lbcheck.finding import Finding, Location, Severity
from lbcheck.model import Source, Status
from lbcheck.reporters.frame import source_lines
from lbcheck.reporters.html import chain, history
from lbcheck.reporters.html.health import Health, health
from lbcheck.reporters.html.history import History, Run, Trend, trend
from lbcheck.reporters.summary import count, coverage, days, totals, troubles
from lbcheck.reporters.tried import tried
from lbcheck.reporters.visible import visible
from lbcheck.reporters.where import has_text, unasked, where
from lbcheck.rules import BY_CODE

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.reporters import Style

_FRAME_WIDTH = 96
_MOST_UNKNOWN = 100
_TILES = (
    ("errors", "error"),
    ("warnings", "warning"),
    ("infos", "info"),
    ("suppressed", "plain"),
    ("unread", "error"),
)


class Tile(Struct, frozen=True):
    """A number with its name, and the line of what it was in earlier runs."""

    number: int
    word: str
    tone: str
    trend: Trend | None = None


def render(report: Report, style: Style, past: History | None = None) -> str:
    """The page. `past`: what earlier runs add, where there were any."""
    css = _read("style.css")
    page: str = (
        _environment()
        .get_template("page.jinja")
        .render(
            css=Markup(css),
            css_hash=b64encode(sha256(css.encode()).digest()).decode(),
            version=__version__,
            report=report,
            today=style.today,
            verdict=_verdict(report),
            totals=totals(report, style.today),
            tiles=_tiles(report, past),
            past=past,
            chains=chain.chains(report.topology, report.profile, report.findings),
            health=health(report.topology.pools) if report.topology else Health(),
            rules=[BY_CODE[code] for code in sorted({f.code for f in report.findings})],
            suppressed=sorted(report.suppressed, key=lambda item: item.until or "9999"),
            expiring={item.suppression for item in report.expiring},
            coverage=coverage(report),
            unread=list(_unread(report)),
            most_unknown=_MOST_UNKNOWN,
        )
    )
    return page


def _read(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        return file.read()


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(os.path.dirname(__file__)),
        autoescape=True,
        finalize=_harmless,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters |= {
        "code": _coded,
        "count": count,
        "frame": _frame,
        "tried": tried,
        "where": where,
    }
    made.globals |= {"chain": chain, "days": days, "history": history}
    return made


def _harmless(value: Any) -> Any:
    """What is printed for a value: text without control characters, escaped after this."""
    return visible(value) if type(value) is str else value


def _coded(text: str) -> Markup:
    """Text in which what stands between backticks is code."""
    *pairs, last = visible(text).split("`")
    if len(pairs) % 2:
        return escape(visible(text))
    made = Markup()
    for at, part in enumerate(pairs):
        made += Markup("<code>{}</code>").format(part) if at % 2 else escape(part)
    return made + escape(last)


def _frame(location: Location) -> list[tuple[str, str]]:
    """Line numbers and lines, carets under the last; nothing where there is no text."""
    if not has_text(location) or not location.source.text:
        return []
    lines, carets = source_lines(location, _FRAME_WIDTH)
    return [*((str(number), line) for number, line in lines), ("", carets)]


def _verdict(report: Report) -> tuple[str, str]:
    """Its tone, and what the exit code says in words."""
    if report.exit_code == 4:
        return "error", "A rule of lbcheck failed; the others have reported"
    if report.exit_code == 1:
        part = "" if report.complete else ", and not everything could be read"
        return "error", f"What was found fails this run{part}"
    if report.nothing:
        return "warning", "There was nothing to audit"
    if report.exit_code == 3:
        return "warning", "Incomplete: not everything could be read, so nobody may call it clean"
    if report.findings:
        return "warning", "Nothing that fails this run; some things to look at"
    return "good", "Nothing was found, and everything was read"


def _tiles(report: Report, past: History | None) -> list[Tile]:
    runs = past.runs if past else ()
    now = _run(report)
    return [
        Tile(
            getattr(now, word),
            word,
            tone if getattr(now, word) else "plain",
            trend([getattr(run, word) for run in runs], word),
        )
        for word, tone in _TILES
    ]


def _run(report: Report) -> Run:
    return Run(
        time="",
        errors=_number(report.findings, Severity.ERROR),
        warnings=_number(report.findings, Severity.WARNING),
        infos=_number(report.findings, Severity.INFO),
        suppressed=len(report.suppressed),
        unread=sum(source.status is not Status.READ for source in report.sources),
    )


def _number(findings: Iterable[Finding], severity: Severity) -> int:
    return sum(finding.severity is severity for finding in findings)


def _unread(report: Report) -> Iterator[tuple[Source, list[str]]]:
    """Sources that were not read to their end, or of which something was not asked, and why."""
    for source in report.sources:
        if told := [*troubles(source), *unasked(source)]:
            yield source, told
