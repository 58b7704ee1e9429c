"""What happens to sockets and handshakes when a HAProxy server dies, falls ill or comes back."""

import contextlib
import pathlib
import time
from collections.abc import Callable

import pytest

from lbcheck.model import Vendor
from lbcheck.rule import Example
from lbcheck.rules import BY_CODE
from tests import binaries
from tests.binaries import Haproxy
from tests.live.proxies import Client, running
from tests.live.targets import Node, dead, node, statuses

CHECKED_S = 0.7
"""After this time the fast checks of these tests have taken out what fails them."""

haproxies = pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda each: each.text)


def example(code: str, number: int = 0) -> Example:
    return [each for each in BY_CODE[code].examples if each.vendor is Vendor.HAPROXY][number]


def fast(config: str) -> str:
    """Checks every 100 ms, and no retry hides what happens."""
    return config.replace(
        "    option redispatch\n", "    retries 0\n    default-server inter 100ms rise 1\n", 1
    ).replace("connect 3s", "connect 300ms")


@haproxies
@pytest.mark.parametrize("number", [0, 1])
def test_a_backup_is_not_used_where_the_dead_primary_counts_as_alive(
    haproxy: Haproxy, tmp_path: pathlib.Path, number: int
) -> None:
    """Nor is a backup that is out itself."""
    shown = example("LB417", number)
    with node("b") as b:
        for config, wanted in ((shown.bad, 503), (shown.good, 101)):
            with running(haproxy, fast(config), tmp_path, {9001: dead(), 9002: b.port}) as port:
                time.sleep(CHECKED_S)
                assert statuses(port, 3) == [wanted] * 3


@haproxies
@pytest.mark.parametrize("primary", ["check", "disabled", "weight 0"])
def test_a_backup_takes_over_from_a_primary_that_can_be_out(
    haproxy: Haproxy, tmp_path: pathlib.Path, primary: str
) -> None:
    config = example("LB417").good.replace("9001 check", f"9001 {primary}")
    with (
        node("b") as b,
        running(haproxy, fast(config), tmp_path, {9001: dead(), 9002: b.port}) as port,
    ):
        time.sleep(CHECKED_S)
        assert statuses(port, 3) == [101] * 3


def cut_of(
    haproxy: Haproxy, config: str, folder: pathlib.Path, fall_ill: Callable[[Node], None]
) -> dict[str | None, set[bool]]:
    """Whether WebSockets were cut, by the server they were on, when something happened to `a`."""
    with contextlib.ExitStack() as stack:
        a, b = stack.enter_context(node("a")), stack.enter_context(node("b"))
        ports = {9001: a.port, 9002: b.port}
        port = stack.enter_context(running(haproxy, fast(config), folder, ports))
        time.sleep(CHECKED_S / 2)
        clients = [stack.enter_context(Client(port)) for _ in range(4)]
        names = [client.answer()[1].get("x-node") for client in clients]
        fall_ill(a)
        time.sleep(CHECKED_S)
        cut: dict[str | None, set[bool]] = {}
        for name, client in zip(names, clients, strict=True):
            cut.setdefault(name, set()).add(client.closed_within(0.2))
        return cut


def refuse(a: Node) -> None:
    a.ready = 503


def hiccup(a: Node) -> None:
    """One check fails, perhaps two; the next ones are answered as before."""
    a.ready = 503
    time.sleep(0.12)
    a.ready = 200


@haproxies
@pytest.mark.parametrize("number", [0, 1])
def test_open_sockets_stay_on_a_server_that_is_down(
    haproxy: Haproxy, tmp_path: pathlib.Path, number: int
) -> None:
    """In the second example the other server lacks the mark."""
    shown = example("LB414", number)
    bad = shown.bad.replace("9001 check on-marked-down shutdown-sessions", "9001 check")
    assert cut_of(haproxy, bad, tmp_path, refuse) == {"a": {False}, "b": {False}}
    assert cut_of(haproxy, shown.good, tmp_path, refuse) == {"a": {True}, "b": {False}}


@haproxies
def test_one_failed_check_cuts_all_sockets_of_a_server_with_fall_1(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    shown = example("LB415")
    assert cut_of(haproxy, shown.bad, tmp_path, hiccup) == {"a": {True}, "b": {False}}
    assert cut_of(haproxy, shown.good, tmp_path, hiccup) == {"a": {False}, "b": {False}}


@haproxies
def test_the_return_of_the_primary_cuts_the_sockets_on_the_backup_where_it_is_told_to(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    shown = example("LB415", 1)
    for config, cut in ((shown.bad, True), (shown.good, False)):
        with node("a") as a, node("b") as b:
            a.ready = 503
            with running(haproxy, fast(config), tmp_path, {9001: a.port, 9002: b.port}) as port:
                time.sleep(CHECKED_S)
                with Client(port) as client:
                    assert client.answer()[1]["x-node"] == "b"
                    a.ready = 200
                    time.sleep(CHECKED_S)
                    assert client.closed_within(0.2) is cut


STICKY = "    cookie NODE insert\n    server a 127.0.0.1:9001 check cookie a\n"
OTHER = "    server b 127.0.0.1:9002 check cookie b\n"


@haproxies
@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("option persist", 503),
        ("force-persist if TRUE", 503),
        ("use-server a if TRUE\n    option persist", 503),
        ("balance source", 101),
    ],
)
def test_option_persist_needs_something_that_leads_to_one_server(
    haproxy: Haproxy, tmp_path: pathlib.Path, lines: str, wanted: int
) -> None:
    """With the cookie in the example's place; without any of it, nobody is led to the dead one."""
    head = example("LB409").good.partition("backend ws_chat\n")[0] + "backend ws_chat\n"
    plain = "    server a 127.0.0.1:9001 check\n    server b 127.0.0.1:9002 check\n"
    led = plain if "use-server" in lines else STICKY + OTHER
    with node("b") as b:
        ports = {9001: dead(), 9002: b.port}
        with running(haproxy, fast(f"{head}    {lines}\n{led}"), tmp_path, ports) as port:
            time.sleep(CHECKED_S)
            assert statuses(port, 3, "NODE=a") == [wanted] * 3
        lines = "option persist\n    force-persist if TRUE"
        with running(haproxy, fast(f"{head}    {lines}\n{plain}"), tmp_path, ports) as port:
            time.sleep(CHECKED_S)
            assert statuses(port, 3, "NODE=a") == [101] * 3


@haproxies
@pytest.mark.parametrize("line", ["retries 0", "http-request disable-l7-retry"])
def test_a_503_is_not_tried_elsewhere_where_retries_are_switched_off(
    haproxy: Haproxy, tmp_path: pathlib.Path, line: str
) -> None:
    good = example("LB410").good
    with node("a") as a, node("b") as b:
        a.takes = False
        ports = {9001: a.port, 9002: b.port}
        bad = good.replace("backend ws_chat\n", f"backend ws_chat\n    {line}\n")
        for config, wanted in ((bad, [101, 101, 503, 503]), (good, [101] * 4)):
            with running(haproxy, config, tmp_path, ports) as port:
                assert sorted(map(int, filter(None, statuses(port, 4)))) == wanted
