"""Firefox sends `Connection: keep-alive, Upgrade`: what a map for `Connection` makes of it."""

import pathlib

import pytest

from tests import binaries
from tests.binaries import Nginx
from tests.live.proxies import Client, running, target

CONFIG = """\
map $http_connection $up {{ {entry} upgrade; }}
server {{
    listen 127.0.0.1:8080;
    location /ws/ {{
        proxy_pass http://127.0.0.1:9000;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $up;
    }}
}}
"""


@pytest.mark.parametrize(("entry", "status"), [("upgrade", 426), ("~*upgrade", 101)])
@pytest.mark.parametrize("nginx", binaries.nginx(), ids=lambda nginx: nginx.text)
def test_a_map_of_the_connection_header_needs_an_expression(
    nginx: Nginx, entry: str, status: int, tmp_path: pathlib.Path
) -> None:
    with target() as at:
        config = CONFIG.format(entry=entry)
        with running(nginx, config, tmp_path, {9000: at}) as port:
            with Client(port, connection="keep-alive, Upgrade") as client:
                assert client.answer()[0] == status
            with Client(port) as client:
                assert client.answer()[0] == 101
