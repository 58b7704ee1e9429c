"""Write a file by way of a temporary one beside it, so that nobody ever sees half of it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress


def write(path: str, data: bytes, mode: int | None = None) -> None:
    """Make or replace a regular file; of a link what it leads to.

    Args: mode: permissions, such as 0o600, whatever the umask; None: those it has and, as far as
    that is allowed, its owner; the usual ones for a new file.

    Raises: OSError, and then the old file is as it was.
    """
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    # No process number: it is 1 in every container, and a killed one leaves its file behind.
    temporary = os.path.join(folder, f".{name}.{os.urandom(6).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    descriptor = os.open(temporary, flags, 0o666 if mode is None else mode)
    try:
        with open(descriptor, "wb") as file:
            if mode is not None:
                os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is None and os.path.exists(target):
            was = os.stat(target)
            with suppress(PermissionError):
                os.chown(temporary, was.st_uid, was.st_gid)
            os.chmod(temporary, stat.S_IMODE(was.st_mode))
        os.replace(temporary, target)
    except BaseException:  # Ctrl-C, too: nothing half-written stays
        os.unlink(temporary)
        raise
