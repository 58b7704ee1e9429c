"""How each Python server of the matrix lives: at its own port, no longer than it is wanted."""

import json
import os
import socket
import sys
import threading
from importlib import metadata

LIFETIME_S = 300.0
GRACEFUL = "--graceful" in sys.argv
"""the server's documented way to say goodbye on SIGTERM is used, not only what it does by itself"""


def listening() -> socket.socket:
    """A socket of 127.0.0.1 that takes connections."""
    return socket.create_server(("127.0.0.1", 0))


def begin(at: socket.socket, name: str, *beside: str) -> None:
    """Say where the server is and which one; end when stdin ends, or after its lifetime.

    Args: name, beside: of the package that serves, and of those below it.
    """
    versions = {each: metadata.version(each) for each in (name, *beside)}
    print(json.dumps({"port": at.getsockname()[1], "versions": versions}), flush=True)
    threading.Thread(target=_until_stdin_ends, daemon=True).start()
    timer = threading.Timer(LIFETIME_S, os._exit, (70,))
    timer.daemon = True
    timer.start()


def _until_stdin_ends() -> None:
    while os.read(0, 4096):  # sys.stdin would hold up the end of the interpreter for a second
        pass
    os._exit(70)
