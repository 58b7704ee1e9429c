"""HAProxy files about which the rules on stickiness, balance and capacity say no word."""

import pathlib

import pytest

from lbcheck.run import Options, run
from tests.rules.haproxy_backends import COOKIE, HEAD, PAIR, TWO, said


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (COOKIE, []),
        (f"cookie NODE insert\n{TWO}", ["error: cookie NODE insert"]),
        ("cookie NODE insert\n server a 127.0.0.1:1 check", []),
        (f"cookie NODE insert dynamic\n dynamic-cookie-key k\n{TWO}", []),
        (
            "cookie NODE insert\n server a 127.0.0.1:1 cookie a check\n"
            " server b 127.0.0.1:2 cookie a check backup\n server c 127.0.0.1:3 cookie c check",
            [],
        ),
        (
            "stick-table type ip size 1k\n stick on src\n" + PAIR.format(" cookie a", " cookie b"),
            [],
        ),
        ("balance source\n" + PAIR.format(" cookie a", " cookie b"), []),
        (
            "cookie NODE insert\n use-server b if { src 10.0.0.9 }\n"
            + PAIR.format(" cookie a", ""),
            [],
        ),
        (
            "cookie NODE insert\n" + PAIR.format(" cookie a", ""),
            ["error: server b 127.0.0.1:2 check"],
        ),
        (
            "cookie NODE insert\n default-server cookie x\n" + TWO,
            ["error: server b 127.0.0.1:2 check"],
        ),
    ],
)
def test_a_cookie_keeps_clients_where_every_server_has_a_value_of_its_own(
    lines: str, expected: list[str], tmp_path: pathlib.Path
) -> None:
    assert said(f"{HEAD} {lines}\n", tmp_path, "LB502") == expected


def test_a_cookie_that_defaults_hand_down_may_be_meant_for_other_backends(
    tmp_path: pathlib.Path,
) -> None:
    text = HEAD.replace("    mode http\n", "    mode http\n    cookie NODE insert\n") + TWO
    assert said(text, tmp_path, "LB502") == []


def test_a_broken_cookie_is_told_once(tmp_path: pathlib.Path) -> None:
    profile = "extends: default\nstickiness: {need: required}\n"
    text = f"{HEAD} cookie NODE insert\n{TWO}"
    assert said(text, tmp_path, "LB501", profile) == []
    assert len(said(f"{HEAD}{TWO}", tmp_path, "LB501", profile)) == 1
    assert len(said(text, tmp_path, "LB502", profile)) == 1


ROUTED = HEAD.replace("mode http", "mode MODE").replace("    option redispatch\n", "")


@pytest.mark.parametrize(
    ("mode", "lines", "expected"),
    [
        ("http", "", []),
        ("tcp", "", ["warning: use_backend ws if { path_beg /ws }"]),
        ("tcp", "    tcp-request inspect-delay 5s\n", []),
        (
            "tcp",
            "    tcp-request connection reject if { src 10.0.0.9 }\n",
            ["warning: use_backend ws if { path_beg /ws }"],
        ),
    ],
)
def test_a_test_of_the_request_matches_where_requests_are_read(
    mode: str, lines: str, expected: list[str], tmp_path: pathlib.Path
) -> None:
    text = ROUTED.replace("MODE", mode).replace("    use_backend", f"{lines}    use_backend")
    assert said(text + TWO, tmp_path, "LB509") == expected


@pytest.mark.parametrize("acl", ["dst_port 8080", "src 10.0.0.0/8", "req.ssl_sni -m found"])
def test_what_is_known_of_a_connection_is_tested_in_mode_tcp(
    acl: str, tmp_path: pathlib.Path
) -> None:
    text = ROUTED.replace("MODE", "tcp").replace("path_beg /ws", acl)
    assert said(text + TWO, tmp_path, "LB509") == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ('"${CHAT_HOST}:9001"', 1),
        ("$CHAT_HOST:9001", 1),
        ('"${CHAT_HOST-10.0.0.1}:9001"', 0),
        ('"10.0.0.${NUMBER}:9001"', 0),
        ("10.0.0.1:9001", 0),
    ],
)
def test_an_address_may_be_a_variable_that_has_a_default_or_is_set(
    address: str, expected: int, tmp_path: pathlib.Path
) -> None:
    text = f"{HEAD} server a {address} check\n server b 127.0.0.1:2 check\n"
    (tmp_path / "haproxy.cfg").write_text(text)
    found = run([str(tmp_path)], Options(today="2026-11-23")).findings
    assert [each.severity.value for each in found if each.code == "LB509"] == ["info"] * expected
    text = text.replace("global\n", "global\n    setenv CHAT_HOST 10.0.0.1\n", 1)
    (tmp_path / "haproxy.cfg").write_text(text)
    found = run([str(tmp_path)], Options(today="2026-11-23")).findings
    assert [each.code for each in found if each.code == "LB509"] == []


def test_an_alert_may_stop_haproxy_where_a_variable_is_not_set(tmp_path: pathlib.Path) -> None:
    text = HEAD + ' server a "${CHAT_HOST}:9001" check\n'
    alert = '.if !defined(CHAT_HOST)\n    .alert "CHAT_HOST is not set"\n.endif\n'
    (tmp_path / "haproxy.cfg").write_text(alert + text)
    found = run([str(tmp_path)], Options(today="2026-11-23")).findings
    assert [each.code for each in found if each.code == "LB509"] == []


LIMITED = PAIR.format(" maxconn 50", " maxconn 50")


@pytest.mark.parametrize(
    ("limit", "servers", "expected"),
    [
        ("global\n    maxconn 999\n", TWO, ["warning: maxconn 999"]),
        ("global\n    maxconn 1000\n", TWO, []),
        ("global\n", LIMITED, ["warning: server a 127.0.0.1:1 check maxconn 50"]),
        ("global\n", PAIR.format(" maxconn 50", ""), []),
        ("global\n", PAIR.format(" maxconn 0", " maxconn 50"), []),
        ("global\n", PAIR.format(" maxconn 500", " maxconn 500"), []),
        (
            "global\n",
            PAIR.format(*[" source 10.0.0.9:2000-2009"] * 2),
            ["warning: server a 127.0.0.1:1 check source 10.0.0.9:2000-2009"],
        ),
        ("global\n", PAIR.format(*[" source 10.0.0.9"] * 2), []),
    ],
)
def test_a_limit_is_too_small_for_sockets_where_every_way_has_one(
    limit: str, servers: str, expected: list[str], tmp_path: pathlib.Path
) -> None:
    text = HEAD.replace("global\n", limit, 1) + servers
    assert said(text, tmp_path, "LB505") == expected


def test_a_small_limit_of_the_pages_beside_the_websockets_is_no_concern(
    tmp_path: pathlib.Path,
) -> None:
    front = HEAD.replace("\nbackend ws", "    default_backend pages\n\nbackend ws")
    pages = f"backend pages\n{LIMITED}"
    assert said(front + TWO + pages, tmp_path, "LB505") == []


THREE = TWO + " server c 127.0.0.1:3 check\n"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (f"balance source\n{THREE}", ["info: balance source"]),
        (f"balance source\n hash-type consistent\n{THREE}", []),
        (f"balance source\n hash-type map-based\n{THREE}", ["info: balance source"]),
        (f"balance source\n{TWO}", []),
        (f"balance roundrobin\n{TWO}", []),
        (f"balance roundrobin\n timeout tunnel 1h\n{TWO}", ["info: balance roundrobin"]),
        (f"balance leastconn\n timeout tunnel 1h\n{TWO}", []),
        (f"balance random\n timeout tunnel 1h\n{TWO}", []),
        (f"timeout tunnel 1h\n{TWO}", []),
        (f"balance roundrobin\n timeout tunnel 1h\n {COOKIE}", []),
    ],
)
def test_a_balance_method_fits_sockets_or_nobody_chose_it(
    lines: str, expected: list[str], tmp_path: pathlib.Path
) -> None:
    assert said(f"{HEAD} {lines}", tmp_path, "LB504") == expected
