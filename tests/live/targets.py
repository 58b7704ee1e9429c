"""Targets for proofs about health and draining: they tell who they are and can be made unready."""

import contextlib
import http
import socket
import threading
from collections.abc import Iterator

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from tests.live.proxies import Client, free_port


class Node:
    """A WebSocket server named `name`. `ready`: the status of /readyz; `takes`: new handshakes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ready = 200
        self.takes = True
        self.port = 0


@contextlib.contextmanager
def node(name: str) -> Iterator[Node]:
    """Run a node; its 101 and its refusals carry `X-Node`."""
    made = Node(name)

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/readyz":
            return connection.respond(http.HTTPStatus(made.ready), "\n")
        if not made.takes:
            return connection.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "draining\n")
        return None

    def sign(connection: ServerConnection, request: Request, response: Response) -> Response:
        response.headers["X-Node"] = name
        return response

    def hold(connection: ServerConnection) -> None:
        for _ in connection:
            pass

    server = serve(
        hold, "127.0.0.1", 0, process_request=answer, process_response=sign, ping_interval=None
    )
    made.port = int(server.socket.getsockname()[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join(2)


@contextlib.contextmanager
def one_way(every_s: float = 0.0) -> Iterator[int]:
    """A WebSocket server that sends a message every so often, or (0) only listens."""
    stopped = threading.Event()

    def send(connection: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while every_s and not stopped.wait(every_s):
                connection.send("news")
            for _ in connection:
                pass

    server = serve(send, "127.0.0.1", 0, ping_interval=None)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield int(server.socket.getsockname()[1])
    finally:
        stopped.set()
        server.shutdown()
        thread.join(2)


def dead() -> int:
    """A port at which nobody listens."""
    return free_port()


def statuses(port: int, times: int, cookie: str = "") -> list[int | None]:
    """What so many handshakes are answered with, one after the other."""
    return [handshake(port, cookie)[0] for _ in range(times)]


def handshake(port: int, cookie: str = "") -> tuple[int | None, dict[str, str]]:
    """Status and headers of one handshake that carries a cookie."""
    # The client writes the host last but the upgrade headers; a line break adds a header to it.
    host = f"chat.example\r\nCookie: {cookie}" if cookie else "chat.example"
    with Client(port, host=host) as client:
        return client.answer(4.0)


@contextlib.contextmanager
def names(address: str = "127.0.0.1") -> Iterator[int]:
    """A name server that has one answer for every question: this address."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def answer() -> None:
        with contextlib.suppress(OSError):
            while True:
                query, client = server.recvfrom(512)
                end = query.index(b"\0", 12) + 5
                wanted = query[end - 4 : end - 2] == b"\0\x01"  # type A
                record = b"\xc0\x0c\0\x01\0\x01\0\0\0\x01\0\x04" + socket.inet_aton(address)
                head = (
                    query[:2] + b"\x81\x80\0\x01" + (b"\0\x01" if wanted else b"\0\0") + b"\0" * 4
                )
                server.sendto(head + query[12:end] + (record if wanted else b""), client)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield int(server.getsockname()[1])
    finally:
        server.close()
