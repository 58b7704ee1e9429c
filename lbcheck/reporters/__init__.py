"""Show a report: Report -> str. Reporters decide nothing; every format tells the same findings."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from lbcheck.audit import Report

FORMATS = (
    "text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown", "csv", "html"
)  # fmt: skip
"""each is a module here, which is imported when it is asked for"""


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
    if form not in FORMATS:
        raise ValueError(form)
    shown: str = import_module(f"lbcheck.reporters.{form}").render(report, style)
    return shown
