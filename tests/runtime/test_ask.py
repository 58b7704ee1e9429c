"""Asking over HTTP and over sockets: what is refused, what breaks off, what has no end."""

import pathlib
import socket
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
from pytest_httpx import HTTPXMock, IteratorStream

from lbcheck.errors import UsageError
from lbcheck.model import Status
from lbcheck.runtime import ask
from lbcheck.runtime.ask import Asked
from lbcheck.runtime.where import parsed
from tests.probe.test_live import drip, scripted
from tests.runtime.test_haproxy import table
from tests.runtime.test_nginx_plus import upstreams

GOOD = table("chat,a,UP,1,0,2,,")


def asked(text: str, timeout_s: float = 5.0) -> Asked:
    where = parsed(text)
    assert where is not None
    return Asked(where, timeout_s)


def refusal(text: str, timeout_s: float = 5.0) -> str:
    made = asked(text, timeout_s)
    assert made.source.status is Status.UNREAD
    (trouble,) = made.source.troubles
    return trouble.message


def test_a_good_answer_is_read_and_credentials_are_sent_but_not_shown(
    httpx_mock: HTTPXMock,
) -> None:
    httpx_mock.add_response(text=GOOD)
    made = asked("haproxy=http://admin:sesame@127.0.0.1:8404/stats")
    request = httpx_mock.get_request()
    assert request is not None
    assert request.url.raw_path == b"/stats;csv"
    assert request.headers["authorization"] == "Basic YWRtaW46c2VzYW1l"
    assert made.source.name == "haproxy http://***@127.0.0.1:8404/stats"
    assert made.source.status is Status.READ
    assert [group.name for group in made.told.groups] == ["chat"]


@pytest.mark.parametrize("status", [204, 301, 401, 403, 404, 500, 503])
def test_every_other_status_is_a_refusal(httpx_mock: HTTPXMock, status: int) -> None:
    httpx_mock.add_response(status_code=status, text=GOOD)
    told = refusal("haproxy=http://admin:sesame@h/stats;csv")
    assert told.startswith(f"cannot be asked: it is answered {status}")
    assert ("credentials" in told) is (status in (401, 403))
    assert "sesame" not in told


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectError("no route to sesame"), "the connection is not taken"),
        (httpx.ReadTimeout("late"), "no whole answer in 5s"),
        (httpx.RemoteProtocolError("sesame"), "the answer breaks off, or is not HTTP"),
        (httpx.ReadError("sesame"), "the answer breaks off, or is not HTTP"),
    ],
)
def test_a_connection_that_fails_is_a_refusal_without_details(
    httpx_mock: HTTPXMock, error: Exception, words: str
) -> None:
    httpx_mock.add_exception(error)
    assert refusal("haproxy=http://h/stats;csv") == f"cannot be asked: {words}"


def test_a_page_that_is_no_table_is_a_refusal(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(html="<html>statistics\x1b[31m</html>")
    assert refusal("haproxy=http://h/stats") == (
        "cannot be asked: the answer is no table of statistics (CSV)"
    )


def test_an_answer_without_end_is_cut(
    httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask, "LARGEST", 3_000_000)

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 100_000

    httpx_mock.add_response(stream=IteratorStream(endless()))
    assert refusal("haproxy=http://h/stats") == "cannot be asked: the answer is longer than 3 MB"


def test_a_compressed_answer_is_not_unpacked(httpx_mock: HTTPXMock) -> None:
    packed = IteratorStream([b"\x1f\x8b" + b"x" * 99])
    httpx_mock.add_response(headers={"Content-Encoding": "gzip"}, stream=packed)
    assert "no table" in refusal("haproxy=http://h/stats")
    request = httpx_mock.get_request()
    assert request is not None
    assert request.headers["accept-encoding"] == "identity"


def test_the_api_of_nginx_plus_is_asked_for_its_versions_first(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url="http://h/api/", text="[1, 9]")
    httpx_mock.add_response(url="http://h/api/9/http/upstreams", text=upstreams("up"))
    made = asked("nginx-plus=http://h/api")
    assert [group.name for group in made.told.groups] == ["chat"]
    assert made.source.status is Status.READ


def test_a_page_that_drips_ends_in_time() -> None:
    with scripted(drip) as port:
        told = refusal(f"haproxy=http://127.0.0.1:{port}/stats", 0.5)
    assert told == "cannot be asked: no whole answer in 0.5s"


@pytest.mark.parametrize(
    ("serve", "told"),
    [
        (lambda c: c.sendall(b"Permission denied\n"), "no table of statistics (CSV)"),
        (lambda c: None, "no table of statistics (CSV)"),
        (drip, "no whole answer in 0.5s"),
    ],
)
def test_a_runtime_socket_that_tells_nothing_is_a_refusal(
    serve: Callable[[socket.socket], None], told: str
) -> None:
    with scripted(serve) as port:
        assert refusal(f"haproxy=tcp:127.0.0.1:{port}", 0.5).endswith(told)


def test_a_runtime_socket_is_asked_one_question(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "s")
    heard = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()

        def once() -> None:
            connection, _ = listener.accept()
            with connection:
                heard.append(connection.recv(100))
                connection.sendall(GOOD.encode())

        thread = threading.Thread(target=once)
        thread.start()
        made = asked(f"haproxy=unix:{path}")
        thread.join(5)
    assert heard == [b"show stat\n"]
    assert [group.name for group in made.told.groups] == ["chat"]


def test_a_socket_that_is_not_there_is_told(tmp_path: pathlib.Path) -> None:
    told = refusal(f"haproxy=unix:{tmp_path}/none")
    assert told == "cannot be asked: No such file or directory"


@pytest.mark.parametrize(
    "text",
    ["haproxy=tcp:a..b:99", "haproxy=http://a..b/s", "haproxy=http://h:99999/s",
     "haproxy=http://ex ample/s", "haproxy=http://[::1/s", "nginx-plus=http://h:x/api",
     "haproxy=tcp:name.invalid:99", "haproxy=http://%00/s", f"haproxy=unix:/{'x' * 300}"],
)  # fmt: skip
def test_an_address_that_leads_nowhere_is_a_refusal(text: str) -> None:
    assert refusal(text).startswith("cannot be asked: ")


@pytest.mark.parametrize(
    "text",
    ["haproxy=", "haproxy=/run/s", "haproxy=unix:s", "haproxy=http:", "haproxy=ftp://u:sesame@h/",
     "haproxy=tcp:h", "haproxy=tcp:h:70000", "haproxy=http://", "nginx-plus=unix:/run/s",
     "nginx-plus=tcp:h:1"],
)  # fmt: skip
def test_what_names_no_proxy_is_wrong_usage_and_tells_no_password(text: str) -> None:
    with pytest.raises(UsageError, match=r"--live (haproxy|nginx-plus)=...: write ") as raised:
        parsed(text)
    assert "sesame" not in str(raised.value)


def test_a_url_is_no_proxy() -> None:
    assert parsed("wss://chat.example/ws?haproxy=1") is None
