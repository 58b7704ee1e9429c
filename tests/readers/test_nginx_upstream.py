"""Statements of an upstream that do not do what they say, and limits that a worker has alone."""

from __future__ import annotations

import pytest

from lbcheck.model import Declared, Effect, Pool
from tests.readers.nginx_text import told, topology, whole


def pool(
    upstream: str, main: str = "", declared: Declared | None = None, location: str = ""
) -> Pool:
    text = whole(
        f"upstream app {{ {upstream} }}\n"
        f"server {{ location /ws {{ {location} proxy_pass http://app; }} }}",
        main,
    )
    (found,) = topology(text, declared).pools
    return found


def reasons(found: Pool, effect: Effect) -> list[tuple[str, str, str]]:
    """Name, place and reason of what has this effect."""
    return [
        (each.setting.name, told(each.setting.place), each.reason)
        for each in found.ineffective
        if each.effect is effect
    ]


SERVERS = "server 10.0.0.1; server 10.0.0.2;"


@pytest.mark.parametrize("method", ["least_conn", "ip_hash", "random two", "hash $uri"])
def test_a_method_below_keepalive_replaces_it_before_1_29_7(method: str) -> None:
    text = f"{SERVERS} keepalive 8; {method};"
    name = method.split()[0]
    for version, when in ((None, ", in nginx before 1.29.7"), ((1, 22, 1), "")):
        found = pool(text, declared=Declared(nginx_version=version))
        reason = f"`{name}` below it replaces it{when}"
        assert reasons(found, Effect.ORDER) == [("keepalive", "keepalive 8", reason)]
    assert reasons(pool(text, declared=Declared(nginx_version=(1, 29, 7))), Effect.ORDER) == []


@pytest.mark.parametrize(
    "text", ["least_conn; keepalive 8;", "keepalive 8;", "keepalive 0; ip_hash;", "ip_hash;"]
)
def test_another_order_does_not(text: str) -> None:
    assert reasons(pool(f"{SERVERS} {text}"), Effect.ORDER) == []


def test_of_two_methods_the_later_one_is_in_force() -> None:
    found = pool(f"ip_hash; least_conn; {SERVERS}")
    assert reasons(found, Effect.ORDER) == [
        ("ip_hash", "ip_hash", "`least_conn` below it replaces it")
    ]
    assert found.stickiness is None
    kept = pool(f"least_conn; ip_hash; {SERVERS}").stickiness
    assert (kept.name if kept else None) == "ip_hash"


def test_drain_without_sticky_is_down() -> None:
    (found,) = reasons(pool("server 10.0.0.1 drain; server 10.0.0.2;"), Effect.UNSUPPORTED)
    assert found[:2] == ("drain", "server 10.0.0.1 drain")
    sticky = pool("server 10.0.0.1 drain; server 10.0.0.2; sticky cookie s;")
    assert reasons(sticky, Effect.UNSUPPORTED) == []


@pytest.mark.parametrize(
    ("text", "name", "since"),
    [
        ("server 10.0.0.1 route=a;", "route", "1.29.6"),
        ("server app.example resolve;", "resolve", "1.27.3"),
        ("server app.example service=http;", "service", "1.27.3"),
        ("server 10.0.0.1 slow_start=30s;", "slow_start", None),
        ("server 10.0.0.1; sticky cookie s;", "sticky", "1.29.6"),
        ("server 10.0.0.1; queue 100;", "queue", None),
    ],
)
def test_what_a_declared_version_refuses_is_told(text: str, name: str, since: str | None) -> None:
    found = reasons(pool(text, declared=Declared(nginx_version=(1, 26, 1))), Effect.UNSUPPORTED)
    why = f"open-source nginx knows it since {since}" if since else "only NGINX Plus knows it"
    assert [(each[0], each[2]) for each in found] == [(name, f"nginx 1.26.1 refuses it, {why}")]
    assert reasons(pool(text), Effect.UNSUPPORTED) == []
    for declared in (
        Declared(nginx_version=(1, 26, 1), nginx_edition="plus"),
        Declared(nginx_version=(1, 31, 3) if since else (1, 26, 1), nginx_edition="angie"),
    ):
        assert reasons(pool(text, declared=declared), Effect.UNSUPPORTED) == []


def test_a_module_may_know_what_nginx_does_not() -> None:
    old = Declared(nginx_version=(1, 22, 1))
    sticky = pool("server 10.0.0.1; sticky name=route expires=1h;", declared=old)
    assert reasons(sticky, Effect.UNSUPPORTED) == []
    loaded = pool("server 10.0.0.1; queue 5;", "load_module modules/x.so;", old)
    assert reasons(loaded, Effect.UNSUPPORTED) == []


def test_a_health_check_is_refused_by_open_source_nginx() -> None:
    old = Declared(nginx_version=(1, 31, 3))
    found = reasons(pool(SERVERS, declared=old, location="health_check;"), Effect.UNSUPPORTED)
    assert found == [
        ("health_check", "health_check", "nginx 1.31.3 refuses it, only NGINX Plus knows it")
    ]


@pytest.mark.parametrize(
    ("upstream", "main", "counted"),
    [
        ("server 10.0.0.1 max_fails=3; server 10.0.0.2;", "worker_processes auto;", "max_fails"),
        (
            "server 10.0.0.1; server 10.0.0.2 fail_timeout=5;",
            "worker_processes 4;",
            "fail_timeout",
        ),
        ("zone z 64k; server 10.0.0.1 max_fails=3; server 10.0.0.2;", "worker_processes 4;", None),
        ("server 10.0.0.1 max_fails=3; server 10.0.0.2;", "worker_processes 1;", None),
        ("server 10.0.0.1 max_fails=3; server 10.0.0.2;", "", None),
        ("server 10.0.0.1 max_fails=0; server 10.0.0.2;", "worker_processes 4;", None),
        ("server 10.0.0.1 max_fails=3;", "worker_processes 4;", None),
        (SERVERS, "worker_processes auto;", None),
    ],
)
def test_a_limit_that_several_workers_have_each_is_noted(
    upstream: str, main: str, counted: str | None
) -> None:
    found = pool(upstream, main).counted_alone
    assert (found.name if found else None) == counted


@pytest.mark.parametrize(
    ("upstream", "fragile"),
    [
        (f"ip_hash; {SERVERS}", True),
        (f"hash $remote_addr consistent; {SERVERS}", True),
        ("ip_hash; server 10.0.0.1; server 10.0.0.2 max_fails=5;", False),
        ("ip_hash; server 10.0.0.1;", False),
        (f"hash $request_id; {SERVERS}", False),
        (f"least_conn; {SERVERS}", False),
    ],
)
def test_a_hash_that_one_failure_breaks_is_noted(upstream: str, fragile: bool) -> None:
    found = reasons(pool(upstream), Effect.STICKINESS_FRAGILE)
    reason = "one failed request takes a server out for 10s"
    assert found == ([("max_fails", "server 10.0.0.1", reason)] if fragile else [])
