"""A name server on the loopback interface that has one answer to every question."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_A = b"\0\x01"
_ANSWER = b"\xc0\x0c\0\x01\0\x01\0\0\0\x01\0\x04"  # this name, A, IN, 1 s to live, 4 bytes


class Names:
    """Every name is at `address`, which may be changed: then the name has moved."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.port = 0

    def answer(self, query: bytes) -> bytes:
        """The response to a question of one name (RFC 1035, section 4.1)."""
        end = query.index(b"\0", 12) + 5
        record = _ANSWER + socket.inet_aton(self.address) if query[end - 4 : end - 2] == _A else b""
        count = b"\0\x01" if record else b"\0\0"
        return query[:2] + b"\x81\x80\0\x01" + count + b"\0" * 4 + query[12:end] + record


@contextmanager
def names(address: str = "127.0.0.1") -> Iterator[Names]:
    """A name server that runs until the block ends; `port` tells where."""
    made = Names(address)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.1)
        made.port = int(server.getsockname()[1])
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with suppress(OSError, ValueError):
                    query, asker = server.recvfrom(512)
                    server.sendto(made.answer(query), asker)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            over.set()
            thread.join(2)
