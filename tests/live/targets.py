"""Targets for proofs about health and draining: they tell who they are and can be made unready."""

import contextlib
import pathlib
import ssl
from collections.abc import Iterator

from lbcheck.lab import names as lab
from lbcheck.lab.target import Target as Node
from lbcheck.lab.target import serving
from tests.live.proxies import Client, free_port

__all__ = ["Node", "dead", "handshake", "names", "node", "one_way", "statuses"]


@contextlib.contextmanager
def node(name: str, certificate: pathlib.Path | None = None) -> Iterator[Node]:
    """A WebSocket server; its 101 and its refusals carry `X-Node`. Its manners can be changed.
    With a certificate it speaks TLS."""
    tls = None
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
    with serving(Node(name, tls=tls)) as (served,):
        yield served


@contextlib.contextmanager
def one_way(every_s: float = 0.0) -> Iterator[int]:
    """A WebSocket server that sends a message every so often, or (0) only listens."""
    with serving(Node(tells_every_s=every_s, echoes=False)) as (served,):
        yield served.port


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
    with lab.names(address) as served:
        yield served.port
