"""A WebSocket server for a thousand clients, in a process of its own: answers pings, says nothing.

Its first line on standard output is its port.
"""

import selectors
import socket
import sys

from lbcheck.lab.client import accept_key

_ANSWER = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "X-Node: a\r\nSec-WebSocket-Accept: {}\r\n\r\n"
)


def answer(data: bytes) -> bytes:
    """What one read is answered with; requests and frames are short and come whole."""
    if data.startswith(b"GET "):
        lines = data.decode().split("\r\n")
        (key,) = (line[19:] for line in lines if line.lower().startswith("sec-websocket-key: "))
        return _ANSWER.format(accept_key(key)).encode()
    return b"\x8a\x00" if data[0] & 0x0F == 9 else b""


def serve() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                selector.register(listener.accept()[0], selectors.EVENT_READ, "client")
                continue
            assert isinstance(key.fileobj, socket.socket)
            try:
                data = key.fileobj.recv(4096)
                key.fileobj.sendall(answer(data) if data else b"")
            except OSError:
                data = b""
            if not data:
                selector.unregister(key.fileobj)
                key.fileobj.close()


if __name__ == "__main__":
    serve()
