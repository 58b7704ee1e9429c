"""How many WebSockets an nginx has room for."""

from __future__ import annotations

import pytest

from tests.readers.nginx_text import told, topology

SITE = "http { server { location /ws { proxy_pass http://10.0.0.1; } } }"


@pytest.mark.parametrize(
    ("main", "name", "sockets"),
    [
        ("events { worker_connections 1024; }", "worker_connections", 512),
        (
            "worker_rlimit_nofile 1024; events { worker_connections 8192; }",
            "worker_rlimit_nofile",
            512,
        ),
        (
            "worker_processes 4; events { worker_connections 8192; } worker_rlimit_nofile 1024;",
            "worker_rlimit_nofile",
            2048,
        ),
        (
            "worker_rlimit_nofile 65535; events { worker_connections 1024; }",
            "worker_connections",
            512,
        ),
    ],
)
def test_the_smaller_limit_of_connections_and_files_counts(
    main: str, name: str, sockets: int
) -> None:
    (listener,) = topology(f"{main}\n{SITE}").listeners
    room = listener.capacity
    assert room is not None
    assert (room.name, room.value) == (name, sockets)
    assert told(room.place).startswith(name)
