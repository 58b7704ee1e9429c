"""Upstreams that keep connections, and locations that close them."""

from __future__ import annotations

import pytest

from lbcheck.model import Effect
from tests.readers.nginx_text import told, topology


@pytest.mark.parametrize(
    ("empty", "upstream", "path", "defeated"),
    [
        ("'' close;", "keepalive 8;", "/", True),
        ("'' '';", "keepalive 8;", "/", False),
        ("'' close;", "keepalive 8;", "/ws", False),
        ("'' close;", "keepalive 0;", "/", False),
        ("'' close;", "", "/", False),
        ("", "keepalive 8;", "/", False),
    ],
)
def test_a_location_that_closes_what_is_kept_is_noted(
    empty: str, upstream: str, path: str, defeated: bool
) -> None:
    text = f"""\
events {{}}
http {{
    map $http_upgrade $connection_upgrade {{ default upgrade; {empty} }}
    upstream app {{ server 10.0.0.1; {upstream} }}
    server {{
        location {path} {{
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_pass http://app;
        }}
    }}
}}
"""
    (found,) = topology(text).routes
    records = [each for each in found.ineffective if each.effect is Effect.KEEPALIVE_DEFEATED]
    assert [told(each.setting.place) for each in records] == ["keepalive 8"] * defeated
    assert [told(each.cause) for each in records] == [
        "proxy_set_header Connection $connection_upgrade"
    ] * defeated
