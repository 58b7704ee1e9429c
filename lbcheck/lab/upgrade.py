"""Experiments of LB1xx: only the bad configuration breaks the handshake."""

from __future__ import annotations

import socket

from lbcheck.lab import http2
from lbcheck.lab.acts import HANDSHAKE_OK, handshake, in_front, status, usual
from lbcheck.lab.client import Client
from lbcheck.lab.experiment import Experiment, Guard, shown
from lbcheck.lab.proxy import Proxy
from lbcheck.lab.target import Target

_NGINX = shown("LB101", "nginx").good
_HAPROXY = shown("LB101", "haproxy").good
_UNKEPT = "the handshake is answered with a 101 that clients refuse"


def _refused(code: str, proxy: str, status: str, number: int = 0, *guards: Guard) -> Experiment:
    symptom = f"the handshake is answered {status}"
    return Experiment(code, proxy, handshake(), symptom, HANDSHAKE_OK, number=number, guards=guards)


def _plain_request(proxy: Proxy, config: str) -> str:
    with (
        in_front(proxy, config, usual(Target())) as served,
        Client(served.port, connection="") as client,
    ):
        seen = client.answer()[1].get("x-connection-seen")
    how = "with" if seen == "upgrade" else "without"
    return f"a plain request reaches the target {how} `Connection: upgrade`"


def _lost(proxy: Proxy, config: str) -> str:
    """Which 5xx it is depends on the version."""
    with in_front(proxy, config, usual(Target())) as served:
        answered = status(served.port)
    if answered == 101:
        return HANDSHAKE_OK
    return f"the handshake is answered {(answered or 0) // 100}xx"


def _nginx(name: str, old: str, new: str) -> Guard:
    return Guard(name, _changed(_NGINX, old, new))


def _haproxy(name: str, line: str, above: str = "    balance leastconn\n") -> Guard:
    return Guard(name, _changed(_HAPROXY, above, f"    {line}\n{above}"))


def _changed(text: str, old: str, new: str) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


_LOCATION = "    location /ws/ {"
_HTTP11 = "        proxy_http_version 1.1;\n"
_NESTED = _changed(
    _NGINX, "read_timeout 120s;\n",
    "read_timeout 120s;\n        location /ws/chat { proxy_pass http://127.0.0.1:9000; }\n",
)  # fmt: skip
# One server and no second try, or another server and the pauses hide what happens.
_ALONE = (
    ("    server ws2 127.0.0.1:9002\n", ""),
    ("    retry-on conn-failure 503\n", ""),
    ("    option redispatch\n", ""),
    ("    default-server check inter 5s rise 2 fall 2\n", ""),
    ("timeout connect 5s", "timeout connect 500ms\n    retries 0"),
)
_OPTIONS = (
    "option httpclose", "option http-server-close", "option http-pretend-keepalive",
    "option abortonclose", "option http-buffer-request", "option forwardfor",
    "compression algo gzip", "http-reuse never", "http-reuse aggressive", "http-reuse always",
    "retry-on all-retryable-errors", "http-request set-header Connection upgrade",
)  # fmt: skip


def _another_protocol(proxy: Proxy, config: str) -> str:
    """A client that asks for HTTP/2; WebSockets pass all the same."""
    target = _Recording()
    with in_front(proxy, config, usual(target)) as served:
        if status(served.port) != 101:
            return "the handshake fails"
        with Client(served.port, host="chat.example\r\nUpgrade: h2c", connection="") as client:
            client.answer()
    asked = target.asked[-1].lower()
    return (
        f"`Upgrade: h2c` {'reaches' if b'upgrade: h2c' in asked else 'does not reach'} the target"
    )


class _Recording(Target):
    """A target that remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[bytes] = []

    def serve(self, connection: socket.socket) -> None:
        self.asked.append(connection.recv(4096, socket.MSG_PEEK))
        super().serve(connection)


def _plainly_asked(proxy: Proxy, config: str) -> str:
    """What a target sees of a request that wants no WebSocket."""
    target = _Recording()
    with in_front(proxy, config, usual(target)) as served:
        if status(served.port) != 101:
            return "the handshake fails"
        target.asked.clear()
        with Client(served.port, "/", connection="") as client:
            client.answer()
    seen = b"".join(target.asked).lower()
    if b"upgrade: websocket" not in seen:
        return "no plain request reaches the target with `Upgrade`"
    how = "as a handshake" if b"sec-websocket-key" in seen else "with `Upgrade: websocket`"
    return f"a plain request reaches the target {how}"


def _over_http2(proxy: Proxy, config: str) -> str:
    """A handshake as RFC 8441 has it; the backend of everything else is dead."""
    target = Target()
    with (
        in_front(proxy, config, {9001: target, 9002: target, 9003: None}) as served,
        socket.create_connection(("127.0.0.1", served.port), 3) as connection,
    ):
        taken = http2.accepted(connection)
    return f"a handshake over HTTP/2 {'reaches its target' if taken else 'goes elsewhere'}"


_COMPARED = shown("LB115", "haproxy").good
_LOWER = ("hdr(Upgrade) WebSocket", "hdr(Connection) upgrade")
_FORCED_CONNECTION = "    http-request set-header Connection upgrade\n"


def _forced(symptom: str, bad: str = "") -> Experiment:
    healthy = "no plain request reaches the target with `Upgrade`"
    return Experiment("LB109", "haproxy", _plainly_asked, symptom, healthy, bad=bad)


# Nobody has a certificate for an experiment: HTTP/2 in the clear, and one try at what is dead.
_IN_CLEAR = (
    (" ssl crt /etc/haproxy/tls/site.pem alpn h2,http/1.1", " proto h2"),
    ("timeout connect 5s", "timeout connect 500ms\n    retries 0"),
)

EXPERIMENTS = (
    _refused(
        "LB101", "nginx", "426", 0,
        _nginx("buffering on", _LOCATION, f"    proxy_buffering on;\n{_LOCATION}"),
        _nginx("buffering off", _LOCATION, f"    proxy_buffering off;\n{_LOCATION}"),
    ),
    _refused("LB101", "haproxy", "426", 0, *(_haproxy(line, line) for line in _OPTIONS)),
    _refused(
        "LB102", "nginx", "426", 0,
        _nginx("the client's own Connection", "$connection_upgrade;\n", "$http_connection;\n"),
    ),
    _refused("LB102", "haproxy", "426", 0, *(_haproxy(line, line) for line in _OPTIONS)),
    _refused(
        "LB103", "nginx", "505", 0,
        Guard(
            "proxy_http_version at http level",
            "proxy_http_version 1.1;\n" + _changed(_NGINX, _HTTP11, ""),
        ),
    ),
    Experiment(
        "LB103", "nginx", handshake(), "the handshake is answered 505", HANDSHAKE_OK, number=1,
        until=(1, 29, 7),
    ),
    _refused("LB104", "nginx", "502"),
    Experiment(
        "LB104", "haproxy", _lost, "the handshake is answered 5xx", HANDSHAKE_OK, quick=_ALONE
    ),
    Experiment(
        "LB104", "haproxy", _lost, "the handshake is answered 5xx", HANDSHAKE_OK, quick=_ALONE,
        bad=shown("LB104", "haproxy").bad.replace("proto h2", "ws h2"),
    ),
    _refused("LB105", "nginx", "426", 0, Guard("a nested location without headers", _NESTED)),
    _refused("LB106", "nginx", "426"),
    _refused("LB107", "nginx", "426"),
    _refused("LB107", "haproxy", "200"),
    _refused("LB108", "nginx", "301"),
    _refused("LB108", "nginx", "404", 1),
    _refused("LB108", "haproxy", "302"),
    _refused("LB108", "haproxy", "403", 1),
    Experiment(
        "LB109", "nginx", _plain_request,
        "a plain request reaches the target with `Connection: upgrade`",
        "a plain request reaches the target without `Connection: upgrade`",
    ),
    _forced("a plain request reaches the target as a handshake"),
    _forced(
        "a plain request reaches the target with `Upgrade: websocket`",
        shown("LB109", "haproxy").bad.replace(_FORCED_CONNECTION, ""),
    ),
    _refused(
        "LB110", "nginx", "426", 0,
        _nginx(
            "a map with a key in lower case",
            "default upgrade; ''", "default close; websocket upgrade; ''",
        ),
    ),
    Experiment(
        "LB111", "nginx", handshake(), _UNKEPT, HANDSHAKE_OK,
        guards=(
            _nginx(
                "no extensions", _HTTP11,
                f'{_HTTP11}        proxy_set_header Sec-WebSocket-Extensions "";\n',
            ),
        ),
    ),
    Experiment(
        "LB111", "haproxy", handshake(), _UNKEPT, HANDSHAKE_OK,
        guards=(
            _haproxy("the accept key deleted", "http-response del-header Sec-WebSocket-Accept"),
        ),
    ),
    _refused("LB112", "nginx", "500"),
    Experiment(
        "LB113", "nginx", handshake(), "the handshake is answered None", HANDSHAKE_OK,
        until=(1, 25, 1),
    ),
    Experiment(
        "LB114", "nginx", handshake(lambda: Target(host="chat.example")),
        "the handshake is answered 403", HANDSHAKE_OK,
    ),
    _refused("LB115", "haproxy", "200"),
    Experiment(
        "LB115", "haproxy", handshake(), "the handshake is answered 200", HANDSHAKE_OK,
        "clients write `Connection: Upgrade`",
        bad=_COMPARED.replace("-i WebSocket", "WebSocket").replace(*_LOWER),
        good=_COMPARED.replace("-i WebSocket", "-i upgrade").replace("(Upgrade)", "(Connection)"),
    ),
    Experiment(
        "LB116", "haproxy", _over_http2,
        "a handshake over HTTP/2 goes elsewhere", "a handshake over HTTP/2 reaches its target",
        quick=_IN_CLEAR,
    ),
    _refused(
        "LB118", "nginx", "None", 0,
        Guard(
            "headers of its own",
            shown("LB118", "nginx").good.replace(
                'proxy_set_header Upgrade "";', "proxy_set_header X-Original-URI $request_uri;"
            ),
        ),
    ),
    Experiment(
        "LB120", "nginx", _another_protocol,
        "`Upgrade: h2c` reaches the target", "`Upgrade: h2c` does not reach the target",
        guards=(
            Guard(
                "other protocols are refused",
                _changed(
                    _changed(shown("LB120", "nginx").good, "$websocket;", "$http_upgrade;"),
                    "    location / {\n",
                    "    location / {\n        if ($http_upgrade = h2c) { return 400; }\n",
                ),
            ),
        ),
    ),
)  # fmt: skip
