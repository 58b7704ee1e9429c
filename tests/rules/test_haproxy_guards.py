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
        ("use-server b if { srv_is_up(b) }\n server a 127.0.0.1:1\n server b 127.0.0.1:2 backup", []),
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
