"""The faults of LB2xx on real proxies: the example fails, its good twin does not."""

import contextlib
import pathlib
import time

import pytest

from lbcheck.model import Vendor
from lbcheck.rule import Example
from lbcheck.rules import BY_CODE
from tests import binaries
from tests.binaries import Haproxy, Nginx
from tests.live.proxies import running
from tests.live.targets import Node, dead, node, statuses

CHECKED_S = 0.7
"""After this time the fast checks of these tests have taken out what fails them."""

haproxies = pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda each: each.text)
nginxes = pytest.mark.parametrize("nginx", binaries.nginx(), ids=lambda each: each.text)


def example(code: str, number: int, vendor: Vendor = Vendor.HAPROXY) -> Example:
    return [each for each in BY_CODE[code].examples if each.vendor is vendor][number]


def fast(config: str) -> str:
    """Checks every 100 ms, one failure counts, and no retry hides what happens."""
    config = config.replace(
        "    option redispatch\n", "    retries 0\n    default-server inter 100ms fall 1\n"
    )
    return config.replace(" inter 2s", "").replace("connect 3s", "connect 300ms")


def after_checks(
    haproxy: Haproxy, config: str, folder: pathlib.Path, first: int, second: int, third: int = 0
) -> set[int | None]:
    ports = {9001: first, 9002: second, 9003: third or second}
    with running(haproxy, fast(config), folder, ports) as port:
        time.sleep(CHECKED_S)
        return set(statuses(port, 4))


@haproxies
@pytest.mark.parametrize(("code", "number"), [("LB201", 0), ("LB202", 0), ("LB202", 2)])
def test_a_dead_server_that_nobody_checks_keeps_its_share(
    haproxy: Haproxy, tmp_path: pathlib.Path, code: str, number: int
) -> None:
    shown = example(code, number)
    with node("b") as b:
        assert after_checks(haproxy, shown.bad, tmp_path, dead(), b.port) == {101, 503}
        assert after_checks(haproxy, shown.good, tmp_path, dead(), b.port) == {101}


@haproxies
def test_an_unchecked_backup_is_used_although_it_is_dead(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    shown = example("LB201", 1)
    config = shown.good.replace("9003 check backup", "9003 backup")
    with running(
        haproxy, fast(config), tmp_path, {9001: dead(), 9002: dead(), 9003: dead()}
    ) as port:
        time.sleep(CHECKED_S)
        assert statuses(port, 1) == [503]


def refusing(refuser: Node) -> Node:
    refuser.takes, refuser.ready = False, 503
    return refuser


@haproxies
@pytest.mark.parametrize(("code", "number"), [("LB202", 1), ("LB203", 0), ("LB204", 0)])
def test_a_server_that_refuses_everything_passes_a_check_that_only_connects(
    haproxy: Haproxy, tmp_path: pathlib.Path, code: str, number: int
) -> None:
    shown = example(code, number)
    with node("a") as a, node("b") as b:
        refusing(a)
        assert after_checks(haproxy, shown.bad, tmp_path, a.port, b.port) == {101, 503}
        assert after_checks(haproxy, shown.good, tmp_path, a.port, b.port) == {101}


@haproxies
@pytest.mark.parametrize("code", ["LB205", "LB206", "LB218"])
def test_a_check_that_no_websocket_server_passes_takes_all_of_them_out(
    haproxy: Haproxy, tmp_path: pathlib.Path, code: str
) -> None:
    shown = example(code, 0)
    with node("a") as a, node("b") as b:
        assert after_checks(haproxy, shown.bad, tmp_path, a.port, b.port) == {503}
        assert after_checks(haproxy, shown.good, tmp_path, a.port, b.port) == {101}


@haproxies
def test_a_server_without_its_application_passes_a_check_that_takes_4xx(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    shown = example("LB207", 0)
    with node("a") as a, node("b") as b:
        a.takes, a.ready = False, 404
        assert after_checks(haproxy, shown.bad, tmp_path, a.port, b.port) == {101, 503}
        assert after_checks(haproxy, shown.good, tmp_path, a.port, b.port) == {101}


@haproxies
def test_a_slow_check_leaves_the_dead_server_in_until_it_has_failed_often_enough(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    """With the example's 20 s made 2 s, and 100 ms for what the profile wants."""
    slow = (
        example("LB210", 0)
        .bad.replace("inter 20s", "inter 2s")
        .replace("redispatch", "abortonclose")
    )
    assert served_after_a_death(haproxy, slow, tmp_path) == {101, 503}
    assert served_after_a_death(haproxy, slow.replace("inter 2s", "inter 100ms"), tmp_path) == {101}


def served_after_a_death(haproxy: Haproxy, config: str, folder: pathlib.Path) -> set[int | None]:
    with contextlib.ExitStack() as dying, node("b") as b:
        a = dying.enter_context(node("a"))
        config = config.replace("defaults\n", "defaults\n    retries 0\n")
        with running(haproxy, config, folder, {9001: a.port, 9002: b.port}) as port:
            time.sleep(0.3)
            dying.close()
            time.sleep(CHECKED_S)
            return set(statuses(port, 4))


@nginxes
def test_an_error_page_with_an_equals_sign_answers_a_dead_target_with_success(
    nginx: Nginx, tmp_path: pathlib.Path
) -> None:
    shown = example("LB213", 0, Vendor.NGINX)
    page = "    location = /sorry.html { return 200 sorry; }\n    location /ws/"
    ports = {9001: dead(), 9002: dead()}
    with running(nginx, shown.bad.replace("    location /ws/", page), tmp_path, ports) as port:
        assert statuses(port, 1) == [200]
    with running(nginx, shown.good.replace("    location /ws/", page), tmp_path, ports) as port:
        assert statuses(port, 1) == [502]


@nginxes
def test_without_a_next_upstream_the_handshake_that_meets_a_dead_peer_gets_502(
    nginx: Nginx, tmp_path: pathlib.Path
) -> None:
    shown = example("LB214", 1, Vendor.NGINX)
    with node("b") as b:
        ports = {9001: dead(), 9002: b.port}
        with running(nginx, shown.bad, tmp_path, ports) as port:
            assert set(statuses(port, 4)) == {101, 502}
        with running(nginx, shown.good, tmp_path, ports) as port:
            assert set(statuses(port, 4)) == {101}


@nginxes
def test_with_max_fails_0_a_dead_peer_is_tried_in_every_round(
    nginx: Nginx, tmp_path: pathlib.Path
) -> None:
    shown = example("LB214", 0, Vendor.NGINX)
    with node("b") as b:
        ports = {9001: dead(), 9002: b.port}
        for config, tried in ((shown.bad, 4), (shown.good, 1)):
            folder = tmp_path / str(tried)
            folder.mkdir()
            with running(nginx, config, folder, ports) as port:
                assert statuses(port, 8) == [101] * 8
            log = (folder / "error.log").read_text()
            assert log.count("connect() failed") == tried
