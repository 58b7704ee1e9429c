"""Limits by address, and whose address nginx takes for a client's."""

from __future__ import annotations

import pytest

from tests.readers.nginx_text import UPGRADE, route, topology, whole

UPSTREAM = "upstream app { ip_hash; server 10.0.0.1; server 10.0.0.2; }\n"
ZONES = (
    "limit_conn_zone $binary_remote_addr zone=addr:1m; limit_conn_zone $server_name zone=site:1m;"
    "limit_conn_zone $http_x_user zone=user:1m;\n"
)


@pytest.mark.parametrize(
    ("server", "inner", "limits"),
    [
        ("", "limit_conn addr 2;", [("limit_conn addr", 2, True)]),
        ("limit_conn addr 2;", "", [("limit_conn addr", 2, True)]),
        ("limit_conn addr 2;", "limit_conn addr 50;", [("limit_conn addr", 50, True)]),
        (
            "server_name a.example;",
            "limit_conn site 100; limit_conn addr 4;",
            [("limit_conn site", 100, False), ("limit_conn addr", 4, True)],
        ),
        ("server_name _;", "limit_conn site 100;", []),
        ("", "limit_conn user 1;", []),
        ("", "limit_conn other 1;", []),
        ("", "limit_conn addr {{ n }};", []),
        ("limit_conn_dry_run on;", "limit_conn addr 2;", []),
        ("", "", []),
    ],
)
def test_limits_are_those_in_force(
    server: str, inner: str, limits: list[tuple[str, int, bool]]
) -> None:
    text = whole(f"{ZONES} server {{ {server} location /ws {{ {inner} proxy_pass http://a; }} }}")
    found = route(text, "/ws").limits
    assert [(each.setting.name, each.setting.value, each.per_client) for each in found] == limits


PASSED_ON = "proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;"


@pytest.mark.parametrize(
    ("server", "sign"),
    [
        (f"location /ws {{ {PASSED_ON} PASS }}", "proxy_set_header x-forwarded-proto"),
        ("listen 80 proxy_protocol; location /ws { PASS }", "proxy_protocol"),
        ("listen 80; listen 81 proxy_protocol; location /ws { PASS }", None),
        (f"set_real_ip_from 10.0.0.0/8; location /ws {{ {PASSED_ON} PASS }}", None),
        (f"include realip.conf; location /ws {{ {PASSED_ON} PASS }}", None),
        ("location /ws { proxy_set_header X-Forwarded-Proto $scheme; PASS }", None),
        (
            "location /ws { proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; PASS }",
            None,
        ),
        ("location /ws { PASS }", None),
    ],
)
def test_a_balancer_in_front_shows_itself(server: str, sign: str | None) -> None:
    inner = server.replace("PASS", f"{UPGRADE} proxy_pass http://app;")
    found = route(whole(f"{UPSTREAM} server {{ {inner} }}"), "/ws").behind
    assert (found.name if found else None) == sign
    spread = UPSTREAM.replace("ip_hash;", "least_conn;")
    assert route(whole(f"{spread} server {{ {inner} }}"), "/ws").behind is None


def test_a_fragment_does_not_tell() -> None:
    inner = f"location /ws {{ {PASSED_ON} {UPGRADE} proxy_pass http://app; }}"
    (found,) = topology(f"{UPSTREAM} server {{ {inner} }}").routes
    assert found.behind is None
