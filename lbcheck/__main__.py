"""The command's entry: what must be fast or must not fail happens before click is imported."""

from __future__ import annotations

import gc
import os
import sys

from lbcheck import __version__

TYPE_CHECKING = False  # as in lbcheck/__init__.py
if TYPE_CHECKING:
    from typing import NoReturn

INTERRUPTED = 130
BUG = 4


def main() -> NoReturn:
    """Run the command line of this process and end it."""
    _open_streams()
    if sys.argv[1:] in (["--version"], ["-V"]):
        sys.stdout.write(f"lbcheck {__version__}\n")
        leave(0)
    gc.disable()  # a run is short; collecting cycles costs a fifth of a large audit
    import_msgspec()
    kept: list[object] = []
    leave(run(sys.argv[1:], kept))


def _open_streams() -> None:
    """Streams that whoever started this has closed (`>&-`) lead to nobody."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115


def import_msgspec() -> None:
    """Import msgspec without what it and `uuid`, which it needs, can do without here.

    `typing_extensions` is taken where it happens to be there (msgspec 0.22, `_utils.py`): 3 ms for
    what `typing` of Python 3.11 has. `uuid` asks `platform` for a name that `sys` knows, and since
    Python 3.13 does not on Linux: 1.4 ms. Others may import both afterwards.
    """
    stand_ins: dict[str, object] = {"typing_extensions": None}  # the import's own "not there"
    if sys.platform == "linux":
        stand_ins["platform"] = _Platform
    absent = [name for name in stand_ins if name not in sys.modules]
    for name in absent:
        sys.modules[name] = stand_ins[name]  # type: ignore[assignment]
    try:
        import msgspec  # noqa: F401
    finally:
        for name in absent:
            del sys.modules[name]


class _Platform:
    """What `uuid` asks of `platform`."""

    @staticmethod
    def system() -> str:
        return "Linux"


def run(arguments: list[str], kept: list[object] | None = None) -> int:
    """Run one command line.

    Args: kept: takes what need not be freed before the process ends.

    Returns: the exit code. Whatever goes wrong is one line on standard error; a traceback is
    shown only where LBCHECK_DEBUG is set.
    """
    try:
        from lbcheck.cli import execute

        return execute(arguments, kept)
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except Exception as error:  # the last resort: a bug must not look like a finding
        if os.environ.get("LBCHECK_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}".replace("\n", " ")
        return _say(f"{what} (this is a bug in lbcheck; LBCHECK_DEBUG=1 shows where)", BUG)


def _say(message: str, code: int) -> int:
    from lbcheck.cli.output import complain

    complain(message)
    return code


def leave(code: int) -> NoReturn:
    """End the process with a code, without the teardown of a hundred thousand objects.

    Under coverage or a debugger the ordinary way is taken, for they write when it ends.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:  # the reader has gone; Python's own flush at exit must not complain again
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if "coverage" in sys.modules or sys.gettrace() is not None:
        sys.exit(code)
    os._exit(code)


if __name__ == "__main__":
    main()
