"""What nginx ports understand, and the schemes that `proxy_pass` does not know."""

from __future__ import annotations

import pytest

from lbcheck.model import Declared
from tests.readers.nginx_text import brief, route, told, topology, whole

PROXY = "location / { proxy_pass http://10.0.0.1; }"


@pytest.mark.parametrize(
    ("listens", "value"),
    [
        ("listen 80 http2;", "listen 80"),
        ("listen [::]:80 http2 ipv6only=on; listen 80 http2;", "listen [::]:80 ipv6only=on"),
        ("listen 80;", None),
        ("listen 80 http2; listen 8080;", None),
        ("listen 80 http2; listen 443 ssl http2;", None),
        ("listen 443 http2; ssl on;", None),
        ("listen 80; http2 on;", None),
    ],
)
def test_a_server_that_speaks_http2_only_is_noted(listens: str, value: str | None) -> None:
    for version, assumed in ((None, "nginx before 1.25.1"), ((1, 22, 1), None)):
        text = whole(f"server {{ {listens} {PROXY} }}")
        (found,) = topology(text, Declared(nginx_version=version)).listeners
        assert (found.http2_only.value if found.http2_only else None) == value
        if found.http2_only is not None:
            assert found.http2_only.assumed == assumed
            assert told(found.http2_only.place) == listens.partition(";")[0]


def test_a_version_that_looks_first_is_not() -> None:
    text = whole(f"server {{ listen 80 http2; {PROXY} }}")
    (found,) = topology(text, Declared(nginx_version=(1, 25, 1))).listeners
    assert found.http2_only is None


@pytest.mark.parametrize(
    ("target", "scheme"),
    [
        ("proxy_pass ws://10.0.0.1", "ws"),
        ("proxy_pass WSS://app", "wss"),
        ("set $to ws://10.0.0.1; proxy_pass $to", "ws"),
        ("proxy_pass https://10.0.0.1", None),
        ("proxy_pass HTTP://10.0.0.1", None),
        ("proxy_pass $scheme://10.0.0.1", None),
        ("proxy_pass {{ scheme }}://10.0.0.1", None),
        ("proxy_pass http://unix:/run/ws.sock", None),
    ],
)
def test_a_scheme_that_nginx_does_not_know_is_noted(target: str, scheme: str | None) -> None:
    text = whole(f"upstream app {{ server 10.0.0.1; }} server {{ location /a {{ {target}; }} }}")
    found = route(text, "/a").unknown_scheme
    assert (found.value if found else None) == scheme
    if found is not None:
        assert brief(found)[2] == target.partition("; ")[2] or target


@pytest.mark.parametrize(
    ("inner", "name"),
    [
        ("proxy_pass https://app.example;", "app.example"),
        ("proxy_pass https://app.example:8443/ws; proxy_ssl_server_name off;", "app.example"),
        ("set $to app.example; proxy_pass https://$to;", "app.example"),
        ("proxy_pass https://app.example; proxy_ssl_server_name on;", None),
        ("proxy_pass https://app.example; include proxy.conf;", None),
        ("proxy_pass https://app;", None),
        ("proxy_pass https://localhost:8443;", None),
        ("proxy_pass https://10.0.0.1:8443;", None),
        ("proxy_pass https://named.example;", None),
        ("proxy_pass https://$host;", None),
        ("proxy_pass http://app.example;", None),
    ],
)
def test_a_name_that_tls_does_not_tell_is_noted(inner: str, name: str | None) -> None:
    text = whole(
        f"upstream named.example {{ server 10.0.0.1; }} server {{ location /a {{ {inner} }} }}"
    )
    found = route(text, "/a").name_untold
    assert (found.value if found else None) == name


@pytest.mark.parametrize(
    ("listens", "silent"),
    [
        ("listen 80;", True),
        ("listen 80 so_keepalive=on;", False),
        ("listen 80; listen 81 so_keepalive=5m::;", False),
        ("listen unix:/run/in.sock;", False),
        ("", False),
    ],
)
def test_ports_that_never_ask_after_clients_are_noted(listens: str, silent: bool) -> None:
    found = route(whole(f"server {{ {listens} {PROXY} }}"), "/").tcp_keepalive
    assert (found is not None) is silent
    assert found is None or (found.value, told(found.place)) == (False, "listen 80")
    (fragment,) = topology(f"server {{ {listens} {PROXY} }}").routes
    assert fragment.tcp_keepalive is None
