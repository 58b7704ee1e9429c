"""The faults of LB4xx on real proxies: where new handshakes go, and when open sockets are cut."""

import contextlib
import pathlib
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from lbcheck.model import Vendor
from lbcheck.rule import Example
from lbcheck.rules import BY_CODE
from tests import binaries
from tests.binaries import Haproxy, Nginx
from tests.live.proxies import Client, free_port, running
from tests.live.targets import dead, handshake, names, node, statuses

CHECKED_S = 0.7
"""After this time the fast checks of these tests have taken out what fails them."""

haproxies = pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda each: each.text)
nginxes = pytest.mark.parametrize("nginx", binaries.nginx(), ids=lambda each: each.text)


def example(code: str, vendor: Vendor, number: int = 0) -> Example:
    return [each for each in BY_CODE[code].examples if each.vendor is vendor][number]


def fast(config: str) -> str:
    config = config.replace(
        "defaults\n", "defaults\n    default-server inter 100ms fall 1 rise 1\n", 1
    )
    return config.replace("connect 3s", "connect 300ms")


def impatient(config: str) -> str:
    """Without redispatch and retries, which only delay what happens."""
    return config.replace("    option redispatch\n", "    retries 0\n")


@nginxes
def test_nginx_answers_502_when_every_peer_is_down(nginx: Nginx, tmp_path: pathlib.Path) -> None:
    shown = example("LB401", Vendor.NGINX)
    with node("a") as a, node("b") as b:
        ports = {9001: a.port, 9002: b.port}
        with running(nginx, shown.bad, tmp_path, ports) as port:
            assert statuses(port, 2) == [502, 502]
        with running(nginx, shown.good, tmp_path, ports) as port:
            assert statuses(port, 2) == [101, 101]


@haproxies
@pytest.mark.parametrize("code", ["LB401", "LB402"])
def test_haproxy_answers_503_when_no_server_takes_connections(
    haproxy: Haproxy, tmp_path: pathlib.Path, code: str
) -> None:
    shown = example(code, Vendor.HAPROXY)
    with node("a") as a, node("b") as b:
        ports = {9001: a.port, 9002: b.port}
        with running(haproxy, shown.bad, tmp_path, ports) as port:
            assert statuses(port, 2) == [503, 503]
        with running(haproxy, shown.good, tmp_path, ports) as port:
            assert statuses(port, 2) == [101, 101]


@haproxies
def test_a_cookie_leads_back_to_a_server_that_drains_by_404(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    shown = example("LB408", Vendor.HAPROXY)
    for config, wanted in ((shown.bad, {"a"}), (shown.good, {"b"})):
        with node("a") as a, node("b") as b:
            a.ready = 404
            with running(haproxy, fast(config), tmp_path, {9001: a.port, 9002: b.port}) as port:
                time.sleep(CHECKED_S)
                seen = {handshake(port, "NODE=a")[1]["x-node"] for _ in range(4)}
                assert seen == wanted


def test_a_sticky_cookie_leads_back_to_a_draining_peer_of_nginx(tmp_path: pathlib.Path) -> None:
    shown = example("LB408", Vendor.NGINX)
    (nginx,) = [each for each in binaries.nginx() if each.version >= shown.since][:1]
    with node("a") as a, node("b") as b:
        ports = {9001: a.port, 9002: b.port, 9003: b.port}
        with running(nginx, shown.bad.replace(" drain;", ";"), tmp_path, ports) as port:
            answers = [handshake(port)[1] for _ in range(4)]
        cookie = next(h["set-cookie"].split(";")[0] for h in answers if h["x-node"] == "a")
        for config, wanted in ((shown.bad, {"a"}), (shown.good, {"b"})):
            with running(nginx, config, tmp_path, ports) as port:
                assert {handshake(port, cookie)[1]["x-node"] for _ in range(4)} == wanted


@haproxies
def test_persistence_to_a_dead_server_is_503_for_ever(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    """`option persist` with a server known to be dead; the cookie of one that nobody checks."""
    head, _, _ = example("LB409", Vendor.HAPROXY).good.partition("backend ws_chat\n")
    backend = (
        "backend ws_chat\n    cookie NODE insert\n    option httpchk GET /readyz\n"
        "    server a 127.0.0.1:9001 check cookie a\n    server b 127.0.0.1:9002 check cookie b\n"
    )
    unchecked = backend.replace("9001 check", "9001")
    bad = [impatient(head + backend + "    option persist\n"), impatient(head + unchecked)]
    with node("b") as b:
        ports = {9001: dead(), 9002: b.port}
        for config, wanted in ((bad[0], 503), (bad[1], 503), (impatient(head + backend), 101)):
            with running(haproxy, fast(config), tmp_path, ports) as port:
                time.sleep(CHECKED_S / 2)
                assert [handshake(port, "NODE=a")[0] for _ in range(3)] == [wanted] * 3


@nginxes
def test_nginx_hands_the_503_of_a_draining_peer_to_the_client_unless_told_to_retry(
    nginx: Nginx, tmp_path: pathlib.Path
) -> None:
    shown = example("LB410", Vendor.NGINX)
    with node("a") as a, node("b") as b:
        a.takes = False
        ports = {9001: a.port, 9002: b.port}
        with running(nginx, shown.bad, tmp_path, ports) as port:
            assert sorted(map(str, statuses(port, 6))) == ["101"] * 3 + ["503"] * 3
        with running(nginx, shown.good, tmp_path, ports) as port:
            assert statuses(port, 6) == [101] * 6


@haproxies
def test_haproxy_hands_the_503_of_a_draining_server_to_the_client_unless_told_to_retry(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    """The retry alone: the server's check still says yes."""
    shown = example("LB410", Vendor.HAPROXY)
    with node("a") as a, node("b") as b:
        a.takes = False
        ports = {9001: a.port, 9002: b.port}
        with running(haproxy, shown.bad, tmp_path, ports) as port:
            assert sorted(map(str, statuses(port, 6))) == ["101"] * 3 + ["503"] * 3
        with running(haproxy, shown.good, tmp_path, ports) as port:
            assert statuses(port, 6) == [101] * 6


@contextlib.contextmanager
def with_master(
    nginx: Nginx, config: str, folder: pathlib.Path, at: int
) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """nginx with a master process, which a reload needs; yields its port and itself."""
    port = free_port()
    for written, real in ((8080, port), (9001, at), (9002, at)):
        config = config.replace(f"127.0.0.1:{written}", f"127.0.0.1:{real}")
    for part in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        config = config.replace("http {", f"http {{ {part}_temp_path {folder}/{part};", 1)
    config = config.replace("# <- here", "")
    head = f"daemon off; pid {folder}/pid; error_log {folder}/error.log notice;\n"
    path = folder / "nginx.conf"
    path.write_text(head + config.replace("http {", "http { access_log off;", 1))
    process = subprocess.Popen(
        [nginx.path, "-p", str(folder), "-c", str(path)], stderr=subprocess.DEVNULL
    )
    try:
        yield wait_for(port), process
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int) -> int:
    for _ in range(150):
        try:
            statuses(port, 1)
            return port
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"nothing listens on {port}")


@nginxes
def test_a_reload_of_nginx_cuts_sockets_after_the_shutdown_timeout_or_never(
    nginx: Nginx, tmp_path: pathlib.Path
) -> None:
    short = example("LB412", Vendor.NGINX).bad.replace(" 5s;", " 500ms;")
    endless = example("LB413", Vendor.NGINX).bad
    for config, cut in ((short, True), (endless, False)):
        config = config.replace("# <- here", "")
        with (
            node("a") as a,
            with_master(nginx, config, tmp_path, a.port) as (port, master),
            Client(port) as client,
        ):
            assert client.answer()[0] == 101
            master.send_signal(signal.SIGHUP)
            assert client.closed_within(1.3) is cut


@haproxies
def test_a_soft_stop_of_haproxy_cuts_sockets_after_hard_stop_after_or_never(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    short = example("LB412", Vendor.HAPROXY).bad.replace(" 3s ", " 500ms ")
    endless = example("LB413", Vendor.HAPROXY).bad
    for config, cut in ((short, True), (endless, False)):
        with node("a") as a:
            assert cut_by_soft_stop(haproxy, config, tmp_path, a.port) is cut


def cut_by_soft_stop(haproxy: Haproxy, config: str, folder: pathlib.Path, at: int) -> bool:
    """SIGUSR1 is what `haproxy -sf` sends to the old process on a reload."""
    port = free_port()
    for written, real in ((8080, port), (9001, at), (9002, at)):
        config = config.replace(f"127.0.0.1:{written}", f"127.0.0.1:{real}")
    path = folder / "haproxy.cfg"
    path.write_text(config.replace("# <- here", ""))
    command = [haproxy.path, "-db", "-f", str(path)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=haproxy.environment
    )
    try:
        with Client(wait_for(port)) as client:
            assert client.answer()[0] == 101
            process.send_signal(signal.SIGUSR1)
            return client.closed_within(1.3)
    finally:
        process.kill()
        process.wait()


@nginxes
def test_a_variable_target_without_resolver_is_502_for_every_handshake(
    nginx: Nginx, tmp_path: pathlib.Path
) -> None:
    shown = example("LB419", Vendor.NGINX)
    with node("a") as a, names() as dns:
        bad = shown.bad.replace("$chat:9000", f"$chat:{a.port}")
        with with_master(nginx, bad, tmp_path, a.port) as (port, _):
            assert statuses(port, 2) == [502, 502]
        good = shown.good.replace("$chat:9000", f"$chat:{a.port}")
        good = good.replace("resolver 127.0.0.1 ", f"resolver 127.0.0.1:{dns} ")
        with with_master(nginx, good, tmp_path, a.port) as (port, _):
            assert statuses(port, 2) == [101, 101]
