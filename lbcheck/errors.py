"""What can go wrong, as a person reads it.

LbcheckError             anything lbcheck says no to
├── UsageError           the command line, a configuration file, a profile (exit code 2)
│   └── DocumentError    a mistake at a known place of a YAML or TOML file
│       └── DocumentErrors   all the mistakes of one such file
├── StateError             the history of scheduled runs cannot be kept or read (exit code 2)
├── SourceError          something to be audited that cannot be read at all (exit code 3)
└── LaboratoryError      a real proxy that cannot be run for an experiment
"""

from __future__ import annotations

from collections.abc import Sequence


class LbcheckError(Exception):
    """Root of every error lbcheck raises on purpose. `str(error)` is the one line to print."""


class UsageError(LbcheckError):
    """The user asked for something impossible."""


class DocumentError(UsageError):
    """A mistake in a profile or configuration file.

    Args: path (as shown), line and column (1-based), message (says what to do).
    """

    def __init__(self, path: str, line: int, column: int, message: str) -> None:
        super().__init__(f"{path}:{line}:{column}: {message}")
        self.path, self.line, self.column, self.message = path, line, column, message


class DocumentErrors(DocumentError):  # noqa: N818 (there are several)
    """Every mistake of one file. Its own place is the first one's; `str` has a line for each."""

    def __init__(self, mistakes: Sequence[DocumentError]) -> None:
        first = mistakes[0]
        super().__init__(first.path, first.line, first.column, first.message)
        self.args = ("\n".join(str(mistake) for mistake in mistakes),)
        self.mistakes = tuple(mistakes)


class SourceError(LbcheckError):
    """A file, folder or account that cannot be read at all."""


class StateError(LbcheckError):
    """The history of scheduled runs cannot be used. What is there stays as it is."""


class LaboratoryError(LbcheckError):
    """A real proxy that cannot be run for an experiment."""
