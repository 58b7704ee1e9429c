"""The faults of LB3xx on real proxies, with times scaled down to a second."""

import pathlib

import pytest

from lbcheck.model import Vendor
from lbcheck.rule import Example
from lbcheck.rules import BY_CODE
from tests import binaries
from tests.binaries import Haproxy, Nginx
from tests.live.proxies import Client, hung, running, target

PAUSE_S = 1.6
"""The silence of the test's client; timeouts of one second cut it, those of three do not."""


def example(code: str, vendor: Vendor) -> Example:
    return next(each for each in BY_CODE[code].examples if each.vendor is vendor)


def cut(proxy: Nginx | Haproxy, config: str, folder: pathlib.Path) -> bool:
    """Is a WebSocket ended while nobody says anything? If not, it still carries frames."""
    with (
        target() as at,
        running(proxy, config, folder, dict.fromkeys(range(9000, 9004), at)) as port,
        Client(port) as client,
    ):
        assert client.answer()[0] == 101
        if client.closed_within(PAUSE_S):
            return True
        assert client.echoes()
        return False


def scaled(config: str, **times: str) -> str:
    """`tunnel="1s"` replaces the value of the statement that ends in this word."""
    lines = []
    for line in config.splitlines():
        words = line.split("#")[0].rstrip("; ").split()
        for name, value in times.items():
            if len(words) > 1 and words[-2].endswith(name):
                line = line.replace(words[-1], value, 1)
        lines.append(line)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("nginx", binaries.nginx(), ids=lambda nginx: nginx.text)
def test_nginx_cuts_a_silence_longer_than_the_read_timeout(
    nginx: Nginx, tmp_path: pathlib.Path
) -> None:
    shown = example("LB301", Vendor.NGINX)
    assert cut(nginx, scaled(shown.bad, read_timeout="1s"), tmp_path)
    assert not cut(nginx, scaled(shown.good, read_timeout="3s"), tmp_path)


@pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda haproxy: haproxy.text)
def test_haproxy_cuts_a_silence_longer_than_the_tunnel_timeout(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    shown = example("LB301", Vendor.HAPROXY)
    assert cut(haproxy, scaled(shown.bad, tunnel="1s"), tmp_path)
    assert not cut(haproxy, scaled(shown.good, tunnel="3s", client="1s"), tmp_path)


@pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda haproxy: haproxy.text)
def test_of_several_set_timeouts_the_last_that_runs_cuts(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    line = "    http-request set-timeout tunnel {}\n"
    config = example("LB301", Vendor.HAPROXY).good

    def ruled(rules: str) -> str:
        return config.replace("    balance leastconn\n", rules)

    assert cut(haproxy, ruled(line.format("1h") + line.format("1s")), tmp_path)
    assert not cut(haproxy, ruled(line.format("1s") + line.format("1h")), tmp_path)
    assert not cut(haproxy, ruled("    http-request allow\n" + line.format("1s")), tmp_path)


@pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda haproxy: haproxy.text)
def test_without_a_tunnel_timeout_the_client_timeout_cuts(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    shown = example("LB303", Vendor.HAPROXY)
    assert cut(haproxy, scaled(shown.bad, client="1s"), tmp_path)
    assert not cut(haproxy, scaled(shown.good, client="1s"), tmp_path)


@pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda haproxy: haproxy.text)
def test_a_tunnel_timeout_without_unit_counts_milliseconds(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    shown = example("LB304", Vendor.HAPROXY)
    assert cut(haproxy, scaled(shown.bad, tunnel="1000"), tmp_path)
    assert not cut(haproxy, scaled(shown.good, tunnel="1000s"), tmp_path)


@pytest.mark.parametrize("nginx", binaries.nginx(), ids=lambda nginx: nginx.text)
def test_a_read_timeout_of_zero_is_an_instant_504(nginx: Nginx, tmp_path: pathlib.Path) -> None:
    shown = example("LB305", Vendor.NGINX)
    with (
        target() as at,
        running(nginx, shown.bad, tmp_path, {9000: at}) as port,
        Client(port) as client,
    ):
        assert client.answer(within=1)[0] == 504
    assert not cut(nginx, shown.good, tmp_path)


@pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda haproxy: haproxy.text)
def test_a_tunnel_timeout_of_zero_falls_back_to_the_client_timeout(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    shown = example("LB305", Vendor.HAPROXY)
    assert cut(haproxy, scaled(shown.bad, client="1s"), tmp_path)
    assert not cut(haproxy, scaled(shown.good, client="1s"), tmp_path)


@pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda haproxy: haproxy.text)
def test_a_tunnel_timeout_in_a_frontend_does_nothing(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    shown = example("LB306", Vendor.HAPROXY)
    assert cut(haproxy, scaled(shown.bad, client="1s"), tmp_path)
    assert not cut(haproxy, scaled(shown.good, client="1s"), tmp_path)


@pytest.mark.parametrize("nginx", binaries.nginx(), ids=lambda nginx: nginx.text)
def test_a_long_send_timeout_does_not_keep_a_socket_open(
    nginx: Nginx, tmp_path: pathlib.Path
) -> None:
    shown = example("LB306", Vendor.NGINX)
    # the default of the read timeout is 60s: a second stands for it
    short = shown.bad.replace("proxy_send", "proxy_read_timeout 1s;\n        proxy_send")
    assert cut(nginx, short, tmp_path)
    assert not cut(nginx, shown.good, tmp_path)


@pytest.mark.parametrize("nginx", binaries.nginx(), ids=lambda nginx: nginx.text)
def test_a_handshake_waits_for_a_hung_target_as_long_as_the_read_timeout(
    nginx: Nginx, tmp_path: pathlib.Path
) -> None:
    shown = example("LB307", Vendor.NGINX)
    for value, wanted in (("7d", None), ("500ms", 101)):
        config = scaled(shown.bad, read_timeout=value)
        with (
            hung() as dead,
            target() as at,
            running(nginx, config, tmp_path, {9000: dead, 9001: at}) as port,
            Client(port) as client,
        ):
            assert client.answer(within=1.2)[0] == wanted
