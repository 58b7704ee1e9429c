"""The operator's command that drains a target, run while WebSockets are held."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import threading
from typing import IO

from lbcheck.errors import UsageError
from lbcheck.probe.rehearsal import Ran

_OUTPUT = 2_000


def parsed(text: str) -> tuple[str, ...]:
    """The command's words, quoted as in a shell; no shell runs them.

    Raises: UsageError for what cannot be run.
    """
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"--drain-command: {error}") from None
    if not words or shutil.which(words[0]) is None:
        name = words[0] if words else ""
        raise UsageError(f"--drain-command: there is no program {name!r}")
    return words


class Command:
    """A command, or none, started with the block. One that outlasts it goes on: a drain that
    stops half-way is worse than none."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = words
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None

    def __enter__(self) -> Command:
        if not self._words:
            return self
        # A file, and no pipe: who goes on writing when nobody reads any more is not killed by it.
        self._output = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                self._words, stdin=subprocess.DEVNULL, stdout=self._output, stderr=self._output
            )
        except OSError as error:
            self._output.close()
            raise UsageError(f"--drain-command: {self._words[0]}: {error.strerror}") from None
        return self

    def __exit__(self, *exception: object) -> None:
        if self._output is not None:
            self._output.close()
        if self._process is not None:
            threading.Thread(target=self._process.wait, daemon=True).start()

    def ran(self) -> Ran | None:
        """How it ended, and how its output begins. Its arguments, which may be secret, are not
        told."""
        if self._process is None or self._output is None:
            return None
        self._output.flush()
        said = os.pread(self._output.fileno(), _OUTPUT, 0).decode("utf-8", "replace")
        return Ran(os.path.basename(self._words[0]), self._process.poll(), said)
