"""The strict server forgives nothing, and has nothing to forgive lbcheck."""

import subprocess
import sys

import pytest
from msgspec.structs import replace

from lbcheck.probe import handshake
from lbcheck.probe.access import Access
from lbcheck.probe.handshake import new_key
from lbcheck.probe.live import Prober
from lbcheck.probe.plan import Plan, look
from tests.interop.installing import SERVERS
from tests.interop.servers.python.strict import LARGEST, Judge, opening
from tests.interop.serving import serving
from tests.interop.stacks import ALL

STRICT = replace(ALL[0], command=(sys.executable, "serve_rfc6455.py"))
KEY = "AQIDBAUGBwgJCgsMDQ4PEA=="
GOOD = (
    b"GET /ws HTTP/1.1\r\nHost: chat.example\r\nConnection: keep-alive, Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY.encode()
)


def frame(opcode: int, payload: bytes = b"", *, mask: bytes | None = b"\x01\x02\x03\x04") -> bytes:
    """A frame of a client, in the shortest form."""
    size = len(payload)
    head = bytes([opcode])
    bit = 0 if mask is None else 128
    if size < 126:
        head += bytes([bit | size])
    elif size < 65_536:
        head += bytes([bit | 126]) + size.to_bytes(2)
    else:
        head += bytes([bit | 127]) + size.to_bytes(8)
    if mask is None:
        return head + payload
    return head + mask + bytes(each ^ mask[at % 4] for at, each in enumerate(payload))


TEXT, BINARY, CLOSE, PING = 0x81, 0x82, 0x88, 0x89


def judged(*pieces: bytes) -> list[str]:
    judge = Judge()
    for piece in pieces:
        judge.take(piece)
    return judge.faults


def test_a_client_that_does_all_right_is_answered_in_kind() -> None:
    judge = Judge()
    assert judge.take(frame(TEXT, b"hello")) == b"\x81\x05hello"
    assert judge.take(frame(PING, b"you", mask=b"abcd")) == b"\x8a\x03you"
    assert judge.take(frame(CLOSE, b"\x03\xe8", mask=b"efgh")) == b"\x88\x02\x03\xe8"
    assert (judge.faults, judge.ended) == ([], True)


def test_frames_that_come_byte_by_byte_are_the_same() -> None:
    judge = Judge()
    data = frame(PING, b"hello") + frame(BINARY, b"x" * 300, mask=b"abcd") + frame(PING)
    answers = [judge.take(bytes([each])) for each in data]
    assert b"".join(answers)[:7] == b"\x8a\x05hello"
    assert judge.faults == ["a masking key was used before"]


@pytest.mark.parametrize(
    ("pieces", "fault"),
    [
        ([frame(TEXT, b"hello", mask=None)], "server received unexpected unmasked frame"),
        ([frame(TEXT, b"a"), frame(TEXT, b"b")], "a masking key was used before"),
        ([frame(BINARY, b"x" * (LARGEST + 1))], f"a frame of more than {LARGEST} bytes"),
        ([frame(CLOSE, (1006).to_bytes(2))], "remote CLOSE with local-only reason"),
        ([frame(CLOSE, b"\x03")], "CLOSE with 1 byte payload"),
        ([frame(CLOSE, (1016).to_bytes(2))], "CLOSE with unknown reserved code"),
        ([frame(CLOSE), b"more"], "bytes after the close frame"),
    ],
)
def test_each_fault_of_a_frame_is_told(pieces: list[bytes], fault: str) -> None:
    assert judged(*pieces) == [fault]


@pytest.mark.parametrize(
    "data",
    [
        frame(PING, b"x" * 126),
        frame(0x09, b"in two parts"),
        frame(0xC1, b"a reserved bit"),
        frame(0x83, b"a reserved opcode"),
        frame(TEXT, b"\xff\xfe"),
        bytes([TEXT, 128 | 126, 0, 5]) + b"abcd" + b"short",
    ],
    ids=["a long ping", "a ping in parts", "RSV", "opcode 3", "no UTF-8", "a long length"],
)
def test_what_is_no_frame_is_a_fault_and_refused_with_1002(data: bytes) -> None:
    judge = Judge()
    answer = judge.take(data)
    assert len(judge.faults) == 1
    assert answer[:1] + answer[2:4] == b"\x88\x03\xea"
    assert judge.ended


def test_a_proper_handshake_has_no_faults() -> None:
    assert opening(GOOD, set())[1] == []


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        (b"GET ", b"POST ", "the first line is no `GET /... HTTP/1.1`"),
        (b"HTTP/1.1", b"HTTP/1.0", "the first line is no `GET /... HTTP/1.1`"),
        (b"Host: chat.example\r\n", b"", "there is not one `Host`"),
        (b"Upgrade: websocket", b"Upgrade: h2c", "`Upgrade` does not say websocket"),
        (b"keep-alive, Upgrade", b"close", "`Connection` does not say Upgrade"),
        (b"Version: 13", b"Version: 8", "`Sec-WebSocket-Version` is not 13"),
        (b"AQID", b"", "there is not one `Sec-WebSocket-Key` of 16 bytes"),
        (b"AQID", b"****", "there is not one `Sec-WebSocket-Key` of 16 bytes"),
        (b"Upgrade: w", b"Content-Length: 0\r\nUpgrade: w", "a handshake has no body"),
        (b"Host:", b"Host :", "b'Host : chat.example' is no header"),
    ],
)
def test_each_fault_of_a_handshake_is_told(was: bytes, becomes: bytes, fault: str) -> None:
    assert was in GOOD
    assert fault in opening(GOOD.replace(was, becomes, 1), set())[1]


def test_a_key_is_used_once() -> None:
    known: set[str] = set()
    opening(GOOD, known)
    assert opening(GOOD, known)[1] == ["`Sec-WebSocket-Key` was used before"]
    assert opening(GOOD.replace(KEY.encode(), new_key().encode()), known)[1] == []


def test_the_whole_probe_holds_to_rfc_6455() -> None:
    with serving(STRICT, graceful=False, folder=SERVERS) as server, Prober(Access(rate=100)) as at:
        url = server.url("/ws")
        seen = look(at, url, url, "chat.example", Plan(window_s=0.8, pings_s=(0.1, 0.3)))
    assert seen.handshake.good
    assert seen.ladder is not None
    assert [rung.survived for rung in seen.ladder.rungs] == [True, True, True]
    assert seen.ladder.rungs[1].pongs >= 2
    assert server.lines == []


def test_a_client_that_does_wrong_is_told_of() -> None:
    with (
        serving(STRICT, graceful=False, folder=SERVERS) as server,
        Prober(Access(rate=100)) as at,
        at.hold(server.url("/ws"), handshake.opening(new_key())) as (_, line),
    ):
        assert line is not None
        line.send(frame(TEXT, b"hello", mask=None))
        assert line.receive(5.0) == b"\x88\x02\x03\xea"
    assert server.lines == ["fault: server received unexpected unmasked frame"]


def test_a_server_ends_when_nobody_wants_it_any_longer() -> None:
    with serving(STRICT, graceful=False, folder=SERVERS) as server:
        assert server.process.stdin is not None
        server.process.stdin.close()
        assert server.process.wait(5) == 70
    with (
        pytest.raises(subprocess.TimeoutExpired),
        serving(STRICT, graceful=True, folder=SERVERS) as other,
    ):
        other.process.wait(0.3)
