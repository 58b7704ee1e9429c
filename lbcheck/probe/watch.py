"""Watches one request: when each part was done, who answered, and that it ends in time."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Any


class Watch:
    """httpcore's `trace` of one request.

    A timeout of httpx is one of each read: a server that sends a byte now and then would hold a
    request for ever. So the whole of it is limited here, by shutting the socket down.
    """

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self.connected = self.expired = False
        self.peer = ""
        self.connect_s: float | None = None
        self.tls_s: float | None = None
        self.answer_s: float | None = None
        self._started: dict[str, float] = {}
        self._socket: socket.socket | None = None
        self._timer: threading.Timer | None = None

    def __call__(self, event: str, info: dict[str, Any]) -> None:
        name, _, stage = event.rpartition(".")
        if stage == "started":
            self._started[name] = time.monotonic()
        if stage != "complete":
            return
        match name:
            case "connection.connect_tcp" | "connection.connect_unix_socket":
                self.connect_s = self._since(name)
                self._found(info["return_value"])
            case "connection.start_tls":
                self.tls_s = self._since(name)
                self._socket = info["return_value"].get_extra_info("socket")
            case "http11.receive_response_headers":
                self.answer_s = self._since("http11.send_request_headers")

    def stop(self) -> None:
        """The answer is there: from now on it may last."""
        if self._timer is not None:
            self._timer.cancel()

    def _since(self, name: str) -> float:
        return time.monotonic() - self._started[name]

    def _found(self, stream: Any) -> None:
        self.connected = True
        self._socket = stream.get_extra_info("socket")
        address = stream.get_extra_info("server_addr")
        if isinstance(address, tuple):
            host, port = address[:2]
            self.peer = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._timer = threading.Timer(self.limit_s, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def _expire(self) -> None:
        self.expired = True
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
