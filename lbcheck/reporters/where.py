"""Name places: a line of a file, or a resource of an account."""

from __future__ import annotations

from lbcheck.finding import Location
from lbcheck.model import Source, Trouble
from lbcheck.secret import told


def has_text(location: Location) -> bool:
    """Is there a line to show? Not in a live account, and not in a file that was not read."""
    return location.source.text is not None and location.line is not None


def where(location: Location) -> str:
    """`edge/chat.conf:14:7`, or `aws:eu-west-1 arn:aws:...` where there is no text."""
    if has_text(location):
        return f"{location.path}:{location.line}:{location.column}"
    return f"{location.path} {location.resource}" if location.resource else location.path


def trouble(source: Source, what: Trouble) -> str:
    """What could not be read: line, reason and remedy."""
    line = f"line {source.position(what.start)[0]}: " if what.end > 0 and source.text else ""
    message = told(what.message)
    return f"{line}{message}; {what.remedy}" if what.remedy else f"{line}{message}"


def unasked(source: Source) -> list[str]:
    """What else of a source was not asked, or not judged, though all that was to be read was."""
    told = [f"not asked: {what}" for what in source.not_asked]
    told += [f"not judged: {number} {kind}" for kind, number in source.passed_over.items()]
    return told + [f"assumed: {what}" for what in source.assumed]
