"""A target that drains: it sends its clients away, and goes on taking new ones or refuses them."""

from __future__ import annotations

import pathlib
import socket
import threading
import time
from contextlib import suppress

from lbcheck.lab.target import Target


class Leaving(Target):
    """Until `leave` it is a target like any other. `refuses`: then handshakes are answered 503;
    else they are taken, and sent away after `keeps_s`; `frame`: with a close frame 1001, else by a
    bare FIN; `told_by`: it leaves when this file is there."""

    def __init__(
        self,
        name: str = "a",
        *,
        refuses: bool = False,
        frame: bool = True,
        keeps_s: float = 0.2,
        told_by: pathlib.Path | None = None,
    ) -> None:
        super().__init__(name)
        self.leaving = threading.Event()
        self.refuses, self.frame, self.keeps_s = refuses, frame, keeps_s
        self.told_by = told_by

    def leave(self, *, ready: int = 503) -> None:
        """Drain; the health paths say so."""
        self.ready = ready
        self.takes = not self.refuses
        self.leaving.set()

    def _converse(self, connection: socket.socket) -> None:
        if self.leaving.is_set():
            time.sleep(self.keeps_s)
        else:
            self._idle(connection)
        with suppress(OSError):
            connection.sendall(b"\x88\x02\x03\xe9" if self.frame else b"")
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(0.5)
            connection.recv(1000)

    def _idle(self, connection: socket.socket) -> None:
        """Read over what comes until it is time to leave."""
        connection.settimeout(0.05)
        while not self.leaving.is_set():
            with suppress(TimeoutError):
                if not connection.recv(1000):
                    return
            if self.told_by is not None and self.told_by.exists():
                self.leave()
