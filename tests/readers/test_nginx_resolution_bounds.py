"""The nginx reader on hostile input: deep, looping, or with expressions that never end."""

from __future__ import annotations

import re

import pytest

from lbcheck.model import Declared
from lbcheck.sources import nginx_pattern, nginx_time
from tests.growth import linear
from tests.readers.nginx_text import held, topology, whole


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("60", 60.0), ("1h30m", 5400.0), ("1h 30m", 5400.0), ("500ms", 0.5), ("2d", 172800.0),
     ("0", 0.0), ("1.5s", None), ("1y", None), ("-1", None), ("", None), ("{{ t }}", None)],
)  # fmt: skip
def test_times_are_read_as_nginx_reads_them(text: str, seconds: float | None) -> None:
    assert nginx_time.seconds(text) == seconds


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*$", "(.*)(.*)(.*)(.*)(.*)x", "(?R)", "[[:x:]]", "("]
)
def test_an_expression_that_may_not_end_or_differs_is_not_run(pattern: str) -> None:
    assert nginx_pattern.matches(pattern, "a" * 100) is None


@pytest.mark.parametrize(
    ("pattern", "path", "hit"),
    [("^/ws", "/ws/", True), (r"\.(?:css|js)$", "/ws/", False), ("^/(?<r>[a-z]+)/", "/a/w", True)],
)  # fmt: skip
def test_ordinary_expressions_are_run(pattern: str, path: str, hit: bool) -> None:
    assert nginx_pattern.matches(pattern, path) is hit


@pytest.mark.parametrize("pattern", ["^/ab?c", "^/ab*", "^/ab{2}", "^/x|/ab", "^/a", "^/(x|ab)"])
def test_the_fixed_beginning_never_rules_out_a_match(pattern: str) -> None:
    for path in ("/a", "/ab", "/abb", "/abc", "/ac", "/x/ab"):
        assert not (nginx_pattern.foreign(pattern, path) and re.search(pattern, path))


def test_maps_that_name_each_other_end() -> None:
    text = whole(
        "map $a $b { default $c; } map $b $c { default $b; }\n"
        "server { location /ws { proxy_set_header Connection $b; proxy_pass http://10.0.0.1; } }"
    )
    (route,) = topology(text).routes
    assert held(route.connection) is None


def test_rewrites_that_lead_to_each_other_end() -> None:
    text = whole(
        "server { location /a { rewrite ^ /b last; proxy_pass http://10.0.0.1; }\n"
        "location /b { rewrite ^ /a last; proxy_pass http://10.0.0.1; } }"
    )
    assert len(topology(text, Declared(websocket_paths=("/a",))).routes) == 2


def test_deep_nesting_is_read_in_linear_time() -> None:
    def text(depth: int) -> str:
        location = "location /aaa { proxy_pass http://10.0.0.1; "
        return whole("server { listen 80; " + location * depth + "}" * (depth + 1))

    def resolve(text: str) -> None:
        topology(text, Declared(websocket_paths=("/aaaa",), health_path="/aaab"))

    assert linear(resolve, text(3000), text(375))


@pytest.mark.parametrize(
    "inner", ["if { return 301 /; }", "if ($a) { " * 3000 + "}" * 3000, "return;", "rewrite;"]
)
def test_rewrite_statements_that_nginx_refuses_end_nothing(inner: str) -> None:
    text = whole(f"server {{ {inner} location /ws {{ proxy_pass http://10.0.0.1; }} }}")
    found = topology(text, Declared(websocket_paths=("/ws",))).routes
    assert [route.path for route in found] == ["/ws"]


@pytest.mark.parametrize(
    ("around", "inner"),
    [
        ("auth_request /ask;", ""),
        ("limit_conn addr 3;", ""),
        ("", "limit_conn addr 3;"),
        ("location /admin { deny all; proxy_pass http://10.0.0.2; }", ""),
        ("", "deny all;"),
    ],
)
def test_what_thousands_of_locations_share_is_looked_at_once(around: str, inner: str) -> None:
    def text(many: int) -> str:
        zones = "".join(
            f"limit_conn_zone $binary_remote_addr zone={n or 'addr'}:1m;" for n in range(many)
        )
        pool = "upstream app { keepalive 8; ip_hash; " + "server 10.0.0.1; " * many + "}"
        upgrade = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"
        locations = "".join(
            f"location /ws{n} {{ {inner} proxy_pass http://app; }}" for n in range(many)
        )
        outside = around * many if around.startswith("limit_conn") else around
        return whole(f"{zones} {pool} server {{ listen 80; {upgrade} {outside} {locations} }}")

    def resolve(text: str) -> None:
        topology(text, Declared(websocket_paths=("/ws7",), health_path="/ws8"))

    assert linear(resolve, text(2000), text(250))
