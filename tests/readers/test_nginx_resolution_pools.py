"""nginx pools: targets, names, stickiness, checks, drain time, retries, health answers."""

from __future__ import annotations

import math

import pytest

from lbcheck.model import CheckKind, Declared, Effect, Pool, Resolution, State
from tests.readers.nginx_text import UPGRADE, brief, held, route, told, topology, whole


def pool(upstream: str, main: str = "", declared: Declared | None = None) -> Pool:
    text = whole(
        f"upstream app {{ {upstream} }}\nserver {{ location /ws {{ proxy_pass http://app; }} }}",
        main,
    )
    (found,) = topology(text, declared).pools
    return found


def test_targets_have_their_state_weight_and_place() -> None:
    found = pool(
        "server 10.0.0.1:80 weight=5 max_fails=0; server 10.0.0.2:80 down; "
        "server 10.0.0.3:80 drain route=c; server app.internal:80 backup;"
    )
    one, two, three, four = found.targets
    assert (one.weight.value, one.state, told(one.place)) == (
        5, State.HEALTHY, "server 10.0.0.1:80 weight=5 max_fails=0",
    )  # fmt: skip
    assert one.passive_off is not None
    assert one.passive_off.name == "max_fails"
    assert (two.state, two.reason) == (State.DOWN, "down")
    assert (three.state, three.cookie) == (State.DRAINING, "c")
    assert (four.backup, four.resolution) == (True, Resolution.ONCE)
    assert [told(mark.place) for mark in found.drain_marks] == ["server 10.0.0.3:80 drain route=c"]
    assert (found.address, told(found.place)) == ("http/upstream[app]", "upstream app")


@pytest.mark.parametrize(
    ("server", "resolution"),
    [
        ("10.0.0.1:80", Resolution.ADDRESS),
        ("[::1]:80", Resolution.ADDRESS),
        ("unix:/run/app.sock", Resolution.ADDRESS),
        ("localhost:3000", Resolution.ADDRESS),
        ("app.internal", Resolution.ONCE),
        ("app.internal resolve", Resolution.DYNAMIC),
    ],
)
def test_a_name_is_resolved_once_unless_told_otherwise(server: str, resolution: Resolution) -> None:
    assert pool(f"server {server};").targets[0].resolution is resolution


def test_a_name_in_proxy_pass_is_a_pool_of_one() -> None:
    text = whole("server { location /ws { proxy_pass http://segments:7000/x; } }")
    (found,) = topology(text).pools
    assert (found.name, told(found.place)) == ("segments:7000", "proxy_pass http://segments:7000/x")
    assert found.targets[0].resolution is Resolution.ONCE
    assert found.complete


@pytest.mark.parametrize(("resolver", "missing"), [("", True), ("resolver 10.0.0.2;", False)])
def test_a_variable_address_needs_a_resolver(resolver: str, missing: bool) -> None:
    text = whole(
        f"{resolver} server {{ location /ws {{ set $h app.internal; proxy_pass http://$h:80; }} }}"
    )
    (found,) = topology(text).pools
    assert (found.resolver_missing is not None) is missing
    assert found.targets[0].resolution is Resolution.DYNAMIC


def test_a_variable_that_names_upstreams_leads_to_them() -> None:
    text = whole(
        "upstream a { server 10.0.0.1; } upstream b { server 10.0.0.2; }\n"
        "map $cookie_side $side { default a; green b; }\n"
        "server { location /ws { proxy_pass http://$side; } }"
    )
    assert [f.pool.name for f in route(text, "/ws").forwards] == ["a", "b"]
    assert all(found.resolver_missing is None for found in topology(text).pools)


def test_an_unknown_variable_is_never_judged() -> None:
    text = whole("server { location ~ ^/ws/(.*) { proxy_pass http://10.0.0.1:$arg_port; } }")
    (found,) = topology(text).pools
    assert (found.complete, found.targets[0].unreadable, found.resolver_missing) == (
        False, True, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "value"),
    [("ip_hash;", "source"), ("hash $remote_addr;", "source"), ("hash $arg_id;", "hash"),
     ("hash $remote_addr$request_uri;", None), ("hash $request_uri consistent;", None),
     ("hash $uri;", None), ("hash $request_id;", None), ("random two least_conn;", None),
     ("sticky cookie s;", "cookie"), ("least_conn;", None)],
)  # fmt: skip
def test_stickiness_is_what_leads_a_client_back(statement: str, value: str | None) -> None:
    found = pool(f"{statement} server 10.0.0.1; server 10.0.0.2;")
    assert (found.stickiness.value if found.stickiness else None) == value
    assert [p.kind for p in found.persistence] == ([value] if value else [])


@pytest.mark.parametrize(
    ("main", "value", "origin", "place"),
    [
        ("", math.inf, "default", "http"),
        ("worker_shutdown_timeout 5m;", 300.0, "set", "worker_shutdown_timeout 5m"),
        ("worker_shutdown_timeout 0;", math.inf, "set", "worker_shutdown_timeout 0"),
    ],
)
def test_drain_time_is_the_shutdown_timeout_of_the_workers(
    main: str, value: float, origin: str, place: str
) -> None:
    assert brief(pool("server 10.0.0.1;", main).drain_time) == (value, origin, place)


def test_open_source_nginx_checks_passively_and_knows_no_health_check() -> None:
    text = whole(
        "upstream app { server 10.0.0.1; }\n"
        "server { location /ws { proxy_pass http://app; health_check uri=/up interval=2s; } }"
    )
    (found,) = topology(text, Declared(nginx_edition="oss")).pools
    (record,) = found.ineffective
    assert found.check.kind is CheckKind.PASSIVE
    assert record.effect is Effect.CHECK_INEFFECTIVE
    assert told(record.setting.place) == "health_check uri=/up interval=2s"
    # An edition that is not declared is one that takes the file: the others refuse to start.
    (undeclared,) = topology(text).pools
    (plus,) = topology(text, Declared(nginx_edition="plus")).pools
    assert (undeclared.check.kind, undeclared.ineffective) == (CheckKind.HTTP, ())
    assert (plus.check.kind, plus.ineffective) == (CheckKind.HTTP, ())
    assert held(plus.check.path) == "/up"
    assert plus.check.detection_s == 2.0


def test_tengine_checks_with_its_own_defaults() -> None:
    found = pool(
        "server 10.0.0.1; check interval=3000 type=http;", "", Declared(nginx_edition="tengine")
    )
    assert found.check.kind is CheckKind.HTTP
    assert found.check.detection_s == 16.0


@pytest.mark.parametrize(
    ("statement", "tried", "tried_503"),
    [
        ("", True, False),
        ("proxy_next_upstream error timeout http_503;", True, True),
        ("proxy_next_upstream off;", False, False),
    ],
)
def test_retries_are_what_proxy_next_upstream_lists(
    statement: str, tried: bool, tried_503: bool
) -> None:
    text = whole(
        "upstream app { server 10.0.0.1; server 10.0.0.2; }\n"
        f"server {{ location /ws {{ {statement} proxy_pass http://app; }} }}"
    )
    found = route(text, "/ws")
    assert held(found.retries) is tried
    assert held(found.retries_503) is tried_503


def test_a_single_target_has_nowhere_to_retry() -> None:
    text = whole(
        "upstream app { server 10.0.0.1; server 10.0.0.2 down; }\n"
        "server { location /ws { proxy_pass http://app; } }"
    )
    assert route(text, "/ws").retries is None


@pytest.mark.parametrize(
    ("inner", "status", "place"),
    [
        ("location = /up { return 200 ok; }", 200, "return 200 ok"),
        ("location / { try_files $uri /index.html; }", 200, "try_files $uri /index.html"),
        ("return 301 https://$host$request_uri;", 301, "return 301 https://$host$request_uri"),
        ("return 444;", 444, "return 444"),
        ("location /up { stub_status; }", 200, "stub_status"),
        (
            "location /up { error_page 502 =200 /x; proxy_pass http://10.0.0.1; }",
            200,
            "error_page 502 =200 /x",
        ),
    ],
)
def test_a_health_path_that_nginx_answers_itself_is_told(
    inner: str, status: int, place: str
) -> None:
    text = whole(f"server {{ listen 80; {inner} }}")
    (found,) = topology(text, Declared(health_path="/up")).listeners
    assert found.health is not None
    assert (found.health.setting.value, told(found.health.setting.place)) == (status, place)


@pytest.mark.parametrize(
    "inner",
    [
        "location / { proxy_pass http://10.0.0.1; }",
        "location / { try_files $uri @app; } location @app { proxy_pass http://10.0.0.1; }",
        "location / { try_files $uri =404; }",
        "if ($request_method = POST) { return 405; } location / { proxy_pass http://10.0.0.1; }",
    ],
)
def test_a_health_path_that_reaches_a_target_is_not(inner: str) -> None:
    text = whole(f"server {{ listen 80; {inner} }}")
    (found,) = topology(text, Declared(health_path="/up")).listeners
    assert found.health is None


@pytest.mark.parametrize(
    ("inner", "asked"),
    [
        (f"location /ws {{ {UPGRADE} proxy_pass http://app; }}", True),
        ("location /ws { proxy_pass http://app; }", False),
        (f"location / {{ {UPGRADE} proxy_pass http://app; }}", False),
        (f"location /ws {{ {UPGRADE} proxy_pass http://app; return 404; }}", False),
        (
            f'location /ws {{ {UPGRADE} if ($http_upgrade = "") {{ return 426; }} '
            "proxy_pass http://app; }",
            False,
        ),
        (
            f"location /ws {{ {UPGRADE} if ($http_upgrade !~* websocket) {{ return 404; }} "
            "proxy_pass http://app; }",
            False,
        ),
        (f"location /ws/ {{ {UPGRADE} proxy_pass http://app; }}", False),
    ],
)
def test_a_health_check_that_runs_through_a_websocket_location_is_noted(
    inner: str, asked: bool
) -> None:
    text = whole(f"upstream app {{ server 10.0.0.1; }}\nserver {{ listen 80; {inner} }}")
    (found,) = topology(text, Declared(health_path="/ws")).pools
    assert (found.asked is not None) is asked
    if found.asked is not None:
        assert (found.asked.name, found.asked.value) == ("location /ws", "/ws")
        assert told(found.asked.place) == "location /ws"
