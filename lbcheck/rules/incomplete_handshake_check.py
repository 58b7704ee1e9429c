"""LB206: a health check by handshake that cannot succeed."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import CheckKind, HealthCheck, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    lacks = _lacks(pool.check)
    if lacks:
        missing = ", ".join(f"`{part}`" for part in lacks)
        yield Problem(
            pool.check.place,
            f"the handshake check of `{pool.name}` lacks {missing}: it fails on healthy targets, "
            "and all are taken out",
        )


def _lacks(found: HealthCheck) -> tuple[str, ...]:
    if found.kind is CheckKind.HTTP and _wants_only_101(found):
        return ("Connection: Upgrade", "Upgrade: websocket")
    return found.handshake_lacks if found.kind is CheckKind.HANDSHAKE else ()


def _wants_only_101(found: HealthCheck) -> bool:
    return (
        found.accepts is not None and 101 in found.accepts.value and 200 not in found.accepts.value
    )


_HEADERS = (
    "hdr Host chat.example hdr Connection Upgrade hdr Upgrade websocket hdr Sec-WebSocket-Version "
    "13"
    " hdr Sec-WebSocket-Key dGhlIHNhbXBsZSBub25jZQ=="
)

RULE = Rule(
    code="LB206",
    name="incomplete-handshake-check",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="A health check sends a WebSocket handshake that lacks a part.",
    why=(
        "A handshake check is the best there is, but only whole. The default expectation is 2xx "
        "or 3xx, so without "
        "`http-check expect status 101` the answer of a healthy server counts as a failure; "
        "without HTTP/1.1, "
        "`Connection`, `Upgrade`, `Sec-WebSocket-Key` or `Sec-WebSocket-Version` the server "
        "refuses. Each took "
        "all servers out."
    ),
    remedy=(
        "Send HTTP/1.1 with `Host`, `Connection`, `Upgrade`, `Sec-WebSocket-Version` and "
        "`Sec-WebSocket-Key`, "
        "and write `http-check expect status 101`."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#4.2-http-check%20send",
        "https://datatracker.ietf.org/doc/html/rfc6455#section-4.1",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + f"""\
backend ws_chat
    option httpchk GET /ws HTTP/1.1  # <- here
    http-check send {_HEADERS}
    server a 127.0.0.1:9001 check
    server b 127.0.0.1:9002 check
""",
            good=HAPROXY
            + f"""\
backend ws_chat
    option httpchk GET /ws HTTP/1.1
    http-check send {_HEADERS}
    http-check expect status 101
    server a 127.0.0.1:9001 check
    server b 127.0.0.1:9002 check
""",
        ),
    ),
    proven=proven.HAPROXY,
)
