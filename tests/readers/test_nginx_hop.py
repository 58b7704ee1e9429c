"""Handshakes that one server of a file sends to another one of it."""

from __future__ import annotations

import pytest

from lbcheck.model import Declared, Level, Topology
from tests.readers.nginx_text import UPGRADE, topology, whole

TLS = "listen 443 ssl; server_name chat.example;"
FRONT = f"server {{ {TLS} location /ws/ {{ {UPGRADE} proxy_pass http://127.0.0.1:8081; }} }}"
INNER = "server { listen 8081; location / { proxy_pass http://10.0.0.1; } }"
HANDED = "`location /ws/` of another server here forwards the upgrade"


def believed(made: Topology) -> list[tuple[str, str]]:
    """Path and evidence of every route that surely carries WebSockets and forwards nothing."""
    return [
        (route.path, route.belief.evidence)
        for route in made.routes
        if route.belief.level is Level.CERTAIN and route.upgrade and route.upgrade.value == ""
    ]


@pytest.mark.parametrize(
    ("there", "listen"),
    [
        ("127.0.0.1:8081", "8081"),
        ("localhost:8081", "127.0.0.1:8081"),
        ("127.0.0.1:8081/", "[::]:8081"),
        ("unix:/run/inner.sock", "unix:/run/inner.sock"),
        ("inner", "8081"),
    ],
)
def test_an_inner_server_gets_what_the_outer_one_forwards(there: str, listen: str) -> None:
    upstream = "upstream inner { server 127.0.0.1:8081; keepalive 8; }"
    outer = FRONT.replace("127.0.0.1:8081", there)
    inner = INNER.replace("listen 8081", f"listen {listen}")
    assert believed(topology(whole(f"{upstream} {outer} {inner}"))) == [("/", HANDED)]


@pytest.mark.parametrize(
    "servers",
    [
        FRONT + INNER.replace("8081", "8082"),
        FRONT + INNER + INNER.replace("listen 8081;", "listen 8081; server_name b;"),
        FRONT.replace("127.0.0.1", "10.0.0.9") + INNER,
        FRONT.replace("/ws/", "/") + INNER,
        FRONT.replace("/ws/", "~ ^/(ws|chat)") + INNER,
        FRONT + INNER.replace("proxy_pass http://10.0.0.1;", "return 404;"),
    ],
)
def test_what_may_lead_elsewhere_is_handed_to_nobody(servers: str) -> None:
    assert believed(topology(whole(servers))) == []


def test_a_catch_all_hands_on_what_is_declared() -> None:
    text = whole(FRONT.replace("/ws/", "/") + INNER)
    (found,) = believed(topology(text, Declared(websocket_paths=("/ws",))))
    assert found == ("/", HANDED.replace("/ws/", "/"))


PLAIN = (
    f"server {{ listen 80; server_name chat.example; "
    f"location /ws/ {{ {UPGRADE} proxy_pass http://10.0.0.1; }} }}"
)
COPY = f"server {{ {TLS} location / {{ proxy_pass http://10.0.0.1; }} }}"


def test_a_copy_with_tls_that_lost_the_upgrade_gets_the_handshakes_of_browsers() -> None:
    assert believed(topology(whole(PLAIN + COPY))) == [("/", HANDED)]
    same = COPY.replace("location /", "location /ws/")
    assert [path for path, _ in believed(topology(whole(PLAIN + same)))] == ["/ws/"]


@pytest.mark.parametrize(
    "copy",
    [
        COPY.replace("chat.example", "pages.example"),
        COPY.replace("10.0.0.1", "10.0.0.2"),
        COPY.replace("443 ssl", "8080"),
        COPY.replace("location /", "location /api"),
        COPY.replace(
            "location /", f"location /up {{ {UPGRADE} proxy_pass http://10.0.0.1; }} location /"
        ),
    ],
)
def test_a_server_that_is_no_copy_gets_none(copy: str) -> None:
    assert believed(topology(whole(PLAIN + copy))) == []
