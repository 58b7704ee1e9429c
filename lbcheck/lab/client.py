"""A WebSocket client that looks at bytes: what was answered, how and when the line went dead."""

from __future__ import annotations

import base64
import hashlib
import socket
import time

from msgspec import Struct

KEY = base64.b64encode(b"sixteen bytes ok").decode()
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# Masked with zeroes, as text stays readable then.
TEXT = b"\x81\x82\x00\x00\x00\x00hi"
PING = b"\x89\x80\x00\x00\x00\x00"


class End(Struct, frozen=True):
    """How a connection ended. `how`: "FIN", "RST" or "close 1001"; `after_s`: of waiting."""

    how: str
    after_s: float


class Client:
    """One connection. Without `connection` it asks for a page instead of a WebSocket.

    `after_s`: how long after it is connected it asks, as if over a network.
    """

    def __init__(
        self,
        port: int,
        path: str = "/ws/chat",
        host: str = "chat.example",
        connection: str = "Upgrade",
        cookie: str = "",
        after_s: float = 0.0,
    ) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 3)
        time.sleep(after_s)
        lines = [f"GET {path} HTTP/1.1", f"Host: {host}"]
        if cookie:
            lines.append(f"Cookie: {cookie}")
        if connection:
            lines += ["Upgrade: websocket", f"Connection: {connection}"]
            lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {KEY}"]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self._socket.close()

    def answer(self, within: float = 3.0) -> tuple[int | None, dict[str, str]]:
        """Status and headers (lower-case names); None: no answer in that time, or a closed line."""
        end = time.monotonic() + within
        head = b""
        try:
            while b"\r\n\r\n" not in head:
                self._socket.settimeout(max(end - time.monotonic(), 0.001))
                more = self._socket.recv(1)
                if not more:
                    return None, {}
                head += more
        except OSError:
            return None, {}
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = (line.partition(": ") for line in lines if line)
        return int(first.split()[1]), {name.lower(): value for name, _, value in headers}

    def end(self, within: float) -> End | None:
        """How the other side ends the connection while the client is silent; None: it does not."""
        start = time.monotonic()
        while (left := start + within - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                said = self._socket.recv(1000)
            except TimeoutError:
                break
            except ConnectionError:
                return End("RST", time.monotonic() - start)
            if not said:
                return End("FIN", time.monotonic() - start)
            if said[0] & 0x0F == 8:
                code = int.from_bytes(said[2:4]) if len(said) >= 4 else 1005
                return End(f"close {code}", time.monotonic() - start)
        return None

    def closed_within(self, seconds: float) -> bool:
        """Does the other side end the connection, when the client says nothing for so long?"""
        return self.end(seconds) is not None

    def close_half(self) -> None:
        """Say that nothing more will come, and go on listening."""
        self._socket.shutdown(socket.SHUT_WR)

    def ends_within(self, seconds: float, say: bytes = b"") -> bool:
        """Does the other side end the connection although it is not quiet? What comes is read
        over; `say` is sent again and again."""
        self._socket.settimeout(0.2)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if say:
                    self._socket.sendall(say)
                if self._socket.recv(1000) == b"":
                    return True
            except TimeoutError:
                continue
            except OSError:
                return True
        return False

    def echoes(self) -> bool:
        """Does a text frame come back?"""
        self._socket.settimeout(2)
        try:
            self._socket.sendall(TEXT)
            return self._socket.recv(100) == b"\x81\x02hi"
        except OSError:
            return False


def accept_key(key: str) -> str:
    """What a server has to make of Sec-WebSocket-Key (RFC 6455, section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(f"{key}{_GUID}".encode()).digest()).decode()


def accepted(headers: dict[str, str]) -> bool:
    """Is this the 101 that a client has to insist on (RFC 6455, section 4.1)?"""
    return (
        headers.get("upgrade", "").lower() == "websocket"
        and "upgrade" in headers.get("connection", "").lower()
        and headers.get("sec-websocket-accept") == accept_key(KEY)
    )
