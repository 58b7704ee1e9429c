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
_JSON = ("json", "sarif", "gitlab")


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
    return harmless(form, shown) if style.runner else shown


def harmless(form: str, shown: str) -> str:
    """What is shown, without commands to a CI runner but those that are the format itself."""
    from lbcheck.reporters.visible import without_commands, without_commands_in_json

    if form == "github":
        return shown
    return without_commands_in_json(shown) if form in _JSON else without_commands(shown)
