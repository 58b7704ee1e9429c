"""Write reports: to standard output, and to files that are whole or not there at all."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping

from lbcheck.errors import UsageError
from lbcheck.reporters import harmless
from lbcheck.reporters.visible import visible


def complain(message: str) -> None:
    """A line on standard error for each line of the message."""
    try:
        for line in message.split("\n"):
            sys.stderr.write(safe(f"lbcheck: {visible(line)}\n"))
        sys.stderr.flush()
    except OSError:
        pass


def safe(text: str, form: str = "text") -> str:
    """Text of a format, as whoever reads this process's output may get it."""
    return harmless(form, text) if obeying_runner(os.environ) else text


def put(text: str, form: str = "text") -> None:
    """Text of a format to standard output. Characters it cannot encode become escapes; a reader
    that has gone away ends nothing: the exit code still says what was found.

    Raises: UsageError where nothing can be written, such as on a full disk.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.stdout.write(safe(text, form))
        sys.stdout.flush()
    except BrokenPipeError:
        pass
    except OSError as error:
        raise UsageError(f"standard output cannot be written: {error.strerror}") from None


def write_whole(path: str, text: str, mode: int | None = None) -> None:
    """Write a report so that nobody ever sees half of it. What is there and no regular file
    (`/dev/stderr`, a named pipe) is written directly.

    Args: mode: permissions, None: those it has.

    Raises: UsageError with the reason, and then the old file is as it was.
    """
    from lbcheck import whole_file

    data = text.encode("utf-8", "backslashreplace")
    try:
        if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
            with open(path, "wb") as stream:
                stream.write(data)
            return
        whole_file.write(path, data, mode)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None


def coloured(asked: str, environment: Mapping[str, str], terminal: bool) -> bool:
    """Shall there be colour? --color, then NO_COLOR, FORCE_COLOR, TERM=dumb, then the terminal.

    An empty variable counts as not set (no-color.org, force-color.org).
    """
    if asked != "auto":
        return asked == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR") or environment.get("CLICOLOR_FORCE"):
        return True
    return terminal and environment.get("TERM") != "dumb"


def obeying_runner(environment: Mapping[str, str]) -> bool:
    """Is the output read by a CI runner that obeys commands in it?"""
    return any(environment.get(name) for name in ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"))
