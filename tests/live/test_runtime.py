"""The state of targets asked of real HAProxy processes, and what it means for WebSockets."""

import pathlib
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from lbcheck.audit import Report
from lbcheck.lab.target import Target, serving
from lbcheck.run import Options, run
from lbcheck.runtime.where import parsed
from tests import binaries
from tests.live.proxies import Client, dead_port, free_port, running

CONFIG = """\
global
    hard-stop-after 30m
    stats socket /tmp/admin.sock mode 600 level admin
    stats socket ipv4@127.0.0.1:9002 level user
defaults
    mode http
    option redispatch
    timeout connect 2s
    timeout client 5s
    timeout server 5s
    timeout tunnel 1h
frontend edge
    bind 127.0.0.1:8080
    use_backend ws_chat
backend ws_chat
    cookie NODE insert indirect nocache
    option httpchk GET /readyz
    http-check disable-on-404
    retry-on 503 conn-failure
    server a 127.0.0.1:9000 check inter 100ms rise 1 fall 1 cookie a
    server b 127.0.0.1:9001 check inter 100ms rise 1 fall 1 cookie b
listen stats
    bind 127.0.0.1:9003
    stats enable
    stats uri /stats
    stats auth admin:sesame
"""


class Process:
    """A HAProxy with two targets, and the ways to ask it."""

    def __init__(self, folder: pathlib.Path, ports: dict[int, int], port: int) -> None:
        self.folder = folder
        self.port = port
        self.ways = (
            f"haproxy=unix:{folder}/admin.sock",
            f"haproxy=tcp:127.0.0.1:{ports[9002]}",
            f"haproxy=http://admin:sesame@127.0.0.1:{ports[9003]}/stats;csv",
        )
        self.stranger = f"haproxy=http://admin:wrong@127.0.0.1:{ports[9003]}/stats;csv"

    def order(self, command: str) -> None:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(f"{self.folder}/admin.sock")
            connection.sendall(f"{command}\n".encode())
            assert connection.recv(1000).strip() == b""

    def audit(self, way: str) -> Report:
        where = parsed(way)
        assert where is not None
        path = self.folder / "edge.cfg"
        path.write_text(CONFIG)
        return run([str(path)], Options(processes=(where,), select=("LB401", "LB402", "LB408")))

    def found(self, way: str) -> list[tuple[str, str | None]]:
        return [(f.code, f.location.resource) for f in self.audit(way).findings]

    def settled(self, way: str, wanted: list[tuple[str, str | None]]) -> bool:
        """Is this found before long? A check needs its time."""
        end = time.monotonic() + 5
        while time.monotonic() < end:
            if self.found(way) == wanted:
                return True
            time.sleep(0.1)
        return False


@pytest.fixture(params=binaries.haproxy(), ids=lambda proxy: proxy.text)
def proxy(request: pytest.FixtureRequest) -> binaries.Haproxy:
    return request.param


@pytest.fixture
def targets() -> Iterator[tuple[Target, Target]]:
    with serving(Target("a"), Target("b")) as (a, b):
        yield a, b


@pytest.fixture
def process(
    proxy: binaries.Haproxy, targets: tuple[Target, Target], tmp_path: pathlib.Path
) -> Iterator[Process]:
    a, b = targets
    ports = {9000: a.port, 9001: b.port, 9002: free_port(), 9003: free_port()}
    with running(proxy, CONFIG, tmp_path, ports) as port:
        yield Process(tmp_path, ports, port)


# `disable-on-404` with a cookie is LB408 by itself, running or not.
WRITTEN: list[tuple[str, str | None]] = [("LB408", None)]


def test_every_way_of_asking_tells_the_same(process: Process) -> None:
    for way in process.ways:
        assert process.settled(way, WRITTEN), process.found(way)
    process.order("set server ws_chat/a state maint")
    process.order("set server ws_chat/b state drain")
    for way in process.ways:
        assert process.found(way) == [*WRITTEN, ("LB401", "ws_chat/a"), ("LB408", "ws_chat/b")]


def test_a_drained_target_still_gets_its_clients_and_one_in_maintenance_does_not(
    process: Process,
) -> None:
    way = process.ways[0]
    assert process.settled(way, WRITTEN)
    process.order("set server ws_chat/a state drain")
    assert process.found(way) == [*WRITTEN, ("LB408", "ws_chat/a")]
    assert node(process, "NODE=a") == "a"
    process.order("set server ws_chat/a state maint")
    assert process.found(way) == WRITTEN
    assert node(process, "NODE=a") == "b"


def node(process: Process, cookie: str) -> str | None:
    """The target that takes a handshake with a cookie."""
    with Client(process.port, cookie=cookie) as client:
        status, headers = client.answer()
    assert status == 101
    return headers.get("x-node")


def test_a_target_that_answers_404_to_its_check_drains(
    process: Process, targets: tuple[Target, Target]
) -> None:
    assert process.settled(process.ways[0], WRITTEN)
    targets[0].ready = 404
    assert process.settled(process.ways[0], [*WRITTEN, ("LB408", "ws_chat/a")])


def test_weight_0_at_run_time_drains(process: Process) -> None:
    process.order("set server ws_chat/a weight 0")
    assert process.settled(process.ways[0], [*WRITTEN, ("LB408", "ws_chat/a")])


def test_targets_that_fail_their_check_are_no_targets(
    process: Process, targets: tuple[Target, Target]
) -> None:
    for target in targets:
        target.ready = 500
    assert process.settled(process.ways[2], [("LB402", None), *WRITTEN])
    with Client(process.port) as client:
        assert client.answer()[0] == 503


def test_a_dead_server_beside_a_live_one_is_no_finding(
    proxy: binaries.Haproxy, tmp_path: pathlib.Path
) -> None:
    with serving(Target("a")) as (a,), dead_port() as nobody:
        ports = {9000: a.port, 9001: nobody, 9002: free_port(), 9003: free_port()}
        with running(proxy, CONFIG, tmp_path, ports) as port:
            assert Process(tmp_path, ports, port).settled(
                f"haproxy=unix:{tmp_path}/admin.sock", WRITTEN
            )


@pytest.mark.parametrize(
    ("way", "told"),
    [
        (lambda p: p.stranger, "it is answered 401: credentials are asked for"),
        (lambda p: p.ways[2].replace(";csv", ""), ""),
        (lambda p: f"haproxy=http://127.0.0.1:{p.port}/;csv", "it is answered 426"),
        (lambda p: f"haproxy=tcp:127.0.0.1:{p.port}", "the answer is no table of statistics"),
    ],
)
def test_who_refuses_to_tell_is_not_read(
    process: Process, way: Callable[[Process], str], told: str
) -> None:
    report = process.audit(way(process))
    assert report.complete is (told == "")
    refusals = [t.message for source in report.sources for t in source.troubles]
    assert [refusal.startswith(f"cannot be asked: {told}") for refusal in refusals] == [True] * (
        told != ""
    )
    assert "sesame" not in str(refusals)
