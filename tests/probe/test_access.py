"""How a service is reached: credentials, cookies, and proxies where they are asked for."""

import pathlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from lbcheck.cli import execute
from lbcheck.lab.target import Target, serving
from tests.certificates import self_signed
from tests.probe.test_live import scripted

REFUSED = b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def recording() -> Iterator[tuple[int, list[str]]]:
    """A port, and the heads of the requests that came there; each is refused."""
    heads: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, suppress(OSError):  # who asked may have gone
                    heads.append(connection.recv(8192).decode())
                    connection.sendall(REFUSED)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()[1], heads
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--basic", "ann:sesame"], "Authorization: Basic YW5uOnNlc2FtZQ=="),
        (["--bearer", "abc.def"], "Authorization: Bearer abc.def"),
        (["--cookie", "a=1", "--cookie", "b=2"], "Cookie: a=1; b=2"),
        (["--header", "X-Tenant: nine"], "X-Tenant: nine"),
    ],
)
def test_what_the_user_brings_is_sent(
    options: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with recording() as (port, heads):
        execute(["probe", f"ws://127.0.0.1:{port}/", "--rate", "1000", *options])
    assert line in heads[0].split("\r\n")
    capsys.readouterr()


def test_secrets_may_come_from_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LBCHECK_BEARER", "from-elsewhere")
    with recording() as (port, heads):
        execute(["probe", f"ws://127.0.0.1:{port}/", "--rate", "1000"])
    assert "Authorization: Bearer from-elsewhere" in heads[0].split("\r\n")
    assert "from-elsewhere" not in "".join(capsys.readouterr())


def tunnel(connection: socket.socket, port: int) -> None:
    """What a proxy does after CONNECT."""
    connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port)) as there:

        def pour(source: socket.socket, sink: socket.socket) -> None:
            with suppress(OSError):
                while data := source.recv(65_536):
                    sink.sendall(data)

        thread = threading.Thread(target=pour, args=(there, connection), daemon=True)
        thread.start()
        pour(connection, there)
        with suppress(OSError):
            there.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_a_proxy_of_the_environment_is_used_when_it_is_asked_for(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = tmp_path / "site.pem"
    certificate.write_bytes(self_signed("chat.example"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    passed: list[int] = []
    with serving(Target(tls=context)) as (target,):

        def proxied(connection: socket.socket) -> None:
            passed.append(target.port)
            tunnel(connection, target.port)

        with scripted(proxied) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
            url = f"wss://chat.example:{target.port}/ws"
            asked = ["probe", url, "--rate", "1000", "--ca", str(certificate)]
            direct = [*asked, "--resolve", f"chat.example:{target.port}:127.0.0.1"]
            assert (execute(direct), passed) == (0, [])
            assert execute([*asked, "--proxy"]) == 0
            assert len(passed) == 6
    capsys.readouterr()


def test_a_unix_socket_is_reached_and_its_websocket_opened(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, target = str(tmp_path / "s"), Target()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()

        def accept() -> None:
            for _ in range(6):
                connection, _ = listener.accept()
                target.serve(connection)
                connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        asked = ["probe", "ws://chat.example/ws", "--rate", "1000", "--unix-socket", path]
        assert execute(asked) == 0
        thread.join(5)
    assert "handshake        101" in capsys.readouterr().out
