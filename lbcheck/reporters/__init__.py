"""Show a report: Report -> str. Reporters decide nothing; every format tells the same findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from lbcheck.audit import Report

FORMATS = ("text", "concise", "json", "sarif", "github")


class Style(Struct, frozen=True):
    """How a report is shown, as far as the report itself does not say.

    `runner`: the reader is a CI runner that obeys commands in what it is sent (GitHub Actions,
    Azure Pipelines); `today`: ISO date, "" where no date may be shown.
    """

    colour: bool = False
    width: int = 80
    runner: bool = False
    show_suppressed: bool = False
    quiet: bool = False
    today: str = ""


def render(form: str, report: Report, style: Style) -> str:
    """The report in one of FORMATS, with a line end at its end unless it is empty.

    Raises: ValueError for an unknown format.
    """
    match form:
        case "text":
            from lbcheck.reporters import text as reporter
        case "concise":
            from lbcheck.reporters import concise as reporter  # type: ignore[no-redef]
        case "json":
            from lbcheck.reporters import json as reporter  # type: ignore[no-redef]
        case "sarif":
            from lbcheck.reporters import sarif as reporter  # type: ignore[no-redef]
        case "github":
            from lbcheck.reporters import github as reporter  # type: ignore[no-redef]
        case _:
            raise ValueError(form)
    return reporter.render(report, style)
