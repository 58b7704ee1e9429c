"""HAProxy files with the backend a test is about, and what a rule says of them."""

import pathlib

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
PAIR = " server a 127.0.0.1:1 check{}\n server b 127.0.0.1:2 check{}\n"
TWO = PAIR.format("", "")
COOKIE = "cookie NODE insert\n" + PAIR.format(" cookie a", " cookie b")


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
