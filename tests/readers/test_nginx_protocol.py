"""Locations that upgrade to anything, and what is protected beside them."""

from __future__ import annotations

import pytest

from tests.readers.nginx_text import UPGRADE, route, told, whole

ADMIN = "location /admin { deny all; proxy_pass http://10.0.0.1; }"
PASS = f"{UPGRADE} proxy_pass http://10.0.0.1;"
ONLY = "map $http_upgrade $only { websocket websocket; }\n"


@pytest.mark.parametrize(
    ("server", "place"),
    [
        (f"location /ws {{ {PASS} }} {ADMIN}", "deny all"),
        (f"location /ws {{ {PASS} }} {ADMIN.replace('deny all', 'auth_basic x')}", "auth_basic x"),
        (f"location /ws {{ {PASS} }} {ADMIN.replace('deny all', 'auth_basic off')}", None),
        (f"location /ws {{ {PASS} }} {ADMIN.replace('0.0.1', '0.0.2')}", None),
        (f"location /ws {{ {PASS} }} location /admin {{ deny all; }}", None),
        (f"deny all; location /ws {{ {PASS} }} {ADMIN}", None),
        (
            f"location /ws {{ if ($http_upgrade != websocket) {{ return 400; }} {PASS} }} {ADMIN}",
            None,
        ),
        (f"location /ws {{ {PASS.replace('$http_upgrade', '$only')} }} {ADMIN}", None),
        (f"location /ws {{ {PASS.replace('$http_upgrade', 'websocket')} }} {ADMIN}", None),
    ],
)
def test_what_is_passed_by_is_noted(server: str, place: str | None) -> None:
    found = route(whole(f"{ONLY} server {{ {server} }}"), "/ws").passed_by
    assert (told(found.place) if found else None) == place


def test_a_catch_all_passes_by_what_is_denied_without_targets() -> None:
    for inner, place in (("", "deny all"), ("root /srv;", None)):
        server = f"location / {{ {PASS} }} location /metrics {{ deny all; {inner} }}"
        found = route(whole(f"server {{ {server} }}"), "/").passed_by
        assert (told(found.place) if found else None) == place
