"""Experiments on nginx's `upstream`: what its statements do, in which order and for whom."""

from __future__ import annotations

import socket
from contextlib import suppress

from lbcheck.lab.acts import in_front, led_to, node, status
from lbcheck.lab.client import Client
from lbcheck.lab.experiment import Act, Experiment, Guard, shown
from lbcheck.lab.names import names
from lbcheck.lab.proxy import Proxy
from lbcheck.lab.target import Target

_REQUESTS = 6
_PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class _Keeping(Target):
    """A web server that keeps its connections open, and counts them."""

    def __init__(self) -> None:
        super().__init__("keeping")
        self.connections = 0

    def serve(self, connection: socket.socket) -> None:
        self.connections += 1
        with connection, suppress(OSError):
            while head := connection.recv(4096):
                connection.sendall(_PAGE)
                if b"connection: close" in head.lower():
                    return


def _kept(path: str) -> Act:
    """Plain requests, one after the other: are connections to the target used again?"""

    def act(proxy: Proxy, config: str) -> str:
        target = _Keeping()
        with in_front(proxy, config, {9001: target, 9002: target}) as served:
            for _ in range(_REQUESTS):
                with Client(served.port, path, connection="") as client:
                    client.answer()
        many = target.connections == _REQUESTS
        return f"{'each request opens' if many else 'requests share'} a connection to the target"

    return act


def _workers(proxy: Proxy, config: str) -> str:
    """Many handshakes, spread over the workers, in front of a dead target and a live one."""
    with in_front(proxy, config, {9001: None, 9002: Target("b")}) as served:
        for _ in range(40):
            status(served.port)
        tries = served.log.count("connect() failed")
    return f"{'one worker finds' if tries == 1 else 'several workers find'} out who is dead"


def _drained(proxy: Proxy, config: str) -> str:
    with in_front(proxy, config, {9001: Target("a"), 9002: Target("b")}) as served:
        return led_to([node(served.port) for _ in range(4)])


def _fails_once(proxy: Proxy, config: str) -> str:
    """One client whose target hangs up on one request."""
    nodes = {name: Target(name) for name in ("a", "b")}
    with in_front(proxy, config, {9001: nodes["a"], 9002: nodes["b"]}) as served:
        before = node(served.port)
        nodes[before].drops_plain = True
        with Client(served.port, connection="") as client:
            client.answer()
        after = node(served.port)
    if after not in nodes:
        return "after one failure handshakes fail"
    return f"after one failure the client {'stays' if after == before else 'is led elsewhere'}"


def _one_room(proxy: Proxy, config: str) -> str:
    """Clients of one room, one after the other."""
    reached = set()
    with in_front(proxy, config, {9001: Target("a"), 9002: Target("b")}) as served:
        for _ in range(4):
            with Client(served.port, "/ws/chat?room=1") as client:
                reached.add(client.answer()[1].get("x-node"))
    return f"clients of one room reach {'several targets' if len(reached) > 1 else 'one target'}"


def _behind(proxy: Proxy, config: str) -> str:
    """Clients whose addresses a balancer tells in `X-Forwarded-For`."""
    reached = set()
    with in_front(proxy, config, {9001: Target("a"), 9002: Target("b")}) as served:
        for last in range(1, 9):
            host = f"chat.example\r\nX-Forwarded-For: 198.51.100.{last}"
            with Client(served.port, host=host) as client:
                reached.add(client.answer()[1].get("x-node"))
    several = "several targets" if len(reached) > 1 else "one target"
    return f"clients of different addresses reach {several}"


def _named(proxy: Proxy, config: str) -> str:
    """The first bytes of the TLS that a target sees: the name it is asked for is in clear there."""
    with socket.create_server(("127.0.0.1", 0)) as target, names() as dns:
        port = target.getsockname()[1]
        config = config.replace("chat.example:9000", f"chat.example:{port}")
        config = config.replace("127.0.0.1:9000", f"127.0.0.1:{port}")
        config = config.replace("resolver 127.0.0.1;", f"resolver 127.0.0.1:{dns.port};")
        with in_front(proxy, config, {}) as served, Client(served.port):
            target.settimeout(3)
            with target.accept()[0] as connection:
                hello = connection.recv(4096)
    told = "its name" if b"chat.example" in hello else "no name"
    return f"the target is told {told} in TLS"


_LATER, _MARK = "    least_conn;\n", "  # <- here"

EXPERIMENTS = (
    Experiment(
        "LB119", "nginx", _kept("/"),
        "each request opens a connection to the target",
        "requests share a connection to the target",
    ),
    Experiment(
        "LB215", "nginx", _workers,
        "several workers find out who is dead", "one worker finds out who is dead",
        quick=(("8080;", "8080 reuseport;"), ("max_fails=2", "max_fails=1")),
        guards=(
            Guard(
                "a single worker",
                shown("LB215", "nginx").bad.replace("processes 4", "processes 1"),
            ),
        ),
    ),
    Experiment(
        "LB420", "nginx", _drained, "handshakes reach b", "handshakes reach a and b",
    ),
    Experiment(
        "LB502", "nginx", _fails_once,
        "after one failure the client is led elsewhere", "after one failure the client stays",
    ),
    Experiment(
        "LB503", "nginx", _behind,
        "clients of different addresses reach one target",
        "clients of different addresses reach several targets",
    ),
    Experiment(
        "LB506", "nginx", _named, "the target is told no name in TLS",
        "the target is told its name in TLS",
    ),
    Experiment(
        "LB507", "nginx", _kept("/ws/chat"),
        "each request opens a connection to the target",
        "requests share a connection to the target",
        until=(1, 29, 7),
    ),
    Experiment(
        "LB507", "nginx", _one_room,
        "clients of one room reach several targets", "clients of one room reach one target",
        number=1, good=shown("LB507", "nginx", 1).bad.replace(_LATER, "").replace(_MARK, ""),
    ),
)  # fmt: skip
