"""What clients see when a WebSocket fails, and why: HTTP statuses and close codes.

Statuses were seen on real servers and proxies unless a cause says otherwise; close codes follow
RFC 6455, section 7.4, and what servers really send when they stop.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct


class Cause(Struct, frozen=True):
    """One way to a symptom. `sign` tells it from the others; `rules` find it in a configuration."""

    sign: str
    cause: str
    rules: tuple[str, ...] = ()


_REDIRECT = (
    Cause(
        "Any redirect",
        "The handshake is sent to https or to the path with a trailing slash; WebSocket clients "
        "do not follow redirects.",
        ("LB108",),
    ),
)
_METHOD = (
    Cause(
        "On a health check",
        "The check uses a method the server does not answer on this path (HEAD, OPTIONS, POST).",
        ("LB205", "LB218"),
    ),
)

SYMPTOMS: dict[int, tuple[Cause, ...]] = {
    200: (
        Cause(
            "HTML, or `Welcome to SockJS!`",
            "A fallback page, the SockJS base path or a cache answered: the request took another "
            "route than the WebSocket's.",
            ("LB106", "LB107", "LB213"),
        ),
    ),
    301: _REDIRECT,
    302: _REDIRECT,
    307: _REDIRECT,
    308: _REDIRECT,
    400: (
        Cause(
            '`Can "Upgrade" only to "WebSocket"`, `No CONNECTION upgrade hdr: close`',
            "The proxy forwards `Connection: close` or drops `Upgrade` (Spring, Tornado, aiohttp).",
            ("LB101", "LB102"),
        ),
        Cause(
            '`{"code":1,"message":"Session ID unknown"}`',
            "Engine.IO polling reached another instance: stickiness is missing.",
            ("LB501", "LB502"),
        ),
        Cause(
            "`did not receive a valid HTTP request`",
            "HTTP/1.0 to the target, nginx's default before 1.29.7 (websockets 11).",
            ("LB103",),
        ),
        Cause(
            "Empty body, Node `ws`",
            "The path is wrong: `ws` answers 400 where others answer 404. Look for a rewrite or a "
            "trailing slash in `proxy_pass`.",
            ("LB107",),
        ),
    ),
    403: (
        Cause(
            "gorilla, Tornado, coder/websocket",
            "The Origin does not match the Host the target sees: Host is not forwarded.",
            ("LB114",),
        ),
        Cause(
            "uvicorn, hypercorn", "The application has no WebSocket route at this path.", ("LB107",)
        ),
        Cause("Anything else", "A firewall rule or an authentication step refuses it.", ("LB118",)),
    ),
    404: (
        Cause(
            "The application's own 404",
            "The upgrade was not recognised, so the ordinary router answered: a header is missing, "
            "or the server has no WebSocket library installed.",
            ("LB101", "LB102"),
        ),
        Cause("The proxy's own 404", "The request took another route.", ("LB107",)),
    ),
    405: _METHOD,
    426: (
        Cause(
            "`Upgrade Required`, `missing Connection header`",
            "The proxy dropped `Upgrade` or `Connection` on the way to the target.",
            ("LB101", "LB102", "LB105"),
        ),
        Cause(
            "`must be at least HTTP/1.1`",
            "HTTP/1.0 to the target, nginx's default before 1.29.7.",
            ("LB103",),
        ),
        Cause(
            "On a plain request",
            "This is right: a WebSocket endpoint asks for an upgrade. It is no health check.",
            ("LB205", "LB207"),
        ),
    ),
    501: _METHOD,
    502: (
        Cause(
            "During a deploy",
            "The target's listener is closed and the balancer still sends handshakes to it.",
            ("LB408", "LB409", "LB410"),
        ),
        Cause(
            "Always",
            "The target closes without an answer (Socket.IO on an unknown path), or its name "
            "cannot be resolved.",
            ("LB418", "LB419"),
        ),
    ),
    503: (
        Cause("From the balancer", "No healthy target is left.", ("LB401", "LB402", "LB205")),
        Cause(
            "From the target",
            "The target drains and refuses new sockets, which is right; the balancer should try "
            "another one.",
            ("LB410",),
        ),
    ),
    504: (
        Cause(
            "After the proxy's timeout",
            "The target accepts and never answers: a security group, a server that is shutting "
            "down, or a timeout of 0 (documented, not measured).",
            ("LB305", "LB220"),
        ),
    ),
    505: (
        Cause(
            "websockets 17",
            "HTTP/1.0 to the target, nginx's default before 1.29.7.",
            ("LB103",),
        ),
    ),
    1000: (
        Cause(
            "On shutdown",
            "The server used the normal close: clients that retry only after other codes do not "
            "return.",
        ),
    ),
    1001: (
        Cause(
            "Every socket of one instance, once",
            "A planned shutdown. Reconnecting works if new sockets go elsewhere.",
        ),
        Cause(
            "Again and again, same instance",
            "Reconnecting clients are led back to the draining instance.",
            ("LB408", "LB409", "LB401"),
        ),
    ),
    1005: (
        Cause(
            "On shutdown",
            "A close frame without a code, as Socket.IO's `io.close()` sends it.",
        ),
    ),
    1006: (
        Cause(
            "After the same silence each time (60.0s, 50s, 3600s)",
            "A balancer's idle timeout: it ends the connection with a bare FIN and no close frame.",
            ("LB301", "LB302", "LB303", "LB304"),
        ),
        Cause(
            "A burst at a deploy",
            "The server closes without a frame, or is killed before it could say goodbye.",
            ("LB412",),
        ),
        Cause(
            "A fixed time after a deploy began",
            "The balancer cuts what is left: deregistration delay, `hard-stop-after`, "
            "`worker_shutdown_timeout` (documented, not measured).",
            ("LB412",),
        ),
    ),
    1011: (
        Cause(
            "`keepalive ping timeout`",
            "No pong came back within the server's ping timeout: the client is blocked, or frames "
            "are lost on the way.",
        ),
        Cause(
            "3s after a deploy",
            "hypercorn cancels its sockets; graphql-ws does not retry after it.",
        ),
    ),
    1012: (
        Cause(
            "On restart",
            "uvicorn and Phoenix close like this: reconnect, with a random first delay.",
        ),
    ),
    1013: (Cause("Under load", "The server asks to try again later.", ("LB505",)),),
    1014: (Cause("From a gateway", "A gateway got no valid answer from its target."),),
    4408: (
        Cause(
            "graphql-ws",
            "`connection_init` did not arrive within 3s: slow authentication, or a first message "
            "that was held back.",
        ),
    ),
}


def page(code: int, known: frozenset[str]) -> str:
    """What a status or close code means, as Markdown. `known`: the rules that may be named.

    Raises: KeyError where nothing is known about the code.
    """
    return "\n\n".join(_sections(code, SYMPTOMS[code], known)) + "\n"


def _sections(code: int, causes: tuple[Cause, ...], known: frozenset[str]) -> Iterator[str]:
    yield f"# {'Close code' if code >= 1000 else 'Status'} {code} on a WebSocket"
    for item in causes:
        rules = [rule for rule in item.rules if rule in known]
        found = f"\n\nFound by: {', '.join(rules)}" if rules else ""
        yield f"## {item.sign}\n\n{item.cause}{found}"
