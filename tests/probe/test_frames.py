"""The conversation after the 101, byte by byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Ping, Pong, TextMessage

from lbcheck.probe.frames import End, How, Talk


def server() -> Connection:
    return Connection(ConnectionType.SERVER)


def heard(data: bytes) -> list[object]:
    peer = server()
    peer.receive_data(data)
    return list(peer.events())


def test_a_ping_of_the_server_is_answered_with_its_own_payload() -> None:
    talk = Talk()
    assert heard(talk.take(server().send(Ping(payload=b"abc")))) == [Pong(payload=b"abc")]
    assert (talk.pings, talk.pongs, talk.end) == (1, 0, None)


def test_a_ping_of_our_own_is_masked_and_its_pong_is_counted() -> None:
    talk = Talk()
    sent = talk.ping()
    assert sent[1] & 0x80
    assert heard(sent) == [Ping(payload=b"lbcheck")]
    talk.take(server().send(Pong(payload=b"lbcheck")))
    assert talk.pongs == 1


def test_a_close_frame_ends_it_with_its_code_and_is_answered() -> None:
    talk = Talk()
    answer = talk.take(server().send(CloseConnection(code=1001, reason="leaving")))
    assert talk.end == End(How.CLOSE_FRAME, 1001, "leaving")
    assert talk.end.words == "a close frame (1001)"
    assert [type(event) for event in heard(answer)] == [CloseConnection]


def test_a_close_frame_without_a_code_is_1005() -> None:
    talk = Talk()
    talk.take(b"\x88\x00")
    assert talk.end == End(How.CLOSE_FRAME, 1005)


@pytest.mark.parametrize(
    "data",
    [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x83\x00", b"\x89\x7e\x01\x00", b"\xf1\x00",
     b"\x81\x81\x00\x00\x00\x00a"],
    ids=["HTTP", "unknown opcode", "long ping", "reserved bits", "masked by the server"],
)  # fmt: skip
def test_what_is_no_frame_is_garbage_and_no_close_frame(data: bytes) -> None:
    talk = Talk()
    assert talk.take(data) == b""
    assert talk.end is not None
    assert talk.end.how is How.GARBAGE


def test_nothing_is_said_after_the_end() -> None:
    talk = Talk()
    talk.take(b"\x88\x00")
    assert (talk.take(b"\x89\x00"), talk.ping(), talk.goodbye()) == (b"", b"", b"")


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_any_bytes_in_any_pieces_do_no_harm(pieces: list[bytes]) -> None:
    talk = Talk()
    for piece in pieces:
        talk.take(piece)
    assert talk.end is None or talk.end.how in (How.CLOSE_FRAME, How.GARBAGE)


FRAMES = st.lists(
    st.sampled_from([Ping(payload=b"x"), Pong(payload=b"y"), TextMessage(data="hello")]), max_size=6
)


@given(FRAMES, st.data())
def test_frames_are_understood_wherever_they_are_cut(frames: list, data: st.DataObject) -> None:
    peer = server()
    sent = b"".join(peer.send(frame) for frame in frames) + peer.send(CloseConnection(code=1012))
    at = data.draw(st.integers(0, len(sent)))
    talk = Talk()
    talk.take(sent[:at])
    talk.take(sent[at:])
    assert talk.pings == sum(isinstance(frame, Ping) for frame in frames)
    assert talk.pongs == sum(isinstance(frame, Pong) for frame in frames)
    assert talk.end == End(How.CLOSE_FRAME, 1012)
