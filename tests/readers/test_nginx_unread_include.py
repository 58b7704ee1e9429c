"""An include that was not read: what it could have set is unknown, and only LB901 is said."""

from __future__ import annotations

import pytest

from lbcheck.judge import judge
from lbcheck.model import Effect, Route
from lbcheck.profiles import load
from lbcheck.rules import ALL
from tests.readers.nginx_text import UPGRADE, brief, held, route, topology, whole

HTTP10 = "proxy_http_version 1.0; proxy_read_timeout 5s; proxy_connect_timeout 1s;"
PASS = "proxy_pass http://10.0.0.1;"
INCLUDE = "include websocket_params;"


def values(found: Route) -> list[object]:
    """All that an include could have set."""
    settings = (found.upgrade, found.connection)
    return [
        *(held(setting) for setting in settings),
        found.host_kept,
        found.forwards[0].http_version,
        found.idle,
        *found.timeouts,
    ]


@pytest.mark.parametrize(
    "inner",
    [
        f"server {{ listen 80; location /ws {{ {INCLUDE} {PASS} }} }}",
        f"server {{ listen 80; {INCLUDE} location /ws {{ {PASS} }} }}",
        f"{INCLUDE} server {{ listen 80; location /ws {{ {PASS} }} }}",
        f"{UPGRADE} {HTTP10} server {{ listen 80; {INCLUDE} location /ws {{ {PASS} }} }}",
    ],
)
def test_what_a_missing_include_could_set_is_unknown(inner: str) -> None:
    assert values(route(whole(inner), "/ws")) == [None, None, None, None, None]


def test_what_is_written_nearer_than_the_missing_include_is_known() -> None:
    text = whole(f"server {{ listen 80; {INCLUDE} location /ws {{ {PASS} {UPGRADE} {HTTP10} }} }}")
    text = text.replace("proxy_http_version 1.1; ", "")
    found = route(text, "/ws")
    assert held(found.upgrade) == "websocket"
    assert held(found.connection) == "upgrade"
    assert held(found.host_kept) is False
    assert held(found.forwards[0].http_version) == "1.0"
    assert held(found.idle) == 5.0
    assert [brief(setting)[0] for setting in found.timeouts] == [1.0]


def test_beside_written_headers_a_missing_include_may_set_others() -> None:
    inner = f"server {{ listen 80; location /ws {{ {PASS} {INCLUDE} {UPGRADE} }} }}"
    found = route(whole(inner), "/ws")
    assert held(found.upgrade) == "websocket"
    assert held(found.connection) == "upgrade"
    assert found.host_kept is None


def test_a_header_beside_a_missing_include_does_not_lose_the_outer_ones_for_sure() -> None:
    inner = f"location /ws {{ {INCLUDE} proxy_set_header X-A b; {PASS} }}"
    found = route(whole(f"server {{ listen 80; {UPGRADE} {inner} }}"), "/ws")
    assert [record.effect for record in found.ineffective] == []
    assert held(found.upgrade) is None


def test_a_stronger_location_with_a_missing_include_may_forward_the_upgrade() -> None:
    inner = f"location /ws/ {{ {PASS} {UPGRADE} }} location ~ ^/ws {{ {INCLUDE} {PASS} }}"
    found = route(whole(f"server {{ listen 80; {inner} }}"), "/ws/")
    assert Effect.SHADOWED not in [record.effect for record in found.ineffective]


def test_files_that_say_nothing_about_websockets_are_not_missed() -> None:
    inner = f"include mime.types; server {{ listen 80; location /ws {{ {PASS} }} }}"
    assert held(route(whole(inner), "/ws").upgrade) == ""


def test_the_tls_settings_of_certbot_hide_nothing_but_are_missed() -> None:
    name = "/etc/letsencrypt/options-ssl-nginx.conf"
    inner = f"server {{ listen 80; include {name}; location /ws {{ {PASS} }} }}"
    found = route(whole(inner), "/ws")
    assert held(found.upgrade) == ""
    assert [name in trouble.message for trouble in found.place.source.troubles] == [True]


def test_only_the_missing_include_is_reported() -> None:
    text = whole(f"server {{ listen 80; location /ws {{ {INCLUDE} {PASS} }} }}")
    made = topology(text)
    found, _ = judge(made, load(("default",)), rules=ALL)
    assert [f.code for f in found if f.code < "LB4"] == []


def test_a_missing_include_of_the_http_block_may_define_upstreams_and_https_twins() -> None:
    inner = "server { listen 80; location /ws { return 301 https://$host$request_uri; } }"
    found = topology(
        whole(f"{INCLUDE} {inner} server {{ location /ws/ {{ proxy_pass http://up; }} }}")
    )
    assert [r.redirect for r in found.routes] == [None] * len(found.routes)
    assert [pool.complete for pool in found.pools] == [False]


def test_a_missing_include_of_the_main_block_may_limit_the_time_of_a_reload() -> None:
    (pool,) = topology(whole(f"server {{ listen 80; location /ws {{ {PASS} }} }}", INCLUDE)).pools
    assert pool.drain_time is None
