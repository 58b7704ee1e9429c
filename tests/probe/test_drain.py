"""Drain rehearsals with real sockets: who is sent away, comes back, and means no good."""

import gc
import pathlib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest

from lbcheck.errors import UsageError
from lbcheck.lab.client import accept_key
from lbcheck.lab.target import Target, serving
from lbcheck.probe import drain_command
from lbcheck.probe.access import Access
from lbcheck.probe.comeback import SOONEST_S, Comeback, Manner
from lbcheck.probe.drain import Drill, rehearse
from lbcheck.probe.frames import End, How
from lbcheck.probe.live import Prober
from lbcheck.probe.node import Node
from lbcheck.probe.rehearsal import Ran, Rehearsal
from tests.certificates import self_signed
from tests.probe.leaving import Leaving
from tests.probe.test_live import scripted

NODE = Node("X-Node")
QUICK = Comeback(base_s=0.1, cap_s=0.4)


def rehearsed(
    port: int,
    window_s: float = 1.0,
    clients: int = 4,
    ready: Callable[[], None] = lambda: None,
    **more: object,
) -> Rehearsal:
    """A rehearsal of quick clients; `ready` is called when all are held."""
    usual = {"rate": 1000, "comeback": QUICK, **more}
    drill = Drill(clients=clients, window_s=window_s, **usual)  # type: ignore[arg-type]
    with Prober(Access(rate=1000, timeout_s=2)) as prober:
        url = f"ws://127.0.0.1:{port}/ws"
        return rehearse(prober, url, drill, NODE, ready=lambda held: ready())


def test_clients_are_held_for_the_window_where_nobody_drains() -> None:
    with serving(Target("b")) as (target,):
        seen = rehearsed(target.port, window_s=0.6, ping_s=0.1)
    assert (seen.held, seen.ended, seen.returns) == ({"b": 4}, [], [])


def test_frames_of_one_tls_record_are_all_heard(tmp_path: pathlib.Path) -> None:
    """TLS decrypts a whole record: what is not taken of it no selector tells of."""
    path = tmp_path / "site.pem"
    path.write_bytes(self_signed("chat.example"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)

    class Talkative(Target):
        def _converse(self, connection: socket.socket) -> None:
            connection.sendall(b"\x82\x7e\x30\x00" + b"a" * 0x3000 + b"\x88\x02\x03\xe9")
            connection.recv(1000)
            time.sleep(3)

    with serving(Talkative(tls=context)) as (target,):
        host = f"chat.example:{target.port}"
        access = Access(rate=1000, ca=str(path), resolve={host: "127.0.0.1"})
        drill = Drill(2, rate=1000, window_s=0.5, comeback=Comeback(fatal_codes=(1001,)))
        with Prober(access) as prober:
            seen = rehearse(prober, f"wss://{host}/ws", drill, NODE)
    assert seen.ends == {End(How.CLOSE_FRAME, 1001): 2}


def test_where_nobody_is_held_nothing_is_drained(tmp_path: pathlib.Path) -> None:
    words = drain_command.parsed(f"touch {tmp_path}/drained")
    with serving(Target(takes=False)) as (target,):
        seen = rehearsed(target.port, 0.2, command=words)
    assert (seen.ran, seen.held.total(), list(tmp_path.iterdir())) == (None, 0, [])


def test_a_server_that_never_answers_holds_nobody_up() -> None:
    with serving(Target(mute=True)) as (target,):
        started = time.monotonic()
        seen = rehearsed(target.port, 0.2)
    assert [each.said for each in seen.firsts] == ["timeout"] * 4
    assert time.monotonic() - started < 8


def test_clients_are_opened_no_faster_than_the_rate() -> None:
    with serving(Target("b")) as (target,):
        started = time.monotonic()
        rehearsed(target.port, window_s=0.1, clients=6, rate=10)
        assert time.monotonic() - started >= 0.5


def test_those_sent_away_come_back_and_are_sent_away_again() -> None:
    with serving(Leaving()) as (target,):
        seen = rehearsed(target.port, ready=target.leave, window_s=1.5)
    assert seen.ends.keys() == {End(How.CLOSE_FRAME, 1001)}
    assert len(seen.landings) >= 4
    assert seen.left.keys() == {"a"}
    assert seen.away or len(seen.stayed) + len(seen.landings) == len(seen.returns)


def test_a_server_that_cuts_without_a_frame_is_seen_to() -> None:
    with serving(Leaving(frame=False, refuses=True)) as (target,):
        seen = rehearsed(target.port, ready=target.leave, window_s=1.2)
    assert seen.ends == {End(How.FIN): 4}
    assert seen.refusals.keys() == {503}
    assert (len(seen.away), seen.landings) == (4, [])


def test_after_a_fatal_code_clients_stay_away() -> None:
    with serving(Target(closes_with=1011)) as (target,):
        seen = rehearsed(target.port, window_s=0.5, comeback=Comeback(fatal_codes=(1011,)))
    assert (len(seen.away), seen.returns) == (4, [])


def test_nobody_comes_back_more_often_than_20_times_a_second() -> None:
    with serving(Target("a", closes_with=1001)) as (target,):
        seen = rehearsed(target.port, clients=1, comeback=Comeback(Manner.AT_ONCE))
    times = [attempt.at_s for attempt in seen.attempts]
    assert len(times) > 3
    assert min(b - a for a, b in pairwise(times)) >= SOONEST_S * 0.9


def test_who_gives_up_after_so_many_attempts_does() -> None:
    with serving(Leaving(refuses=True)) as (target,):
        seen = rehearsed(
            target.port, ready=target.leave, clients=1, comeback=Comeback(base_s=0.01, attempts=2)
        )
    assert [attempt.said for attempt in seen.attempts] == [101, 503, 503]


def test_a_health_endpoint_that_says_no_keeps_clients_away() -> None:
    with serving(Leaving()) as (target,):
        health = Comeback(Manner.HEALTH, 0.1, 2, 0.2)
        seen = rehearsed(target.port, ready=target.leave, health="/healthz", comeback=health)
    assert [attempt.healthy for attempt in seen.returns] == [False] * len(seen.returns)
    assert {attempt.said for attempt in seen.returns} == {"health"}
    assert seen.refusals == {}


def test_the_drain_command_runs_without_a_shell_when_all_are_held() -> None:
    held: list[int] = []
    words = drain_command.parsed("echo '$(id); now'")
    with serving(Target("b")) as (target,), Prober(Access(rate=1000)) as prober:
        drill = Drill(clients=3, rate=1000, window_s=0.5, command=words)
        url = f"ws://127.0.0.1:{target.port}/ws"
        seen = rehearse(prober, url, drill, NODE, ready=held.append)
    assert (held, seen.ran) == ([3], Ran("echo", 0, "$(id); now\n"))


@pytest.mark.parametrize("text", ["", "no-such-program-here x", "echo 'open"])
def test_a_command_that_cannot_run_is_told_before_anything_is_held(text: str) -> None:
    with pytest.raises(UsageError, match="--drain-command"):
        drain_command.parsed(text)


def test_a_command_that_outlasts_the_window_goes_on() -> None:
    with serving(Target("b")) as (target,):
        seen = rehearsed(target.port, 0.1, 1, command=drain_command.parsed("sleep 0.5"))
    assert seen.ran == Ran("sleep", None)


OPENED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: %s\r\n\r\n"
)


@contextmanager
def saying(after: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server whose handshakes are right, and what follows is not."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(OPENED % accept_key("").encode())
        after(connection)

    with scripted(serve) as port:
        yield port


def flood(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"\x82\x7e\xff\xff" + b"a" * 65_535)


def pings_without_end(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"\x89\x00" * 10_000)


def huge_frame(connection: socket.socket) -> None:
    connection.sendall(b"\x82\x7f\x7f" + b"\xff" * 7)
    for _ in range(100_000):
        connection.sendall(b"a" * 1000)


def garbage(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")


@pytest.mark.parametrize("after", [flood, pings_without_end, huge_frame, garbage])
def test_a_server_that_means_no_good_does_not_outlast_the_window(
    after: Callable[[socket.socket], None],
) -> None:
    started = time.monotonic()
    with saying(after) as port:
        seen = rehearsed(port, window_s=0.5)
    assert time.monotonic() - started < 10
    assert seen.held.total() == 4
    if after is garbage:
        assert {end.how for end in seen.ends} == {How.GARBAGE}


def test_a_connection_is_cut_at_every_byte_without_harm() -> None:
    whole = OPENED % accept_key("").encode() + b"\x89\x02hi\x88\x02\x03\xe9"
    lengths = iter(range(len(whole) + 1))
    lock = threading.Lock()

    def serve(connection: socket.socket) -> None:
        with lock:
            length = next(lengths, 0)
        connection.sendall(whole[:length])

    with scripted(serve) as port:
        seen = rehearsed(port, 0.3, len(whole) + 1, comeback=Comeback(cap_s=1e6, base_s=1e6))
    assert len(seen.firsts) == len(whole) + 1
    head = whole.index(b"\r\n\r\n") + 4
    assert seen.held.total() == len(whole) + 1 - head
    assert seen.ends[End(How.CLOSE_FRAME, 1001)] == 1
    assert seen.ends.total() == seen.held.total()


@pytest.fixture
def quiet() -> Iterator[int]:
    command = [sys.executable, "-m", "tests.probe.quiet_server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        server.kill()


def resident_kb() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4


def test_a_thousand_are_held_in_25_kb_each_and_cost_no_cpu(quiet: int) -> None:
    url, drill = f"ws://127.0.0.1:{quiet}/ws", Drill(1000, rate=1000, window_s=3.0, ping_s=60.0)
    at: dict[str, float] = {}

    def ready(held: int) -> None:
        gc.collect()
        at.update(held=held, kb=resident_kb(), began=time.monotonic(), cpu=time.process_time())

    with Prober(Access(rate=1000, connections=1000)) as prober:
        rehearse(prober, url, Drill(20, rate=1000, window_s=0.1), NODE)  # everything is imported
        gc.collect()
        before = resident_kb()
        seen = rehearse(
            prober, url, drill, NODE, ready=ready,
            shown=lambda passed_s: at.update(spent=time.process_time(), now=time.monotonic()),
        )  # fmt: skip
    assert (seen.held, at["held"], seen.ended) == ({"a": 1000}, 1000, [])
    assert (at["kb"] - before) / 1000 <= 25
    assert (at["spent"] - at["cpu"]) / (at["now"] - at["began"]) < 0.01
