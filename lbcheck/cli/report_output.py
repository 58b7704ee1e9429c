"""Standard output as a channel: changes in words or as JSON, failures on standard error."""

from __future__ import annotations

import os
import sys

from lbcheck.cli.output import complain, safe
from lbcheck.history.digest import Digest
from lbcheck.history.outbox import NotSentError

_FOUND = 1


class Output:
    """Tells people what this run found, and what runs before it did not come to tell."""

    name = "output"

    def __init__(self, form: str) -> None:
        self._form = form
        self._codes: list[int] = []

    def send(self, digest: Digest, *, again: bool) -> None:
        self._codes.append(digest.exit_code)
        if digest.error:
            complain(digest.error)
        else:
            _write(safe(self._text(digest, again=again), self._form))

    def exit_code(self, digest: Digest) -> int:
        """The run's own; where it told what an earlier one found, that one's findings count."""
        return _FOUND if _FOUND in self._codes and digest.exit_code in (0, 3) else digest.exit_code

    def _text(self, digest: Digest, *, again: bool) -> str:
        if self._form == "json":
            return f"{digest.encoded().decode()}\n"
        from lbcheck.history import text

        return text.shown(digest, again=again)


def _write(text: str) -> None:
    """All of it or an error: what nobody has read is told again.

    Raises: NotSentError.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        raise NotSentError(
            f"standard output cannot be written: {os.strerror(error.errno or 0)}"
        ) from None
