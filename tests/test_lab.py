"""The laboratory's own client and targets, face to face: what experiments rely on."""

import socket
import struct
import threading

import pytest

from lbcheck.lab import report
from lbcheck.lab.client import PING, TEXT, Client, accepted
from lbcheck.lab.names import Names
from lbcheck.lab.proxy import free_port
from lbcheck.lab.target import Target, dead, serving, silent


def test_a_target_takes_a_handshake_names_itself_and_echoes() -> None:
    with serving(Target("a")) as (target,), Client(target.port) as client:
        status, headers = client.answer()
        assert (status, headers["x-node"], accepted(headers)) == (101, "a", True)
        assert client.echoes()
        assert client.end(0.1) is None


@pytest.mark.parametrize(
    ("manners", "connection", "status"),
    [
        ({"takes": False}, "Upgrade", 503),
        ({"host": "another.example"}, "Upgrade", 403),
        ({"pages": True}, "Upgrade", 200),
        ({"mute": True}, "Upgrade", None),
        ({"drops_plain": True}, "", None),
        ({}, "", 426),
        ({}, "close", 426),
    ],
)
def test_the_manners_of_a_target_decide_its_answer(
    manners: dict[str, object], connection: str, status: int | None
) -> None:
    with (
        serving(Target(**manners)) as (target,),
        Client(target.port, connection=connection) as client,
    ):
        assert client.answer(0.3)[0] == status


def test_the_health_path_has_an_answer_of_its_own_that_may_change() -> None:
    with serving(Target(takes=False)) as (target,):
        for ready in (200, 404):
            target.ready = ready
            with Client(target.port, "/readyz", connection="") as client:
                assert client.answer()[0] == ready


def test_a_manner_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TypeError, match="targets have no mood"):
        Target(mood="bad")


@pytest.mark.parametrize("manner", ["pings_every_s", "tells_every_s"])
def test_a_target_that_speaks_by_itself_leaves_no_silence(manner: str) -> None:
    with serving(Target(**{manner: 0.1})) as (target,), Client(target.port) as client:
        assert client.answer()[0] == 101
        assert not client.ends_within(0.5, PING)


def test_a_close_frame_is_told_with_its_code() -> None:
    with serving(Target(closes_with=1012)) as (target,), Client(target.port) as client:
        assert client.answer()[0] == 101
        end = client.end(2)
        assert end is not None
        assert end.how == "close 1012"
        assert end.after_s < 2


@pytest.mark.parametrize(("linger", "how"), [(None, "FIN"), (struct.pack("ii", 1, 0), "RST")])
def test_an_orderly_end_is_no_reset(linger: bytes | None, how: str) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        Client(listener.getsockname()[1]) as client,
    ):
        connection, _ = listener.accept()
        connection.recv(4096)
        if linger is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.close()
        end = client.end(2)
        assert end is not None
        assert end.how == how


def test_a_target_that_only_listens_says_nothing() -> None:
    with serving(Target(echoes=False)) as (target,), Client(target.port) as client:
        assert client.answer()[0] == 101
        assert not client.echoes()
        assert not client.ends_within(0.3, TEXT)


def test_a_dead_port_refuses_and_a_silent_one_does_not_answer() -> None:
    with dead() as port, pytest.raises(ConnectionRefusedError):
        Client(port)
    with silent() as port, pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", port), 0.3)


def test_no_port_is_given_out_twice() -> None:
    ports: list[int] = []
    threads = [
        threading.Thread(target=lambda: ports.extend(free_port() for _ in range(20)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ports)) == 80


def test_a_name_moves_when_it_is_told_to() -> None:
    names = Names("127.0.0.1")
    query = b"\x12\x34\x01\0\0\x01" + b"\0" * 6 + b"\x04chat\x07example\0" + b"\0\x01\0\x01"
    assert names.answer(query).endswith(b"\x7f\0\0\x01")
    names.address = "127.0.0.2"
    assert names.answer(query).endswith(b"\x7f\0\0\x02")
    assert names.answer(query[:-3] + b"\x1c" + query[-2:])[6:8] == b"\0\0"  # no AAAA


def test_a_chosen_port_is_kept_for_the_proxy_that_will_listen_there() -> None:
    port = free_port()
    with socket.socket() as elsewhere, pytest.raises(OSError, match="Address already in use"):
        elsewhere.bind(("127.0.0.1", port))
    with socket.create_server(("127.0.0.1", port)) as proxy:  # asks to reuse it, as proxies do
        assert proxy.getsockname()[1] == port


@pytest.mark.parametrize(("ran", "told"), [(0, "0 experiments"), (1, "1 experiment")])
def test_one_experiment_is_one(ran: int, told: str) -> None:
    assert report.summary(ran, 0, ()) == f"\n{told}, 0 not as described; proxies: none found\n"
