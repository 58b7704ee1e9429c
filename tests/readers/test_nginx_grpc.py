"""`grpc_pass` on a WebSocket path: HTTP/2 to the target, where nothing upgrades."""

from __future__ import annotations

import pathlib

import pytest

from lbcheck.judge import judge
from lbcheck.model import Declared, Topology
from lbcheck.profiles import load
from lbcheck.rules import ALL
from tests import binaries
from tests.binaries import Nginx
from tests.live.proxies import Client, running, target
from tests.readers.nginx_text import MAP, UPGRADE, topology, whole

WS = Declared(websocket_paths=("/ws/chat",))
GRPC = "location /ws/ { grpc_pass grpc://127.0.0.1:9000; }"
WRITTEN = GRPC.replace("{", f"{{ {UPGRADE}")


def told(made: Topology) -> list[tuple[str, str]]:
    found, _ = judge(made, load(("default",)), rules=ALL)
    return [(f.code, f.message) for f in found if f.code < "LB4"]


@pytest.mark.parametrize(("inner", "declared"), [(GRPC, WS), (WRITTEN, Declared())])
def test_a_websocket_path_that_grpc_takes_is_reported(inner: str, declared: Declared) -> None:
    made = topology(whole(f"server {{ listen 80; {inner} }}"), declared)
    assert told(made) == [
        (
            "LB104",
            "`grpc_pass` sends the handshake to the target as gRPC: its HTTP/2 client has no "
            "upgrade, and the client gets 502",
        )
    ]


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        (f"server {{ listen 80; {GRPC} }}", Declared()),
        (f"server {{ listen 80; {GRPC} }}", Declared(websocket_paths=("/",))),
        ("server { listen 80; location /api { grpc_pass grpc://127.0.0.1:9000; } }", WS),
        (
            "server { listen 81; location / { grpc_pass grpc://127.0.0.1:9000; } } "
            f"server {{ listen 80; location /ws/ {{ {UPGRADE} proxy_read_timeout 1h; "
            "proxy_set_header Host $host; proxy_pass http://127.0.0.1:9; } }",
            WS,
        ),
    ],
)
def test_grpc_by_itself_is_healthy(text: str, declared: Declared) -> None:
    assert told(topology(whole(text), declared)) == []


@pytest.mark.parametrize("nginx", binaries.nginx(), ids=lambda nginx: nginx.text)
def test_nginx_itself_answers_502(nginx: Nginx, tmp_path: pathlib.Path) -> None:
    config = f"{MAP} server {{ listen 127.0.0.1:8080; {WRITTEN} }}"
    with (
        target() as at,
        running(nginx, config, tmp_path, {9000: at}) as port,
        Client(port) as client,
    ):
        assert client.answer()[0] == 502
