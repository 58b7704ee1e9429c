"""Real connections: TLS, addresses, sockets, and servers that mean no good."""

import pathlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from lbcheck.errors import UsageError
from lbcheck.lab.target import Target, dead, serving
from lbcheck.model import Source
from lbcheck.probe import checks
from lbcheck.probe.access import Access
from lbcheck.probe.handshake import Answer, Failure
from lbcheck.probe.live import Prober
from lbcheck.probe.problems import problems
from lbcheck.probe.result import Kind, Seen
from lbcheck.profile import Profile
from tests.certificates import self_signed

FAST = {"rate": 1000.0, "timeout_s": 5.0}


def asked(url: str, **access: object) -> Answer:
    with Prober(Access(**{**FAST, **access})) as prober:
        return checks.handshake(prober, url).answer


def failure(url: str, **access: object) -> str:
    answer = asked(url, **access)
    assert answer.failure is not None, answer
    return answer.failure.kind


@contextmanager
def scripted(serve: Callable[[socket.socket], None], family: int = socket.AF_INET) -> Iterator[int]:
    """A port whose connections are served by a function."""
    address = "127.0.0.1" if family == socket.AF_INET else "::1"
    with socket.create_server((address, 0), family=family) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=served, args=(connection,), daemon=True).start()

        def served(connection: socket.socket) -> None:
            try:
                with connection:
                    connection.recv(4096)
                    serve(connection)
            except OSError:
                return

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def certificate(tmp_path: pathlib.Path) -> str:
    path = tmp_path / "site.pem"
    path.write_bytes(self_signed("chat.example"))
    return str(path)


@pytest.fixture
def tls(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_real_target_is_answered_and_every_part_is_timed() -> None:
    with serving(Target()) as (target,):
        answer = asked(f"ws://localhost:{target.port}/ws")
    assert (answer.status, answer.peer) == (101, f"127.0.0.1:{target.port}")
    assert answer.times.tls_s is None
    for part in (answer.times.dns_s, answer.times.connect_s, answer.times.answer_s):
        assert part is not None
        assert 0 <= part < 5


def test_a_private_certificate_is_refused_until_it_is_named(
    tls: ssl.SSLContext, certificate: str
) -> None:
    with serving(Target(tls=tls)) as (target,):
        url = f"wss://chat.example:{target.port}/ws"
        resolve = {f"chat.example:{target.port}": "127.0.0.1"}
        assert failure(url, resolve=resolve) == "tls"
        answer = asked(url, resolve=resolve, ca=certificate)
        other = {f"other.example:{target.port}": "127.0.0.1"}
        wrong = f"wss://other.example:{target.port}/ws"
        assert failure(wrong, resolve=other, ca=certificate) == "tls"
    assert answer.status == 101
    assert answer.times.tls_s is not None


def test_a_client_certificate_is_shown_where_one_is_asked_for(
    tls: ssl.SSLContext, certificate: str
) -> None:
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(certificate)
    with serving(Target(tls=tls)) as (target,):
        url = f"wss://chat.example:{target.port}/ws"
        reach = {"resolve": {f"chat.example:{target.port}": "127.0.0.1"}, "ca": certificate}
        assert asked(url, **reach).status is None
        assert asked(url, **reach, certificate=certificate).status == 101


def test_certificates_that_are_none_are_told(tmp_path: pathlib.Path) -> None:
    (tmp_path / "no.pem").write_text("nothing")
    for name in ("no.pem", "absent.pem"):
        with pytest.raises(UsageError, match="the certificates cannot be used"):
            Prober(Access(ca=str(tmp_path / name)))


def test_headers_are_sent_with_the_host_of_the_url_wherever_it_leads() -> None:
    heard: list[bytes] = []

    def listen(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def once() -> None:
            connection, _ = listener.accept()
            with connection:
                heard.append(connection.recv(4096))
                listen(connection)

        thread = threading.Thread(target=once)
        thread.start()
        port = listener.getsockname()[1]
        resolve = {f"chat.example:{port}": "127.0.0.1"}
        asked(f"ws://chat.example:{port}/a?b=c", resolve=resolve, headers=(("X-One", "1"),))
        thread.join(5)
    lines = heard[0].decode().split("\r\n")
    assert lines[0] == "GET /a?b=c HTTP/1.1"
    assert f"Host: chat.example:{port}" in lines
    assert "X-One: 1" in lines


def test_ipv6_and_unix_sockets_are_reached(tmp_path: pathlib.Path) -> None:
    def refuse(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n")

    with scripted(refuse, socket.AF_INET6) as port:
        answer = asked(f"ws://[::1]:{port}/ws")
        assert (answer.status, answer.peer) == (426, f"[::1]:{port}")
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()

        def once() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                refuse(connection)

        thread = threading.Thread(target=once)
        thread.start()
        assert asked("ws://chat.example/ws", unix=path).status == 426
        thread.join(5)


def test_nobody_there_is_told_apart_from_somebody_who_does_not_answer() -> None:
    with dead() as port:
        assert failure(f"ws://127.0.0.1:{port}/ws") == "connect"
        refused = asked(f"ws://127.0.0.1:{port}/ws").failure
        assert refused == Failure("connect", "Connection refused")
    assert failure("ws://name.invalid/ws") == "dns"
    assert failure("ws://a..b/ws") == "dns"
    with serving(Target(mute=True)) as (target,):
        assert failure(f"ws://127.0.0.1:{target.port}/ws", timeout_s=0.3) == "timeout"


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(200):
        connection.sendall(b"a")
        time.sleep(0.05)


def endless_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\n")
    for number in range(100_000):
        connection.sendall(b"X-%d: %s\r\n" % (number, b"a" * 1000))


@pytest.mark.parametrize(
    ("serve", "kind"),
    [
        (drip, "timeout"),
        (endless_headers, "malformed"),
        (lambda c: None, "closed"),
        (lambda c: c.sendall(b"+OK POP3 ready\r\n\r\n"), "malformed"),
        (lambda c: c.sendall(b"HTTP/1.1 101 Switching"), "closed"),
        (lambda c: c.sendall(b"HTTP/1.1 101 X\r\nBad Header\r\n\r\n"), "malformed"),
    ],
    ids=[
        "a byte now and then",
        "headers without end",
        "nothing",
        "POP3",
        "half a line",
        "no header",
    ],
)
def test_a_server_that_means_no_good_does_no_harm(serve: Callable, kind: str) -> None:
    started = time.monotonic()
    with scripted(serve) as port:
        assert failure(f"ws://127.0.0.1:{port}/ws", timeout_s=1.0) == kind
    assert time.monotonic() - started < 6


def test_a_101_that_nobody_asked_for_is_a_101() -> None:
    """Not even the HTTP library of a probe expects it."""

    class Eager(Target):
        def _answer(self, head: bytes) -> tuple[int | None, dict[str, str]]:
            return super()._answer(head) if b"Upgrade" in head else (101, {})

    with serving(Eager()) as (target,), Prober(Access(**FAST)) as prober:
        seen = checks.handshake(prober, f"ws://127.0.0.1:{target.port}/ws")
    assert seen.controls[0].kind is Kind.PLAIN
    assert (seen.controls[0].answer.status, seen.controls[0].answer.failure) == (101, None)
    service = Source("ws://h/", "live", None)
    told = [problem.message for _, problem in problems(Seen("x", seen), service, Profile())]
    assert told[0] == "a request without `Upgrade` is answered 101"


def test_of_an_endless_body_only_the_beginning_is_read() -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"a" * 10_000)

    with scripted(endless) as port:
        answer = asked(f"ws://127.0.0.1:{port}/ws")
    assert (answer.status, answer.body) == (200, "a" * 2000)


def test_an_answer_is_cut_at_every_byte_without_harm() -> None:
    whole = b"HTTP/1.1 426 No\r\nContent-Length: 0\r\n\r\n"
    for length in range(len(whole)):
        with scripted(lambda c, length=length: c.sendall(whole[:length])) as port:
            assert failure(f"ws://127.0.0.1:{port}/ws") in ("closed", "malformed", "reset")


def test_connections_are_made_no_faster_than_was_asked() -> None:
    with serving(Target()) as (target,), Prober(Access(rate=20)) as prober:
        started = time.monotonic()
        checks.handshake(prober, f"ws://127.0.0.1:{target.port}/ws")
        assert time.monotonic() - started >= 0.25  # six requests, five pauses


@pytest.mark.parametrize(
    "url", ["chat.example", "ftp://chat.example/", "ws://", "ws://[::1", "ws:///ws"]
)
def test_what_is_no_url_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError, match="is no URL"):
        asked(url)


def test_a_password_in_a_url_is_refused_and_not_shown() -> None:
    with pytest.raises(UsageError) as error:
        asked("wss://user:hunter2@chat.example/ws")
    assert "hunter2" not in str(error.value)
