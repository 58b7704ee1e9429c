"""Start one server of the matrix, and see that it ends."""

from __future__ import annotations

import contextlib
import json
import pathlib
import subprocess
import threading
from collections.abc import Iterator
from typing import IO

from tests.interop.installing import FOLDER
from tests.interop.stacks import Stack

_STARTED_S = 60.0
_ENDED_S = 5.0


class ServerError(Exception):
    """A server does not start, or takes no WebSocket."""


class Server:
    """A running server: where it is, the versions it tells, and what it printed since."""

    def __init__(self, process: subprocess.Popen[str], port: int, versions: dict[str, str]) -> None:
        self.process = process
        self.port = port
        self.versions = versions
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._reader.start()

    def url(self, path: str) -> str:
        """Its WebSocket URL."""
        return f"ws://127.0.0.1:{self.port}{path}"

    def finish(self) -> None:
        """Wait for the last it has printed."""
        self._reader.join()

    def _read(self, out: IO[str]) -> None:
        with out:
            self.lines += [line.rstrip() for line in out]


@contextlib.contextmanager
def serving(stack: Stack, *, graceful: bool, folder: pathlib.Path = FOLDER) -> Iterator[Server]:
    """One server of its own. It ends with the block, and by itself when its stdin does.

    Args: folder: where the places are.
    """
    command = [part.format(folder=folder) for part in stack.command]
    process = subprocess.Popen(
        [*command, *(["--graceful"] if graceful else [])],
        cwd=folder / stack.place,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    server = None
    try:
        told = json.loads(_first_line(process, stack))
        server = Server(process, told["port"], told["versions"])
        yield server
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(_ENDED_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if server is not None:
            server.finish()


def _first_line(process: subprocess.Popen[str], stack: Stack) -> str:
    late = threading.Timer(_STARTED_S, process.kill)
    late.start()
    said = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith('{"port"'):
                return line
            said.append(line)
    finally:
        late.cancel()
    raise ServerError(f"{stack.name} does not start:\n{''.join(said[-20:])}")
