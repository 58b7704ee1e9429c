"""LB116: which tests of the key are told, by which bind, and which are harmless."""

import pytest

from lbcheck.model import Declared
from tests.rules.haproxy_text import BACK, DEFAULTS, say

KEY = "acl is_ws hdr(Sec-WebSocket-Key) -m found"
USE = "    use_backend ws if is_ws\n    default_backend pages\n"
REST = f"{BACK}    server a 10.0.0.1:80\nbackend pages\n    server p 10.0.0.2:80\n"
H2 = " ssl crt a.pem alpn h2,http/1.1"
MISSED = "WebSockets over HTTP/2 have no `Sec-WebSocket-Key`, and go elsewhere"


def told(
    bind: str = H2, acl: str = KEY, use: str = USE, head: str = "", version: tuple[int, ...] = ()
) -> list[tuple[str, str, str]]:
    front = f"frontend web\n    bind :443{bind}\n    {acl}\n{use}"
    declared = Declared(haproxy_version=version or None)
    return say("LB116", head + DEFAULTS + front + REST, declared=declared)


@pytest.mark.parametrize(
    ("bind", "version", "severity"),
    [
        (H2, (), "error"),
        (H2, (2, 4), "error"),
        (" ssl crt a.pem proto h2", (), "error"),
        (" ssl crt a.pem", (), "warning"),
        (" ssl crt a.pem", (2, 8, 25), "error"),
        (" ssl crt a.pem\n    bind :8443" + H2, (), "error"),
    ],
)
def test_a_test_of_the_key_is_told_where_http2_is_offered(
    bind: str, version: tuple[int, ...], severity: str
) -> None:
    name = KEY.removeprefix("acl is_ws ")
    assert told(bind, version=version) == [(KEY, severity, f"`{name}`: {MISSED}")]


def test_a_test_in_braces_is_told_at_its_use() -> None:
    use = "use_backend ws if { hdr_cnt(sec-websocket-key) gt 0 } { path_beg /ws }"
    assert told(acl="", use=f"    {use}\n") == [
        (use, "error", f"`hdr_cnt(sec-websocket-key) gt 0`: {MISSED}")
    ]


@pytest.mark.parametrize(
    ("bind", "version"),
    [
        ("", ()),
        (" ssl crt a.pem alpn http/1.1", ()),
        (" ssl crt a.pem no-alpn", (2, 8)),
        (" ssl crt a.pem", (2, 6, 12)),
        (' ssl crt a.pem alpn "${ALPN}"', ()),
    ],
)
def test_without_http2_the_key_is_a_good_sign(bind: str, version: tuple[int, ...]) -> None:
    assert told(bind, version=version) == []


@pytest.mark.parametrize(
    ("acl", "use"),
    [
        ("acl is_ws hdr(Upgrade) -i websocket", USE),
        (KEY + "\n    acl is_ws hdr(Upgrade) -i websocket", USE),
        (KEY + "\n    acl up hdr(Upgrade) -i websocket", USE.replace("is_ws", "is_ws or up")),
        (KEY, USE + "    use_backend ws if { path_beg /ws }\n"),
        (KEY, "    use_backend ws if is_ws\n    default_backend ws\n"),
        (KEY, "    use_backend pages if !is_ws\n    default_backend ws\n"),
        ('acl is_ws hdr("${HEADER}") -m found', USE),
    ],
)
def test_another_way_to_the_same_backend_makes_it_harmless(acl: str, use: str) -> None:
    assert told(acl=acl, use=use) == []


def test_where_clients_are_not_invited_to_http2_nothing_is_missed() -> None:
    assert told(head="global\n    h2-workaround-bogus-websocket-clients\n") == []
