"""LB109: which rules of HAProxy make handshakes of plain requests, and what sees to those."""

import pytest

from tests.rules.haproxy_text import DEFAULTS, say

FORCE = "http-request set-header Upgrade websocket"
ALL = "frontend web\n    bind :80\n    default_backend ws\n"
PATH = ALL.replace("default_backend ws", "use_backend ws if { path_beg /ws }")
MESSAGE = (
    "`http-request set-header Upgrade` is always `websocket` here, for plain requests too: some "
    "servers answer them with 400"
)


def told(*lines: str, front: str = ALL, defaults: str = DEFAULTS) -> list[tuple[str, str, str]]:
    rules = "".join(f"    {line}\n" for line in lines)
    return say("LB109", f"{defaults}{front}backend ws\n{rules}    server a 10.0.0.1:80\n")


@pytest.mark.parametrize(
    "lines",
    [
        (FORCE,),
        (FORCE, "http-request set-header Connection upgrade"),
        (FORCE, "http-request deny if { path /admin }"),
        (FORCE, "http-request set-header X-Real-IP %[src]"),
    ],
)
def test_every_request_is_made_a_handshake(lines: tuple[str, ...]) -> None:
    assert told(*lines) == [(FORCE, "info", MESSAGE)]


def test_case_does_not_matter() -> None:
    line = "http-request set-header upgrade WebSocket"
    assert told(line) == [(line, "info", MESSAGE)]


def test_a_frontend_does_it_for_the_backend_it_leads_to() -> None:
    front = ALL.replace("    default", f"    {FORCE}\n    default")
    assert told(front=front) == [(FORCE, "info", MESSAGE)]


@pytest.mark.parametrize(
    "lines",
    [
        ("http-request set-header Connection upgrade",),
        (f"{FORCE} if {{ hdr(Upgrade) -i websocket }}",),
        (f"{FORCE} unless {{ path_beg /static }}",),
        ("http-request set-header Upgrade %[req.hdr(Upgrade)]",),
        ("http-request set-header Upgrade h2c",),
        (FORCE, "http-request del-header Upgrade unless { path_beg /ws }"),
        ("http-request deny unless { hdr(Upgrade) -i websocket }", FORCE),
        ("http-request redirect location / if !{ hdr(Upgrade) -m found }", FORCE),
        ("http-request allow if { path_beg /static }", FORCE),
    ],
)
def test_plain_requests_are_seen_to(lines: tuple[str, ...]) -> None:
    assert told(*lines) == []


def test_a_way_of_websockets_alone_may_say_it_always() -> None:
    assert told(FORCE, front=PATH) == []


def test_mode_tcp_has_no_headers() -> None:
    assert told(FORCE, defaults=DEFAULTS.replace("mode http", "mode tcp")) == []
