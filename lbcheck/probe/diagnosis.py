"""What an answer other than 101 says about the balancer in front, and which rules to read.

Statuses and bodies of the first rows were seen from the servers themselves (ws, websockets,
uvicorn, Spring, tornado, aiohttp, Engine.IO) behind nginx without the headers or with HTTP/1.0.
"""

from __future__ import annotations

import re

from msgspec import Struct

from lbcheck.probe.handshake import Answer

_BODY = 2_000


class Diagnosis(Struct, frozen=True):
    """The likely cause as a sentence without an end, and the rules that tell more."""

    cause: str
    rules: tuple[str, ...] = ()


# Statuses, what the body has (a regular expression; "": anything), and what that means. The first
# row that fits counts.
_ROWS: tuple[tuple[tuple[int, ...], str, Diagnosis], ...] = (
    (
        (400, 426, 505), r"HTTP/1\.1|valid HTTP request",
        Diagnosis("the balancer speaks HTTP/1.0 to the target", ("LB103",)),
    ),
    ((505,), "", Diagnosis("the balancer speaks HTTP/1.0 to the target", ("LB103",))),
    (
        (426,), "",
        Diagnosis(
            "`Upgrade` or `Connection` does not reach the target", ("LB101", "LB102", "LB105"),
        ),
    ),
    (
        (400,), r'Can "Upgrade" only to|No CONNECTION upgrade',
        Diagnosis("the target is sent `Connection: close`, not `Upgrade`", ("LB102", "LB110")),
    ),
    (
        (400,), r'"code":\s?1\b|Session ID unknown',
        Diagnosis("the request reached another target than the session's", ("LB501", "LB502")),
    ),
    (
        (400,), r'"code":\s?[03]\b',
        Diagnosis("Engine.IO was asked for no WebSocket: headers or query were lost", ("LB101",)),
    ),
    (
        (400,), "plain HTTP request was sent to HTTPS port",
        Diagnosis("this port speaks TLS: ask it with wss://"),
    ),
    (
        (400,), "",
        Diagnosis(
            "the path was rewritten on its way, or headers were lost: servers such as ws answer "
            "400 to a path that is not theirs", ("LB107", "LB101"),
        ),
    ),
    ((401, 407), "", Diagnosis("credentials are asked for on the handshake", ("LB118",))),
    (
        (403,), "",
        Diagnosis(
            "the target compares `Origin` with a `Host` that was changed on the way, has no "
            "WebSocket at this path, or a firewall refuses", ("LB114", "LB107"),
        ),
    ),
    (
        (404,), "",
        Diagnosis(
            "the upgrade was not recognised, so that the ordinary router answered, or another "
            "route took the request", ("LB101", "LB107"),
        ),
    ),
    (
        (405, 501), "",
        Diagnosis("what answers knows no WebSocket: another route took the request", ("LB107",)),
    ),
    (
        (408, 504), "",
        Diagnosis("the balancer reached a target that did not answer", ("LB220", "LB310")),
    ),
    ((429,), "", Diagnosis("a limit of requests or connections is reached", ("LB505",))),
    (
        (502,), "",
        Diagnosis(
            "the target does not listen or hangs up without an answer, as while it is leaving",
            ("LB410", "LB201", "LB104"),
        ),
    ),
    (
        (503,), "",
        Diagnosis(
            "no target takes new sockets: all are dead or leaving, or a limit is reached",
            ("LB402", "LB401", "LB410", "LB505"),
        ),
    ),
    (
        (200,), "Welcome to SockJS",
        Diagnosis("this is the base URL of SockJS: its WebSocket is below it, at `/websocket`"),
    ),
)  # fmt: skip
_FAILURES = {
    "timeout": Diagnosis(
        "something takes the connection and never answers: a target that hangs, or packets that "
        "are dropped behind the balancer", ("LB220", "LB310"),
    ),
    "closed": Diagnosis(
        "the connection is closed without an answer: no target behind a TCP balancer, or one that "
        "hangs up", ("LB402", "LB509"),
    ),
    "reset": Diagnosis("the connection is reset before an answer", ("LB402", "LB509")),
    "malformed": Diagnosis("what answers does not speak HTTP/1.1"),
}  # fmt: skip
_REDIRECT = Diagnosis("WebSocket clients follow no redirect", ("LB108",))
_PAGE = Diagnosis(
    "a page answers instead of the WebSocket: another route, a cache or the fallback of an "
    "application took the request", ("LB107", "LB101"),
)  # fmt: skip
_OTHER = Diagnosis("no balancer or WebSocket server is known for this answer")


def diagnose(answer: Answer) -> Diagnosis:
    """The likely cause of an answer that is no 101."""
    if answer.failure is not None:
        return _FAILURES.get(answer.failure.kind, _OTHER)
    status = answer.status or 0
    for statuses, pattern, diagnosis in _ROWS:
        if status in statuses and re.search(pattern, answer.body[:_BODY]):
            return diagnosis
    if 300 <= status < 400:
        return _REDIRECT
    return _PAGE if 200 <= status < 300 else _OTHER
