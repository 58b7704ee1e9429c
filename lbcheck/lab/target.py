"""Targets that misbehave on demand: a WebSocket server of bytes and threads, silent ports."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from lbcheck.lab.client import accept_key

_REASONS = {101: "Switching Protocols", 200: "OK", 403: "Forbidden", 426: "Upgrade Required"}
_TEXT, _CLOSE = 1, 8
_PING, _NEWS = b"\x89\x00", b"\x81\x04news"
_HEALTH = ("/readyz", "/healthz")


class Target:
    """A WebSocket server that echoes. Its manners may be changed while it runs.

    name: told in the header `X-Node` of every answer; ready: the status of its health paths;
    takes: new handshakes, else they are answered 503; host: another Host is answered 403; mute:
    handshakes are never answered; thinks_s: so long before it answers one;
    lingers: keeps its half open when the other side closes; drops_plain: a plain
    request is cut without an answer;
    pages: every request is answered 200, upgrade or not; pings_every_s, tells_every_s: sends pings
    or text; echoes: what text comes; closes_with: sends this close code after the handshake;
    tls: what it speaks TLS with.
    """

    def __init__(self, name: str = "a", **manners: object) -> None:
        self.name = name
        self.ready = 200
        self.takes = True
        self.host: str | None = None
        self.mute = False
        self.thinks_s = 0.0
        self.lingers = False
        self.drops_plain = False
        self.pages = False
        self.pings_every_s = 0.0
        self.tells_every_s = 0.0
        self.echoes = True
        self.closes_with: int | None = None
        self.tls: ssl.SSLContext | None = None
        self.port = 0
        for manner, value in manners.items():
            if manner not in self.__dict__:
                raise TypeError(f"targets have no {manner}")
            setattr(self, manner, value)

    def serve(self, connection: socket.socket) -> None:
        """One connection, until it ends."""
        with suppress(OSError), self._secured(connection) as connection:
            head = _head(connection)
            status, more = self._answer(head)
            if status is None:
                connection.recv(1)  # until the other side has had enough
                return
            if status:
                connection.sendall(self._response(status, more))
            if status == 101:
                self._converse(connection)

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self.tls.wrap_socket(connection, server_side=True) if self.tls else connection

    def _answer(self, head: bytes) -> tuple[int | None, dict[str, str]]:
        """Status (None: never, 0: hang up) and headers of the answer to a request."""
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split()
        pairs = (line.partition(":") for line in lines if line)
        said = {name.lower(): value.strip() for name, _, value in pairs}
        if len(words) != 3 or words[2] not in ("HTTP/1.0", "HTTP/1.1"):
            return 0, {}
        if self.pages:
            return 200, {}
        if words[1] in _HEALTH:
            return self._healthy(words[2], said), {}
        if words[2] == "HTTP/1.0":
            return 505, {}
        if self.mute:
            return None, {}
        connection = said.get("connection", "").lower()
        if said.get("upgrade", "").lower() != "websocket" or "upgrade" not in connection:
            return (0 if self.drops_plain else 426), {"X-Connection-Seen": connection}
        return self._handshake(said)

    def _healthy(self, version: str, said: dict[str, str]) -> int:
        """As RFC 9112 3.2 wants it, HTTP/1.1 without `Host` is no request."""
        return 400 if version == "HTTP/1.1" and "host" not in said else self.ready

    def _handshake(self, said: dict[str, str]) -> tuple[int, dict[str, str]]:
        if "sec-websocket-key" not in said or said.get("sec-websocket-version") != "13":
            return 400, {}
        if self.host is not None and said.get("host") != self.host:
            return 403, {}
        if not self.takes:
            return 503, {}
        time.sleep(self.thinks_s)
        accept = accept_key(said["sec-websocket-key"])
        return 101, {"Sec-WebSocket-Accept": accept}

    def _response(self, status: int, more: dict[str, str]) -> bytes:
        upgrade = {"Upgrade": "websocket", "Connection": "Upgrade"}
        plain = {"Content-Length": "0", "Connection": "close"}
        headers = {"X-Node": self.name, **(upgrade if status == 101 else plain), **more}
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()

    def _converse(self, connection: socket.socket) -> None:
        """Frames: text comes back, a ping is answered, a close ends it."""
        if self.closes_with is not None:
            connection.sendall(b"\x88\x02" + self.closes_with.to_bytes(2))
        every_s = self.pings_every_s or self.tells_every_s
        due = time.monotonic() + every_s
        while True:
            if every_s:
                connection.settimeout(max(due - time.monotonic(), 0.001))
            try:
                frame = connection.recv(1000)
            except TimeoutError:
                connection.sendall(_PING if self.pings_every_s else _NEWS)
                due += every_s
                continue
            if len(frame) < 6:
                if self.lingers:
                    time.sleep(30)
                return
            connection.sendall(self._answered(frame[0] & 0x0F, _unmasked(frame)))
            if frame[0] & 0x0F == _CLOSE:
                return

    def _answered(self, kind: int, payload: bytes) -> bytes:
        """The frame that answers one; none: b""."""
        answer = {_TEXT: _TEXT if self.echoes else 0, _CLOSE: _CLOSE, 9: 10}.get(kind, 0)
        return bytes((0x80 | answer, len(payload))) + payload if answer else b""


def _head(connection: socket.socket) -> bytes:
    head = b""
    connection.settimeout(30)
    while b"\r\n\r\n" not in head and len(head) < 65_536:
        more = connection.recv(4096)
        if not more:
            raise ConnectionError
        head += more
    connection.settimeout(None)
    return head.partition(b"\r\n\r\n")[0]


def _unmasked(frame: bytes) -> bytes:
    """The payload of one short masked frame."""
    mask = frame[2:6]
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(frame[6 : 6 + (frame[1] & 0x7F)]))


@contextmanager
def serving(*targets: Target, address: str = "127.0.0.1") -> Iterator[tuple[Target, ...]]:
    """These targets, each on a port of its own (`port` tells), until the block ends."""
    with ExitStack() as stack:
        for target in targets:
            stack.enter_context(_listening(target, address))
        yield targets


@contextmanager
def _listening(target: Target, address: str) -> Iterator[None]:
    listener = socket.create_server((address, target.port))
    target.port = int(listener.getsockname()[1])
    taken: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                taken.append(connection)
                threading.Thread(target=target.serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield
    finally:
        for one in (listener, *taken):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        thread.join(2)


@contextmanager
def dead() -> Iterator[int]:
    """A port that refuses connections, and that nobody else can take meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


@contextmanager
def silent() -> Iterator[int]:
    """A port whose connections are neither accepted nor refused: Linux drops the SYN.

    That is what a queue of pending connections does when it is full.
    """
    with ExitStack() as stack:
        yield int(full(stack).getsockname()[1])


def full(stack: ExitStack) -> socket.socket:
    """A listening socket whose queue is full, until somebody accepts what is in it."""
    listener = stack.enter_context(socket.socket())
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    for _ in range(3):
        filler = stack.enter_context(socket.socket())
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
    time.sleep(0.05)
    return listener
