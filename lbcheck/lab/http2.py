"""A WebSocket handshake over HTTP/2 (RFC 8441), in bytes: just enough for one request."""

from __future__ import annotations

import socket
import struct

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADERS, _RESET, _SETTINGS, _GOAWAY = 1, 3, 4, 7
_END_HEADERS, _ACK = 4, 1
_STATUS_200 = 0x88
"""RFC 7541, appendix A: the eighth entry of the static table"""


class Http2RefusedError(Exception):
    """The proxy does not speak HTTP/2 here, or does not offer WebSockets over it."""


def accepted(connection: socket.socket, path: str = "/ws/chat") -> bool:
    """Is the handshake answered 200, as HTTP/2 says yes?

    Raises: Http2RefusedError.
    """
    connection.sendall(_PREFACE + _frame(_SETTINGS, 0, 0, b""))
    with connection.makefile("rb") as said:
        while True:
            head = said.read(9)
            if len(head) < 9:
                raise Http2RefusedError
            payload = said.read(int.from_bytes(head[:3]))
            kind, flags = head[3], head[4]
            if kind == _SETTINGS and not flags & _ACK:
                # Setting 8, ENABLE_CONNECT_PROTOCOL, with the value 1.
                if b"\x00\x08\x00\x00\x00\x01" not in payload:
                    raise Http2RefusedError
                connection.sendall(_frame(_HEADERS, _END_HEADERS, 1, _request(path)))
            elif kind == _HEADERS:
                return payload[0] == _STATUS_200
            elif kind in (_RESET, _GOAWAY):
                return False


def _request(path: str) -> bytes:
    fields = {
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":scheme": "https",
        ":path": path,
        ":authority": "chat.example",
        "sec-websocket-version": "13",
    }
    return b"".join(b"\x00" + _text(name) + _text(value) for name, value in fields.items())


def _text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload
