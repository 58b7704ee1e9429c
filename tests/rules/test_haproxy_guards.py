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
