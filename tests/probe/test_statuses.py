"""Every status and malformed answer, from a server that is played (pytest-httpx)."""

from collections.abc import Callable, Iterator

import httpcore
import httpx
import pytest
from pytest_httpx import HTTPXMock
from wsproto.utilities import generate_accept_token

from lbcheck.probe import checks
from lbcheck.probe.access import Access
from lbcheck.probe.frames import End, How
from lbcheck.probe.handshake import opening
from lbcheck.probe.live import Prober
from lbcheck.probe.result import Handshake

URL = "ws://192.0.2.1/ws"


class Script:
    """A network stream that is read as written here: bytes or errors, then FIN."""

    def __init__(self, *reads: bytes | Exception) -> None:
        self.reads = list(reads)
        self.written = b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        read = self.reads.pop(0) if self.reads else b""
        if isinstance(read, Exception):
            raise read
        return read

    def write(self, data: bytes, timeout: float | None = None) -> None:
        self.written += data

    def close(self) -> None:
        pass


def switching(script: Script, accept: bytes | None = None) -> Callable:
    def answer(request: httpx.Request) -> httpx.Response:
        key = request.headers["Sec-WebSocket-Key"].encode()
        right = generate_accept_token(key)
        headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
        headers["Sec-WebSocket-Accept"] = (accept or right).decode()
        return httpx.Response(101, headers=headers, extensions={"network_stream": script})

    return answer


@pytest.fixture
def prober() -> Iterator[Prober]:
    with Prober(Access(rate=1000)) as made:
        yield made


def seen(prober: Prober) -> Handshake:
    return checks.handshake(prober, URL)


@pytest.mark.parametrize(
    "status", [200, 301, 400, 401, 403, 404, 405, 426, 429, 500, 502, 503, 504]
)
def test_a_status_other_than_101_is_the_answer_and_ends_the_questions(
    status: int, prober: Prober, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(status_code=status, text="said")
    found = seen(prober)
    assert (found.answer.status, found.answer.body, found.good) == (status, "said", False)
    assert found.diagnosis is not None
    assert len(httpx_mock.get_requests()) == 1


def test_the_request_says_who_asks_and_nothing_more_than_it_must(
    prober: Prober, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(status_code=426)
    seen(prober)
    (request,) = httpx_mock.get_requests()
    assert [name.decode() for name, _ in request.headers.raw] == [
        "Host", "User-Agent", "Connection", "Upgrade", "Sec-WebSocket-Version", "Sec-WebSocket-Key",
    ]  # fmt: skip
    assert request.headers["User-Agent"].startswith("lbcheck/")


def test_no_redirect_is_followed(prober: Prober, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=302, headers={"Location": "http://192.0.2.2/"})
    assert seen(prober).answer.values("location") == ["http://192.0.2.2/"]
    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.parametrize("location", ["http://[::bad", "https://h:port/", "//", "\\", "%zz"])
def test_a_redirect_to_what_is_no_url_is_a_redirect(
    location: str, prober: Prober, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(status_code=301, headers={"Location": location})
    found = seen(prober)
    assert (found.answer.status, found.answer.values("location")) == (301, [location])
    assert found.diagnosis is not None
    assert found.diagnosis.rules == ("LB108",)


def test_a_good_101_is_said_goodbye_to_and_asked_the_controls(
    prober: Prober, httpx_mock: HTTPXMock
) -> None:
    script = Script()

    def strict(request: httpx.Request) -> httpx.Response:
        whole = "Sec-WebSocket-Key" in request.headers and request.url.path == "/ws"
        if whole and request.headers["Sec-WebSocket-Version"] == "13":
            return switching(script)(request)
        return httpx.Response(400)

    httpx_mock.add_callback(strict, is_reusable=True)
    found = seen(prober)
    assert found.good
    assert [control.kind.value for control in found.controls] == [
        "without Upgrade", "version 12", "without a key", "foreign Origin", "random path",
    ]  # fmt: skip
    assert [control.answer.status for control in found.controls] == [400, 400, 400, 101, 400]
    assert script.written[:2] == b"\x88\x82"


def test_a_101_from_a_cache_has_the_accept_of_another_key(
    prober: Prober, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_callback(switching(Script(), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
    found = seen(prober)
    assert found.faults == (
        "`Sec-WebSocket-Accept` does not belong to the key: something answered from a cache",
    )
    assert found.controls == ()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("refused"), "connect"),
        (httpx.ConnectTimeout("slow"), "connect"),
        (httpx.ReadTimeout("slow"), "timeout"),
        (httpx.ReadError("reset"), "reset"),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), "closed"),
        (httpx.RemoteProtocolError("illegal status line"), "malformed"),
    ],
)
def test_what_prevents_an_answer_is_told_apart(
    error: Exception, kind: str, prober: Prober, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_exception(error)
    found = seen(prober)
    assert found.answer.failure is not None
    assert (found.answer.failure.kind, found.answer.status) == (kind, None)


def reset() -> httpcore.ReadError:
    error = httpcore.ReadError("reset")
    error.__cause__ = ConnectionResetError()
    return error


@pytest.mark.parametrize(
    ("script", "heard"),
    [
        (Script(b"\x89\x00"), b"\x89\x00"),
        (Script(), End(How.FIN)),
        (Script(reset()), End(How.RST)),
        (Script(httpcore.ReadTimeout()), None),
    ],
)
def test_on_the_line_data_and_its_ends_are_told_apart(
    script: Script, heard: object, prober: Prober, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_callback(switching(script))
    with prober.hold(URL, opening("dGhlIHNhbXBsZSBub25jZQ==")) as (answer, line):
        assert answer.status == 101
        assert line is not None
        assert line.receive(0.1) == heard
