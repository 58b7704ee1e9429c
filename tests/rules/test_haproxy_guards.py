"""HAProxy backends about which the rules on dead servers, draining and balance say no word."""

import pathlib

import pytest

from lbcheck.run import Options, run
from tests import binaries

HEAD = """\
global
    hard-stop-after 30m

defaults
    mode http
    option redispatch
    timeout connect 3s
    timeout client 30s
    timeout server 30s
    timeout tunnel 1h

frontend edge
    bind 127.0.0.1:8080
    use_backend ws if { path_beg /ws }

backend ws
"""


def said(text: str, folder: pathlib.Path, code: str, profile: str = "default") -> list[str]:
    """Severity and statement of what one rule says, which HAProxy accepts without a word."""
    assert binaries.haproxy()[0].refusal(text, folder) is None
    path = folder / "haproxy.cfg"
    path.write_text(text)
    if "\n" in profile:
        (folder / "profile.yaml").write_text(profile)
        profile = str(folder / "profile.yaml")
    found = run([str(path)], Options(profiles=(profile,), today="2026-11-23")).findings
    lines = text.splitlines()
    return [
        f"{each.severity.value}: {lines[(each.location.line or 1) - 1].strip()}"
        for each in found
        if each.code == code
    ]


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


PAIR = " server a 127.0.0.1:1 check{}\n server b 127.0.0.1:2 check{}\n"
TWO = PAIR.format("", "")
COOKIE = "cookie NODE insert\n" + PAIR.format(" cookie a", " cookie b")


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


ROUTED = HEAD.replace("mode http", "mode MODE").replace("    option redispatch\n", "")


@pytest.mark.parametrize(
    ("mode", "lines", "expected"),
    [
        ("http", "", []),
        ("tcp", "", ["warning: use_backend ws if { path_beg /ws }"]),
        ("tcp", "    tcp-request inspect-delay 5s\n", []),
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
