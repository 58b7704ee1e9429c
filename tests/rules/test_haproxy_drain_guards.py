"""HAProxy backends about which the rules on dead and leaving servers say no word."""

import pathlib

import pytest

from tests.rules.haproxy_backends import COOKIE, HEAD, PAIR, TWO, said


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        ("server a 127.0.0.1:1 check\n server b 127.0.0.1:2 check backup", []),
        ("server a 127.0.0.1:1 check\n server b 127.0.0.1:2 backup", []),
        ("server a 127.0.0.1:1 disabled\n server b 127.0.0.1:2 check backup", []),
        ("server a 127.0.0.1:1 weight 0\n server b 127.0.0.1:2 check backup", []),
        (
            "use-server b if TRUE\n server a 127.0.0.1:1\n server b 127.0.0.1:2 backup",
            [],
        ),
        ("server a 127.0.0.1:1 backup\n server b 127.0.0.1:2 backup", []),
        (
            "server a 127.0.0.1:1 check\n server c 127.0.0.1:3\n server b 127.0.0.1:2 check backup",
            ["error: server b 127.0.0.1:2 check backup"],
        ),
        (
            "server a 127.0.0.1:1 check\n server b 127.0.0.1:2 check backup disabled\n"
            " server c 127.0.0.1:3 check backup",
            [],
        ),
        (
            "server a 127.0.0.1:1 check\n server b 127.0.0.1:2 check backup weight 0",
            ["warning: server b 127.0.0.1:2 check backup weight 0"],
        ),
    ],
)
def test_a_backup_is_usable_where_every_other_server_can_be_out(
    servers: str, expected: list[str], tmp_path: pathlib.Path
) -> None:
    assert said(f"{HEAD} {servers}\n", tmp_path, "LB417") == expected


CLOSE = "on-marked-down shutdown-sessions"


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        (f"server a 127.0.0.1:1 check {CLOSE}\n server b 127.0.0.1:2 check {CLOSE} fall 2", []),
        (f"server a 127.0.0.1:1 {CLOSE} fall 1\n server b 127.0.0.1:2 check", []),
        ("default-server fall 1\n server a 127.0.0.1:1 check\n server b 127.0.0.1:2 check", []),
        (
            f"default-server check fall 1 {CLOSE}\n server a 127.0.0.1:1\n server b 127.0.0.1:2",
            [f"warning: default-server check fall 1 {CLOSE}"],
        ),
        (
            "server a 127.0.0.1:1 check on-marked-up shutdown-backup-sessions\n"
            " server b 127.0.0.1:2 check backup",
            ["info: server a 127.0.0.1:1 check on-marked-up shutdown-backup-sessions"],
        ),
        (
            "server a 127.0.0.1:1 check\n"
            " server b 127.0.0.1:2 check backup on-marked-up shutdown-backup-sessions",
            [],
        ),
        ("server a 127.0.0.1:1 check on-marked-up shutdown-backup-sessions", []),
    ],
)
def test_sockets_are_cut_together_by_one_failed_check_or_by_the_return_of_a_primary(
    servers: str, expected: list[str], tmp_path: pathlib.Path
) -> None:
    assert said(f"{HEAD} {servers}\n", tmp_path, "LB415") == expected


BEATS = "extends: default\nwebsocket: {{paths: [/ws]}}\nheartbeat: {}\n"


SERVERS = "option httpchk GET /ready\n server a 127.0.0.1:1 check\n server b 127.0.0.1:2 check"


@pytest.mark.parametrize(
    ("servers", "profile", "expected"),
    [
        (SERVERS, "default", []),
        (SERVERS, BEATS.format("{sender: undeclared}"), ["info: backend ws"]),
        (SERVERS, BEATS.format("{sender: none}"), ["warning: backend ws"]),
        (SERVERS, BEATS.format("{sender: server, interval_s: 20}"), ["warning: backend ws"]),
        (SERVERS, BEATS.format("{sender: server, interval_s: 20, kind: data}"), []),
        (SERVERS, BEATS.format("{sender: client, interval_s: 20}"), []),
        (f"timeout tunnel 5m\n {SERVERS}", BEATS.format("{sender: none}"), []),
        (SERVERS.replace("option httpchk GET /ready\n", ""), BEATS.format("{sender: none}"), []),
        (SERVERS.replace(" server b 127.0.0.1:2 check", ""), BEATS.format("{sender: none}"), []),
    ],
)
def test_a_dead_server_may_keep_its_sockets_where_clients_find_out_or_have_no_choice(
    servers: str, profile: str, expected: list[str], tmp_path: pathlib.Path
) -> None:
    assert said(f"{HEAD} {servers}\n", tmp_path, "LB414", profile) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (f"option persist\n{TWO}", []),
        (f"force-persist if TRUE\n{TWO}", []),
        (f"balance source\n option persist\n{TWO}", []),
        (f"option persist\n {COOKIE}", ["warning: option persist"]),
        (f"option persist\n use-server a if TRUE\n{TWO}", ["warning: option persist"]),
        (
            f"option persist\n stick-table type ip size 1k\n stick on src\n{TWO}",
            ["warning: option persist"],
        ),
        (f"force-persist if TRUE\n {COOKIE}", ["error: force-persist if TRUE"]),
        (f"force-persist if {{ src 10.0.0.0/8 }}\n {COOKIE}", []),
    ],
)
def test_persistence_acts_where_something_leads_to_one_server(
    lines: str, expected: list[str], tmp_path: pathlib.Path
) -> None:
    assert said(f"{HEAD} {lines}", tmp_path, "LB409") == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("retries 3\n", []),
        ("retries 0\n", ["warning: retries 0"]),
        ("http-request disable-l7-retry\n", ["warning: http-request disable-l7-retry"]),
        ("http-request disable-l7-retry if METH_POST\n", []),
    ],
)
def test_a_retry_that_is_switched_off_again_is_none(
    lines: str, expected: list[str], tmp_path: pathlib.Path
) -> None:
    lines += f" retry-on conn-failure 503\n{TWO}"
    assert said(f"{HEAD} {lines}", tmp_path, "LB410") == expected


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("server a 127.0.0.1:1 disabled", "LB401"),
        ("load-server-state-from-file global\n server a 127.0.0.1:1 disabled", ""),
        ("server-template a 1-3 127.0.0.1:1 disabled", ""),
        ("balance roundrobin", "LB402"),
        ("option transparent", ""),
        ("http-error status 503 content-type text/plain string later", ""),
    ],
)
def test_a_backend_without_a_server_at_work_may_be_meant_so(
    lines: str, code: str, tmp_path: pathlib.Path
) -> None:
    text = HEAD.replace("global\n", "global\n    server-state-file /tmp/state\n", 1)
    text = f"{text} {lines}\n"
    assert [each for each in ("LB401", "LB402") if said(text, tmp_path, each)] == [code][
        : len(code)
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            "use-server a if TRUE\n" + PAIR.format(" weight 0", ""),
            1,
        ),
        (
            "use-server a if TRUE\n" + PAIR.format(" disabled", ""),
            0,
        ),
        (
            "use-server a if { src 10.0.0.9 }\n server a 127.0.0.1:1 check weight 0\n"
            " server b 127.0.0.1:2 check",
            0,
        ),
        (
            "use-server a if { hdr(Upgrade) -i websocket }\n" + PAIR.format(" weight 0", ""),
            0,
        ),
        (
            "use-server b if TRUE\n" + PAIR.format(" weight 0", ""),
            0,
        ),
        (f"option persist\n {COOKIE.replace('cookie a', 'cookie a disabled')}", 1),
        (COOKIE.replace("cookie a", "cookie a disabled"), 0),
    ],
)
def test_a_server_that_was_taken_out_is_out_where_nothing_leads_to_it(
    lines: str, expected: int, tmp_path: pathlib.Path
) -> None:
    assert len(said(f"{HEAD} {lines}\n", tmp_path, "LB425")) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [("grace 5s", ["warning: grace 5s"]), ("grace 0", []), ("close-spread-time 1h", [])],
)
def test_only_a_grace_keeps_the_old_process_open(
    line: str, expected: list[str], tmp_path: pathlib.Path
) -> None:
    text = HEAD.replace("global\n", f"global\n    {line}\n", 1) + TWO
    assert said(text, tmp_path, "LB426") == expected


@pytest.mark.parametrize(
    ("asked", "servers", "count"),
    [
        ("nbsrv(ws) lt 1", TWO, 0),
        ("nbsrv(ws) lt 1", PAIR.format("", "").replace("2 check", "2"), 1),
        ("nbsrv(ws) eq 0", PAIR.format("", "").replace("2 check", "2"), 1),
        ("nbsrv(ws) lt 2", PAIR.format("", "").replace("2 check", "2"), 0),
        ("nbsrv(ws) lt 2", TWO.replace(" check", ""), 1),
        ("nbsrv(ws) lt 1", TWO.replace("2 check", "2 weight 0"), 0),
        ("nbsrv(ws) lt 1", TWO.replace("2 check", "2 backup"), 0),
        ("nbsrv(spare) lt 1", TWO.replace(" check", ""), 0),
        ("srv_is_up(ws/b) -m bool", TWO.replace("2 check", "2"), 1),
        ("srv_is_up(ws/a) -m bool", TWO.replace("2 check", "2"), 0),
    ],
)
def test_a_question_for_living_servers_needs_servers_that_can_be_found_dead(
    asked: str, servers: str, count: int, tmp_path: pathlib.Path
) -> None:
    rule = f"    use_backend spare if {{ {asked} }}\n    use_backend ws"
    text = HEAD.replace("    use_backend ws", rule, 1)
    spare = "backend spare\n server s 127.0.0.1:9 check\n"
    assert len(said(text + servers + spare, tmp_path, "LB424")) == count


def test_a_monitor_that_asks_unchecked_servers_never_fails(tmp_path: pathlib.Path) -> None:
    fail = "    acl gone nbsrv(ws) lt 1\n    monitor-uri /up\n    monitor fail if gone\n"
    text = HEAD.replace("    use_backend ws", f"{fail}    use_backend ws", 1)
    assert said(text + TWO, tmp_path, "LB424") == []
    unchecked = TWO.replace(" check", "")
    assert said(text + unchecked, tmp_path, "LB424") == ["warning: acl gone nbsrv(ws) lt 1"]


def test_a_cookie_leads_back_to_a_draining_server_where_there_is_another_one(
    tmp_path: pathlib.Path,
) -> None:
    lines = " cookie NODE insert\n option httpchk GET /ready\n http-check disable-on-404\n"
    one = " server a 127.0.0.1:1 check cookie a\n"
    other = " server b 127.0.0.1:2 check cookie b\n"
    assert said(HEAD + lines + one, tmp_path, "LB408") == []
    told = ["error: http-check disable-on-404"]
    assert said(HEAD + lines + one + other, tmp_path, "LB408") == told


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("ignore-persist if { srv_weight(ws/a) eq 0 } { req.cook(NODE) a }", 0),
        ("ignore-persist if { req.cook(NODE) a }", 0),
        ("ignore-persist if TRUE", 0),
        ("ignore-persist if { path_beg /static }", 1),
        ("ignore-persist if { url_end .js } or METH_POST", 1),
        ("ignore-persist if { path_beg /ws }", 0),
        ("ignore-persist if { path_beg /static } or { path /chat }", 0),
        ("ignore-persist unless { path_beg /static }", 0),
        ("ignore-persist if !{ path_beg /static }", 0),
        ("ignore-persist unless { path_beg /ws }", 1),
        ("ignore-persist if !{ path_beg /ws }", 1),
        ("ignore-persist unless !{ path_beg /ws }", 0),
    ],
)
def test_persistence_that_is_ignored_leads_nobody_to_a_draining_server(
    line: str, count: int, tmp_path: pathlib.Path
) -> None:
    servers = COOKIE.replace("check cookie a", "check cookie a weight 0")
    assert len(said(f"{HEAD} {line}\n {servers}", tmp_path, "LB408")) == count


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("ignore-persist if { path_beg /ws }", 0),
        ("ignore-persist if { req.cook(NODE) a }", 0),
        ("ignore-persist if { srv_weight(ws/a) eq 0 } { req.cook(NODE) a }", 1),
        ("ignore-persist if { path_beg /static }", 1),
    ],
)
def test_a_server_that_drains_by_404_keeps_its_weight(
    line: str, count: int, tmp_path: pathlib.Path
) -> None:
    lines = f" option httpchk GET /ready\n http-check disable-on-404\n {line}\n {COOKIE}"
    assert len(said(f"{HEAD}{lines}", tmp_path, "LB408")) == count


def test_a_stick_table_is_followed_whatever_is_ignored(tmp_path: pathlib.Path) -> None:
    lines = " stick-table type ip size 1k\n stick on src\n ignore-persist if TRUE\n"
    servers = PAIR.format(" weight 0", "")
    assert len(said(f"{HEAD}{lines}{servers}", tmp_path, "LB408")) == 1
