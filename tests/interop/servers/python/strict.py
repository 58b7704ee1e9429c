"""RFC 6455 as a server that forgives nothing: what is wrong with the bytes of a client."""

import base64
import binascii
import re

from wsproto.connection import Connection, ConnectionState, ConnectionType
from wsproto.events import CloseConnection, Message, Ping
from wsproto.utilities import LocalProtocolError, generate_accept_token

LARGEST = 65_536
"""no frame of a client may be longer"""
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_FIRST = re.compile(rb"GET (/[\x21-\x7e]*+) HTTP/1\.1")
_HEADER = re.compile(rf"({_TOKEN}):[ \t]*+([^\x00-\x08\x0a-\x1f\x7f]*+)".encode())


def opening(head: bytes, known: set[str]) -> tuple[dict[str, list[str]], list[str]]:
    """The headers of a request, names in lower case, and what is wrong with it as a handshake.

    Args: head: all up to the empty line; known: the keys that have been used; gets this one.
    """
    first, *lines = head.split(b"\r\n")
    faults = [] if _FIRST.fullmatch(first) else ["the first line is no `GET /... HTTP/1.1`"]
    headers: dict[str, list[str]] = {}
    for line in lines:
        if match := _HEADER.fullmatch(line):
            name, value = match[1].decode().lower(), match[2].decode("latin-1").rstrip(" \t")
            headers.setdefault(name, []).append(value)
        else:
            faults.append(f"{line!r} is no header")
    return headers, [*faults, *_faults(headers, known)]


def _faults(headers, known):
    if len(headers.get("host", ())) != 1:
        yield "there is not one `Host`"
    if "websocket" not in _words(headers, "upgrade"):
        yield "`Upgrade` does not say websocket"
    if "upgrade" not in _words(headers, "connection"):
        yield "`Connection` does not say Upgrade"
    if headers.get("sec-websocket-version") != ["13"]:
        yield "`Sec-WebSocket-Version` is not 13"
    if "content-length" in headers or "transfer-encoding" in headers:
        yield "a handshake has no body"
    yield from _key(headers.get("sec-websocket-key", []), known)


def _key(keys, known):
    try:
        nonce = base64.b64decode(keys[0], validate=True) if len(keys) == 1 else b""
    except binascii.Error:
        nonce = b""
    if len(nonce) != 16:
        yield "there is not one `Sec-WebSocket-Key` of 16 bytes"
    elif keys[0] in known:
        yield "`Sec-WebSocket-Key` was used before"
    known.update(keys)


def _words(headers, name):
    return [word.strip().lower() for word in ",".join(headers.get(name, ())).split(",")]


def accept(headers: dict[str, list[str]]) -> bytes:
    """The 101 for a handshake without faults."""
    token = generate_accept_token(headers["sec-websocket-key"][0].encode())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + token + b"\r\n\r\n"
    )


class Judge:
    """One connection after its 101.

    `faults`: what the client did wrong; `ended`: a close frame has come, or a fault ended it.
    """

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.ended = False
        self._masks: set[bytes] = set()
        self._unread = b""
        self._protocol = Connection(ConnectionType.SERVER)

    def take(self, data: bytes) -> bytes:
        """What came from the client; the bytes to answer it with."""
        if self.ended:
            if data and not self.faults:
                self.faults.append("bytes after the close frame")
            return b""
        self._unread += data
        while (size := self._frame()) is not None:
            self._unread = self._unread[size:]
        self._protocol.receive_data(data)
        answer = b"".join(self._answers())
        return answer if not self.faults else self._refused(answer)

    def goodbye(self, code: int) -> bytes:
        """The close frame of this side."""
        return self._sent(CloseConnection(code=code))

    def _frame(self):
        """The length of the first whole frame, which is looked at; None: it is not all there.

        wsproto judges the rest: that it is masked, reserved bits, opcodes, the shortest length,
        control frames, close codes, UTF-8.
        """
        at = self._unread
        length, size = at[1] & 127 if len(at) > 1 else 0, 2
        if length > 125:
            size += 2 if length == 126 else 8
            length = int.from_bytes(at[2:size])
        mask, size = at[size : size + 4], size + 4
        if length > LARGEST:
            self._fault(f"a frame of more than {LARGEST} bytes")
        if len(at) < 2 or len(at) < size + length:
            return None
        if mask in self._masks:
            self._fault("a masking key was used before")
        self._masks.add(mask)
        return size + length

    def _answers(self):
        for event in self._protocol.events():
            if isinstance(event, Ping):
                yield self._sent(event.response())
            elif isinstance(event, Message):
                yield self._sent(event)
            elif isinstance(event, CloseConnection):
                # wsproto reports a frame it cannot parse as a close that nobody has sent.
                if self._protocol.state in (ConnectionState.OPEN, ConnectionState.LOCAL_CLOSING):
                    self._fault(event.reason or "bytes that are no frame")
                    return
                self.ended = True
                yield self._sent(event.response())

    def _fault(self, words):
        if words not in self.faults:
            self.faults.append(words)

    def _refused(self, answer):
        goodbye = b"" if self.ended else self.goodbye(1002)
        self.ended = True
        return answer + goodbye

    def _sent(self, event):
        try:
            return self._protocol.send(event)
        except LocalProtocolError:  # this side has said goodbye already
            return b""
