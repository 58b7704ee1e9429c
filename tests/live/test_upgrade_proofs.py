"""The faults of LB1xx on real proxies: only the bad example breaks the handshake."""

import contextlib
import pathlib
import re
from collections.abc import Iterator

import pytest

from lbcheck.model import Vendor
from lbcheck.rules import BY_CODE
from tests import binaries
from tests.binaries import Haproxy, Nginx
from tests.live.proxies import Client, accepted, pages, running, target

NGINX_REFUSED = {
    "LB101": {426},
    "LB102": {426},
    "LB103": {505},
    "LB104": {502},
    "LB105": {426},
    "LB106": {426},
    "LB107": {426},
    "LB108": {301},
    "LB110": {426},
    "LB114": {403},
}
HAPROXY_REFUSED = {
    "LB101": {426},
    "LB102": {426},
    "LB107": {200},
    "LB108": {302},
    "LB115": {200},
}


@contextlib.contextmanager
def in_front(
    proxy: Nginx | Haproxy, config: str, folder: pathlib.Path, host: str | None = None
) -> Iterator[int]:
    with target(host=host) as socket_port, pages() as page_port:
        ports = {9000: socket_port, 9001: socket_port, 9002: socket_port, 9003: page_port}
        with running(proxy, config, folder, ports) as port:
            yield port


def status(
    proxy: Nginx | Haproxy, config: str, folder: pathlib.Path, host: str | None = None
) -> int | None:
    with in_front(proxy, config, folder, host) as port, Client(port) as client:
        return client.answer()[0]


@pytest.mark.parametrize("code", NGINX_REFUSED)
@pytest.mark.parametrize("nginx", binaries.nginx(), ids=lambda nginx: nginx.text)
def test_nginx_refuses_the_handshake_of_the_bad_example_only(
    nginx: Nginx, code: str, tmp_path: pathlib.Path
) -> None:
    example = next(e for e in BY_CODE[code].examples if e.vendor is Vendor.NGINX)
    host = "chat.example" if code == "LB114" else None
    if nginx.version >= example.since:
        assert status(nginx, example.bad, tmp_path, host) in NGINX_REFUSED[code]
    assert status(nginx, example.good, tmp_path, host) == 101


@pytest.mark.parametrize("code", HAPROXY_REFUSED)
@pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda haproxy: haproxy.text)
def test_haproxy_refuses_the_handshake_of_the_bad_example_only(
    haproxy: Haproxy, code: str, tmp_path: pathlib.Path
) -> None:
    example = next(e for e in BY_CODE[code].examples if e.vendor is Vendor.HAPROXY)
    assert status(haproxy, example.bad, tmp_path) in HAPROXY_REFUSED[code]
    assert status(haproxy, example.good, tmp_path) == 101


@pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda haproxy: haproxy.text)
def test_a_deny_refuses_the_handshakes_it_catches(haproxy: Haproxy, tmp_path: pathlib.Path) -> None:
    deny = next(e for e in BY_CODE["LB108"].examples if "http-request deny" in e.bad)
    assert status(haproxy, deny.bad, tmp_path) == 403
    assert status(haproxy, deny.good, tmp_path) == 101


@pytest.mark.parametrize("nginx", binaries.nginx(), ids=lambda nginx: nginx.text)
def test_nginx_speaks_http10_by_default_until_1_29_7(nginx: Nginx, tmp_path: pathlib.Path) -> None:
    example = BY_CODE["LB103"].examples[1]
    wanted = 101 if nginx.version >= (1, 29, 7) else 505
    assert status(nginx, example.bad, tmp_path) == wanted


@pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda haproxy: haproxy.text)
def test_haproxy_loses_handshakes_sent_as_http2(haproxy: Haproxy, tmp_path: pathlib.Path) -> None:
    example = next(e for e in BY_CODE["LB104"].examples if e.vendor is Vendor.HAPROXY)
    # one unchecked server and no second try, or the other server and the pauses hide it
    alone = re.sub(
        r"(?m)^ *(server ws2|retry-on|option redispatch|default-server) .*\n", "", example.bad
    )
    alone = alone.replace("timeout connect 5s", "timeout connect 500ms\n    retries 0")
    assert status(haproxy, alone, tmp_path) in {502, 503, 504}
    assert status(haproxy, alone.replace("proto h2", "ws h2"), tmp_path) in {502, 503, 504}
    assert status(haproxy, alone.replace("proto h2", "proto h2 ws h1"), tmp_path) == 101


@pytest.mark.parametrize(
    "proxy", [*binaries.nginx(), *binaries.haproxy()], ids=lambda proxy: proxy.text
)
def test_an_altered_handshake_is_no_handshake_to_a_client(
    proxy: Nginx | Haproxy, tmp_path: pathlib.Path
) -> None:
    vendor = Vendor.NGINX if isinstance(proxy, Nginx) else Vendor.HAPROXY
    example = next(e for e in BY_CODE["LB111"].examples if e.vendor is vendor)
    for config, wanted in ((example.bad, False), (example.good, True)):
        with in_front(proxy, config, tmp_path) as port, Client(port) as client:
            answered, headers = client.answer()
            assert answered == 101
            assert accepted(headers) is wanted
