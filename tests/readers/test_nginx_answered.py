"""Declared paths that a server answers by itself, and nothing hands on."""

from __future__ import annotations

import pytest

from lbcheck.model import Declared
from tests.readers.nginx_text import UPGRADE, brief, topology, whole

WS = Declared(websocket_paths=("/ws",))
API = "location /api/ { proxy_pass http://10.0.0.1; }"
PASS = f"{UPGRADE} proxy_pass http://10.0.0.1;"


@pytest.mark.parametrize(
    ("servers", "status", "path"),
    [
        (("return 404;",), 404, "/"),
        (("location / { return 404; }",), 404, "/"),
        (("location /ws { return 426; }",), 426, "/ws"),
        (("location / { return 200 hello; }",), 200, "/"),
        ((f"location /api {{ {PASS} }} location / {{ return 403; }}",), 403, "/"),
        (("location / { return 404; }", "server_name _; return 444;"), 404, "/"),
    ],
)
def test_an_answer_in_the_place_of_the_websocket_is_told(
    servers: tuple[str, ...], status: int, path: str
) -> None:
    text = whole("\n".join(f"server {{ {server} }}" for server in servers))
    (found,) = (each for each in topology(text, WS).routes if each.redirect is not None)
    assert found.redirect is not None
    assert brief(found.redirect.status)[0] == status
    assert (found.path, found.belief.declared) == (path, True)


@pytest.mark.parametrize(
    "text",
    [
        "server { return 444; }",
        "server { location / { try_files $uri =404; } }",
        f"server {{ {API} location / {{ nchan_subscriber; }} }}",
        f"server {{ {API} error_page 404 = @app; location / {{ root /srv; }} "
        f"location @app {{ {PASS} }} }}",
        f"server {{ {API} location / {{ try_files $uri /a.html; }} }} "
        "server { server_name b; include more.conf; }",
        f"server {{ {API} location / {{ root /srv; include more.conf; }} }}",
        f"server {{ {API} location / {{ try_files $uri @app; }} location @app {{ {PASS} }} }}",
        f"server {{ {API} root /srv; }}",
        f"server {{ {API} location / {{ uwsgi_pass 10.0.0.2:3031; }} }}",
        f"server {{ location / {{ return 404; }} }} server {{ location /ws {{ {PASS} }} }}",
        "server { location / { return 404; } } server { location /ws { grpc_pass 10.0.0.1; } }",
        "server { location / { if ($http_x_key = '') { return 403; } root /srv; } }",
        "server { include more.conf; location / { return 404; } }",
        f"server {{ location /ws {{ {PASS} return 404; }} }}",
    ],
)
def test_any_other_is_not(text: str) -> None:
    assert [each.redirect for each in topology(whole(text), WS).routes if each.redirect] == []


@pytest.mark.parametrize(
    ("location", "status"),
    [
        ("location / { try_files $uri $uri/ /index.html; }", ("try_files", 200)),
        ("location / { root /srv; try_files $uri =404; }", ("location /", 404)),
        ("error_page 404 /404.html; location / { root /srv; }", ("location /", 404)),
        ("location ~ ^/ws { expires 1d; }", ("location ~ ^/ws", 404)),
        ("location / { fastcgi_pass 10.0.0.2:9000; }", ("fastcgi_pass", 0)),
        (
            "location / { try_files $uri /index.php?$args; } "
            r"location ~ \.php$ { fastcgi_pass unix:/run/php.sock; }",
            ("fastcgi_pass", 0),
        ),
    ],
)
def test_a_declared_path_without_a_location_of_its_own_gets_a_file(
    location: str, status: tuple[str, int]
) -> None:
    made = topology(whole(f"server {{ {API} {location} }}"), WS)
    found = [each.redirect.status for each in made.routes if each.redirect is not None]
    assert [(each.name, each.value) for each in found] == [status]


def test_a_path_that_another_file_hands_on_is_not_lost() -> None:
    static = whole("server { location / { return 404; } }")
    edge = whole(f"server {{ location /ws {{ {PASS} }} }}")
    assert [each.redirect for each in topology(static, WS, edge).routes] == [None]
    assert len(topology(static, WS, static).routes) == 2


def test_a_fragment_is_not_the_whole_server() -> None:
    assert topology("server { location / { return 404; } }", WS).routes == ()
