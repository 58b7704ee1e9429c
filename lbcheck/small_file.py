"""Read a file that somebody named, and that is small if it is the one he means."""

from __future__ import annotations

from lbcheck.errors import UsageError


def read(path: str, most: int, doubt: str = "", shown: str | None = None) -> bytes:
    """All of a file.

    Args: most: bytes; doubt: what to ask of a larger one; shown: what it is called, if not by its
    path.

    Raises: UsageError where it cannot be read or is larger.
    """
    name = path if shown is None else shown
    try:
        with open(path, "rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from None
    if len(data) > most:
        raise UsageError(f"{name}: larger than {most:,} bytes{doubt and f': {doubt}'}")
    return data
