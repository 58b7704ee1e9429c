"""Run a real nginx or HAProxy in front of a real WebSocket server, on free ports, for one test.

Configurations are those of the rules' examples: `127.0.0.1:8080` is where they listen,
`127.0.0.1:9000` to `9003` are their targets; both are replaced by free ports.
"""

import base64
import contextlib
import hashlib
import http
import os
import pathlib
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator

from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from tests.binaries import Haproxy, Nginx

_MAIN = """\
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
"""
_HTTP = """\
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    access_log off;
"""
_KEY = base64.b64encode(b"sixteen bytes ok").decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def target(*, host: str | None = None) -> Iterator[int]:
    """A WebSocket server that echoes; `/healthz` answers 200. `host`: another Host gets 403."""

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/healthz":
            return connection.respond(http.HTTPStatus.OK, "ok\n")
        if host is not None and request.headers["Host"] != host:
            return connection.respond(http.HTTPStatus.FORBIDDEN, "another origin\n")
        return None

    def echo(connection: ServerConnection) -> None:
        for message in connection:
            connection.send(message)

    server = serve(echo, "127.0.0.1", 0, process_request=answer, ping_interval=None)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield int(server.socket.getsockname()[1])
    finally:
        server.shutdown()
        thread.join(2)


@contextlib.contextmanager
def pages() -> Iterator[int]:
    """A plain web server that knows nothing of upgrades: 200 to everything."""
    with _listening(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n") as at:
        yield at


@contextlib.contextmanager
def hung() -> Iterator[int]:
    """A target that accepts connections and never says a word."""
    with _listening(None) as at:
        yield at


@contextlib.contextmanager
def _listening(said: bytes | None) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    open_sockets: list[socket.socket] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                open_sockets.append(connection)
                if said is not None:
                    with contextlib.suppress(OSError):
                        connection.recv(4096)
                        connection.sendall(said)
                        connection.close()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(2)
        for connection in open_sockets:
            connection.close()


@contextlib.contextmanager
def running(
    proxy: Nginx | Haproxy, config: str, folder: pathlib.Path, ports: dict[int, int]
) -> Iterator[int]:
    """The port on which `proxy` serves `config`, until the block ends.

    `ports`: the example's target ports and the real ones.
    """
    port = free_port()
    config = re.sub(r"[ \t]*# <- here", "", config)
    for written, real in {8080: port, **ports}.items():
        config = config.replace(f"127.0.0.1:{written}", f"127.0.0.1:{real}")
    if isinstance(proxy, Nginx):
        command, environment = _nginx(proxy, config, folder), None
    else:
        command, environment = _haproxy(proxy, config, folder), proxy.environment
    with open(folder / "said.log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    try:
        _wait(process, port, folder)
        yield port
    finally:
        process.kill()
        process.wait()


def _nginx(proxy: Nginx, snippet: str, folder: pathlib.Path) -> list[str]:
    path = folder / "nginx.conf"
    if "\nhttp {" not in snippet:
        snippet = f"events {{}}\nhttp {{\n{snippet}\n}}\n"
    snippet = snippet.replace("http {\n", _HTTP.format(folder=folder), 1)
    path.write_text(_MAIN.format(folder=folder) + snippet)
    return [proxy.path, "-p", str(folder), "-c", str(path), "-e", str(folder / "start.log")]


def _haproxy(proxy: Haproxy, config: str, folder: pathlib.Path) -> list[str]:
    path = folder / "haproxy.cfg"
    path.write_text(config)
    return [proxy.path, "-db", "-f", str(path)]


def _wait(process: subprocess.Popen[bytes], port: int, folder: pathlib.Path) -> None:
    end = time.monotonic() + 3
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        time.sleep(0.02)
    logs = [(folder / name) for name in ("said.log", "start.log", "error.log")]
    said = "\n".join(log.read_text() for log in logs if log.exists())
    raise AssertionError(f"{os.path.basename(str(process.args))} does not listen:\n{said}")


class Client:
    """A WebSocket client that looks at bytes: what was answered, and when the line went dead."""

    def __init__(
        self,
        port: int,
        path: str = "/ws/chat",
        host: str = "chat.example",
        connection: str = "Upgrade",
    ) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 3)
        self._socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
            f"Connection: {connection}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {_KEY}\r\n\r\n".encode()
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *exception: object) -> None:
        self._socket.close()

    def answer(self, within: float = 3.0) -> tuple[int | None, dict[str, str]]:
        """Status and headers (lower-case names); status None: no answer in that time."""
        self._socket.settimeout(within)
        head = b""
        try:
            while b"\r\n\r\n" not in head and (more := self._socket.recv(1)):
                head += more
        except TimeoutError:
            return None, {}
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = (line.partition(": ") for line in lines if line)
        return int(first.split()[1]), {name.lower(): value for name, _, value in headers}

    def closed_within(self, seconds: float) -> bool:
        """Does the other side end the connection, when nobody says anything for so long?"""
        self._socket.settimeout(seconds)
        try:
            return self._socket.recv(100) == b""
        except TimeoutError:
            return False
        except ConnectionResetError:
            return True

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
            self._socket.sendall(b"\x81\x82\x00\x00\x00\x00hi")  # masked with zeroes
            return self._socket.recv(100) == b"\x81\x02hi"
        except OSError:
            return False


def accepted(headers: dict[str, str]) -> bool:
    """Is this the 101 that a client has to insist on (RFC 6455, section 4.1)?"""
    digest = hashlib.sha1(f"{_KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
    return (
        headers.get("upgrade", "").lower() == "websocket"
        and "upgrade" in headers.get("connection", "").lower()
        and headers.get("sec-websocket-accept") == base64.b64encode(digest).decode()
    )
