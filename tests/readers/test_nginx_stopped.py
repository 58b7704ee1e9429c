"""Locations that forward the upgrade and never get a handshake."""

from __future__ import annotations

import pathlib

import pytest

from lbcheck.model import Level, Route
from tests import binaries
from tests.binaries import Nginx
from tests.live.proxies import Client, running, target
from tests.readers.nginx_text import MAP, UPGRADE, held, route, told, topology, whole

WS = f"location /ws/ {{ proxy_pass http://127.0.0.1:9000; {UPGRADE} }}"
TWIN = f"server {{ listen 443 ssl; server_name chat.example; {WS} }}"


def server(inner: str, *others: str) -> str:
    mine = f"server {{ listen 80; server_name chat.example; {inner} }}"
    return whole("\n".join((mine, *others)))


def reasons(found: Route) -> list[tuple[str, str, str]]:
    return [(each.effect.value, each.reason, told(each.cause)) for each in found.ineffective]


POST_ONLY = "if ($request_method !~ ^(POST)$) { return 405; }"
LIMITED = "limit_except POST { deny all; }"
STOPPED = {
    f"{WS} location ~ ^/ws {{ return 404; }}": (
        404,
        ("shadowed", "`location ~ ^/ws` answers its requests with 404", "location ~ ^/ws"),
    ),
    f"return 404; {WS}": (
        404,
        ("unreached", "`return 404` answers the handshake before it is forwarded", "return 404"),
    ),
    WS.replace("{", "{ return 403;"): (
        403,
        ("unreached", "`return 403` answers the handshake before it is forwarded", "return 403"),
    ),
    WS.replace("{", f"{{ {POST_ONLY}"): (
        405,
        ("unreached", "`return 405` answers the handshake before it is forwarded", "return 405"),
    ),
    WS.replace("{", f"{{ {LIMITED}"): (
        403,
        (
            "unreached",
            "`limit_except POST` answers its handshake, a GET, with 403",
            "limit_except POST",
        ),
    ),
}


@pytest.mark.parametrize("inner", STOPPED)
def test_what_keeps_a_handshake_from_its_location_is_recorded(inner: str) -> None:
    found = route(server(inner), "/ws/")
    assert reasons(found) == [STOPPED[inner][1]]
    assert [told(each.setting.place) for each in found.ineffective] == ["location /ws/"]


@pytest.mark.parametrize("inner", STOPPED)
@pytest.mark.parametrize("nginx", binaries.nginx(), ids=lambda nginx: nginx.text)
def test_nginx_itself_answers_these_handshakes(
    nginx: Nginx, inner: str, tmp_path: pathlib.Path
) -> None:
    with target() as at:
        text = f"{MAP} server {{ listen 127.0.0.1:8080; {inner} }}"
        with running(nginx, text, tmp_path, {9000: at}) as port, Client(port) as client:
            assert client.answer()[0] == STOPPED[inner][0]


def test_a_server_that_redirects_to_another_host_ends_every_handshake() -> None:
    found = route(server(f"return 301 https://other.example/; {WS}"), "/ws/")
    assert found.redirect is not None
    assert (found.redirect.kind.value, held(found.redirect.status)) == ("other", 301)
    assert told(found.redirect.status.place) == "return 301 https://other.example/"


@pytest.mark.parametrize(
    "inner",
    [
        f"return 301 https://$host$request_uri; {WS}",
        f"return 426; {WS}",
        WS.replace("{", "{ return 403;"),
    ],
)
def test_plain_http_beside_an_https_twin_is_no_way_for_handshakes(inner: str) -> None:
    found = next(r for r in topology(server(inner, TWIN)).routes if r.path == "/ws/")
    assert found.belief.level is Level.POSSIBLE
    assert (found.redirect, found.ineffective) == (None, ())


@pytest.mark.parametrize(
    "inner",
    [
        f"if ($host = a.example) {{ return 404; }} {WS}",
        f"if ($host = a.example) {{ break; }} return 404; {WS}",
        f"{WS} location ~ ^/ws {{ if ($arg_a) {{ return 404; }} proxy_pass http://b; {UPGRADE} }}",
        f"{WS} location ~ ^/ws {{ return 301 https://$host$request_uri; }}",
        f"{WS} location ~ ^/ws {{ if ($scheme = http) {{ return 403; }} proxy_pass http://b; }}",
        f"{WS} location ~ ^/ws/?$ {{ return 404; }}",
        f"{WS} location ~ ^/ws/old/ {{ return 404; }}",
        f"{WS} location @up {{ proxy_pass http://127.0.0.1:9000; {UPGRADE} }}"
        " location ~ ^/ws { error_page 418 = @up; return 418; }",
        WS.replace("{", "{ if ($http_upgrade != websocket) { return 426; }"),
        WS.replace("{", "{ if ($http_connection != Upgrade) { return 400; }"),
        WS.replace("{", "{ if ($request_method !~ ^(GET|HEAD)$) { return 405; }"),
        WS.replace("{", "{ limit_except GET { deny all; }"),
        WS.replace("{", "{ limit_except POST { allow 10.0.0.0/8; deny all; }"),
    ],
)
def test_what_may_let_handshakes_pass_is_not_recorded(inner: str) -> None:
    found = route(server(inner), "/ws/")
    assert (reasons(found), found.redirect) == ([], None)


def test_an_internal_location_has_no_handshakes_from_outside() -> None:
    found = route(server(WS.replace("{", "{ internal;")), "/ws/")
    assert found.belief.level is Level.POSSIBLE
    assert found.belief.evidence == "`internal`: requests from outside get 404"


@pytest.mark.parametrize(
    "way",
    [
        "error_page 404 /ws/missing;",
        "location /chat { try_files /none /ws/chat; }",
        "location /chat { rewrite ^/chat(.*)$ /ws/$1 last; }",
        "location /chat { if ($arg_a) { rewrite ^ $target last; } }",
        "include ways;",
    ],
)
def test_an_internal_location_to_which_a_statement_leads_carries_websockets(way: str) -> None:
    found = route(server(f"{way} {WS.replace('{', '{ internal;')}"), "/ws/")
    assert found.belief.level is Level.CERTAIN
