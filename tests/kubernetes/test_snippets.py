"""Locations that a snippet adds to a server are judged like those of an nginx file."""

from __future__ import annotations

import pathlib

import pytest

from tests.kubernetes.manifests import ALB, INC, LONG, NGINX, ingress, report, told

SYNC = "websocket: {paths: [/sync]}\nheartbeat: {sender: server, interval_s: 25}\n"
PASS = "proxy_pass http://vault.default.svc:3012;"
VERSION = "proxy_http_version 1.1;"
UPGRADE = "proxy_set_header Upgrade $http_upgrade;"
CONNECTION = 'proxy_set_header Connection "upgrade";'


def snippet(*statements: str, head: str = "location /sync {") -> str:
    lines = [head, *(f"  {statement}" for statement in statements), "}"]
    text = "".join(f"\n      {line}" for line in lines)
    return ingress("vault", {**LONG, f"{NGINX}server-snippet": f"|{text}"}, path="/")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ((PASS, VERSION, UPGRADE, CONNECTION), []),
        ((PASS, VERSION), [("LB101", 10)]),
        ((PASS, UPGRADE, CONNECTION), [("LB103", 10)]),
        ((PASS, VERSION, UPGRADE), [("LB102", 10)]),
        ((PASS, VERSION, UPGRADE, "proxy_set_header Connection close;"), [("LB102", 14)]),
        ((PASS, VERSION, UPGRADE, CONNECTION, "proxy_read_timeout 20s;"), [("LB301", 15)]),
        ((PASS, VERSION, UPGRADE, CONNECTION, "proxy_read_timeout $slow;"), []),
        (("return 403;",), []),
        ((PASS, "if ($bad) { return 403; }"), []),
    ],
)
def test_a_location_of_a_snippet(
    statements: tuple[str, ...], expected: list[tuple[str, int]], tmp_path: pathlib.Path
) -> None:
    assert told(snippet(*statements), tmp_path, SYNC) == expected


@pytest.mark.parametrize(
    "head",
    ["location /static {", "location = /sync/x {", "location ^~ /syncs {", "# location /sync {"],
)
def test_another_location_is_none_of_its_business(head: str, tmp_path: pathlib.Path) -> None:
    profile = SYNC.replace("/sync", "/sync/y")
    assert told(snippet(PASS, head=head), tmp_path, profile) == []


def test_a_profile_of_every_path_does_not_mean_the_locations_of_snippets(
    tmp_path: pathlib.Path,
) -> None:
    everything = SYNC.replace("/sync", "/")
    assert told(snippet(PASS, head="location /assets/ {"), tmp_path, everything) == []
    named = snippet(PASS, VERSION, head="location /ws/ {")
    assert told(named, tmp_path, everything) == [("LB101", 10)]


def test_what_one_location_forwards_says_nothing_of_its_neighbours(
    tmp_path: pathlib.Path,
) -> None:
    sockets = f"location /a/ {{ {PASS} {VERSION} {UPGRADE} {CONNECTION} proxy_read_timeout 1h; }}"
    assets = f"location /assets/ {{ {PASS} }}"
    text = ingress("front", {f"{NGINX}server-snippet": f"|\n      {sockets}\n      {assets}"})
    assert told(text.replace("/ws", "/"), tmp_path) == []


def test_one_line_is_enough(tmp_path: pathlib.Path) -> None:
    line = f"location /sync {{ {PASS} {VERSION} {UPGRADE} {CONNECTION} proxy_read_timeout 20s; }}"
    text = ingress("vault", {**LONG, f"{NGINX}server-snippet": f"'{line}'"}, path="/")
    assert told(text, tmp_path, SYNC) == [("LB301", 9)]


def test_only_the_controllers_of_nginx_read_it(tmp_path: pathlib.Path) -> None:
    foreign = snippet(PASS).replace(NGINX, INC).replace("snippet", "snippets")
    assert told(foreign.replace('"3600"', "1h"), tmp_path, SYNC)[0] == ("LB101", 10)
    alb = {
        f"{ALB}load-balancer-attributes": "idle_timeout.timeout_seconds=3600",
        f"{ALB}healthcheck-path": "/healthz",
        f"{NGINX}server-snippet": f"'location /sync {{ {PASS} }}'",
    }
    text = ingress("vault", alb, ingress_class="alb", path="/")
    assert told(text, tmp_path, SYNC) == []


def test_a_second_timeout_is_refused_however_short(tmp_path: pathlib.Path) -> None:
    snippet = "|\n      proxy_read_timeout 20s;"
    text = ingress(annotations={f"{NGINX}configuration-snippet": snippet})
    profile = "heartbeat: {sender: server, interval_s: 25}\n"
    assert [(f.code, f.severity.value) for f in report(text, tmp_path, profile).findings] == [
        ("LB306", "error")
    ]
