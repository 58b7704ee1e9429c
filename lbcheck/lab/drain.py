"""Experiments of LB4xx: where new handshakes go, and when open sockets are cut."""

from __future__ import annotations

import os
import socket
import time

from lbcheck.lab.acts import (
    ALL_OK,
    CHECKED_S,
    Made,
    answers,
    handshakes,
    in_front,
    led_to,
    lone,
    node,
    status,
)
from lbcheck.lab.client import Client
from lbcheck.lab.experiment import Act, Experiment, Guard, shown
from lbcheck.lab.health import FAST
from lbcheck.lab.names import names
from lbcheck.lab.proxy import Proxy, Running
from lbcheck.lab.target import Target, serving

_CUT = "an open socket is cut soon after the reload"
_KEPT = "an open socket outlives the reload"
_HALF = "handshakes are answered 101, 503"
_MOVED = "the name of the target has moved to another address"
_REFUSES = "one of two targets drains: its handshakes are answered 503, its check 200"
_REFUSED = "handshakes are answered 503"


def _cookie(cookie: str, ready: int = 404) -> Act:
    """A client that comes back with the cookie of a target that drains: its health says so."""

    def act(proxy: Proxy, config: str) -> str:
        targets: dict[int, Made | int] = {9001: Target("a", ready=ready), 9002: Target("b")}
        with in_front(proxy, config, targets) as served:
            time.sleep(CHECKED_S)
            return led_to([node(served.port, cookie) for _ in range(4)])

    return act


def _stuck(proxy: Proxy, config: str) -> str:
    """A client that a stick table leads, when its target begins to drain: its health says 404."""
    both = {name: Target(name) for name in ("a", "b")}
    with in_front(proxy, config, {9001: both["a"], 9002: both["b"]}) as served:
        time.sleep(CHECKED_S / 2)
        first = node(served.port)
        if first not in both:
            return "the handshake fails"
        both[first].ready = 404
        time.sleep(CHECKED_S)
        back = first in [node(served.port) for _ in range(4)]
    return f"handshakes reach {'the target that drains' if back else 'the other target'}"


def _sticky(proxy: Proxy, config: str) -> str:
    """A client that got its cookie while the first peer did not drain yet."""
    b = Target("b")
    targets: dict[int, Made | int] = {9001: Target("a"), 9002: b, 9003: b}
    before = config.replace(" drain;", ";").replace(" down;", ";")
    cookie = ""
    with in_front(proxy, before, targets) as served:
        for _ in range(6):
            with Client(served.port) as client:
                headers = client.answer()[1]
            if headers.get("x-node") == "a":
                cookie = headers.get("set-cookie", "").split(";")[0]
                break
    with in_front(proxy, config, targets) as served:
        return led_to([node(served.port, cookie) for _ in range(4)])


def _retired(proxy: Proxy, config: str) -> str:
    """An open socket, when the proxy is told to read its configuration again."""
    targets: dict[int, Made | int] = {9001: Target("a"), 9002: Target("b")}
    with in_front(proxy, config, targets) as served, Client(served.port) as client:
        if client.answer()[0] != 101:
            return "the handshake fails"
        served.retire()
        return _CUT if client.closed_within(1.5) else _KEPT


def _asked(served: Running, command: str) -> str:
    """What HAProxy's admin socket answers."""
    path = os.path.join(served.folder, "admin.sock")
    for _ in range(100):  # it is bound after the ports
        if os.path.exists(path):
            break
        time.sleep(0.02)
    with socket.socket(socket.AF_UNIX) as admin:
        admin.settimeout(3)
        admin.connect(path)
        admin.sendall(f"{command}\n".encode())
        return b"".join(iter(lambda: admin.recv(65_536), b"")).decode()


def _forgotten(proxy: Proxy, config: str) -> str:
    """A server set to drain at run time, the state written, and a reload."""
    with in_front(proxy, config, {9001: Target("a"), 9002: Target("b")}) as served:
        _asked(served, "set server ws_chat/a state drain")
        if {node(served.port) for _ in range(4)} != {"b"}:
            return "the drain has no effect"
        with open(os.path.join(served.folder, "servers.state"), "w") as file:
            file.write(_asked(served, "show servers state"))
        served.reload()
        return led_to([node(served.port) for _ in range(4)])


def _moved(proxy: Proxy, config: str) -> str:
    """A name that moves to another address. It is `localhost`, which every system knows.

    The target at the old address goes on, so that a handshake tells where it was sent.
    """
    old, new = Target("the old address"), Target("the new address")
    with serving(old):
        new.port = old.port
        with serving(new, address="127.0.0.2"), names() as dns:
            for written in ("chat.internal.example:9000", "chat-1.internal.example:9001"):
                config = config.replace(written, f"localhost:{old.port}")
            config = config.replace("chat.internal.example", "localhost")
            config = config.replace("$chat:9000", f"$chat:{old.port}")
            config = config.replace("resolver 127.0.0.1 ", f"resolver 127.0.0.1:{dns.port} ")
            with in_front(proxy, config, {53: dns.port}) as served:
                time.sleep(CHECKED_S)
                node(served.port)  # the name is asked for, if it ever is
                dns.address = "127.0.0.2"
                time.sleep(2.0)
                return led_to([node(served.port) for _ in range(2)])


def _resolved(proxy: Proxy, config: str) -> str:
    target = Target()
    with serving(target), names() as dns:
        config = config.replace("$chat:9000", f"$chat:{target.port}")
        config = config.replace("resolver 127.0.0.1 ", f"resolver 127.0.0.1:{dns.port} ")
        with in_front(proxy, config, {}) as served:
            return answers(status(served.port) for _ in range(2))


def _a_refuses() -> Target:
    """A target that drains: it takes no handshake, and its check still says yes."""
    return Target("a", takes=False)


_RESOLVES = (
    "upstream chat {\n    zone chat 64k;\n    resolver 127.0.0.1 valid=10s;\n"
    "    server chat.internal.example:9000 resolve;\n}\n"
    + shown("LB418", "nginx").bad.replace("chat.internal.example:9000;  # <- here", "chat;")
)
_COOKIE = "    cookie NODE insert indirect nocache\n"
_STICK = (
    shown("LB408", "haproxy")
    .good.replace(_COOKIE, "    stick-table type ip size 1k\n    stick on src\n")
    .replace(" cookie a", "")
    .replace(" cookie b", "")
)
_NAMED = "    server-state-file-name servers.state\n"
_HERE = f"file local\n{_NAMED.rstrip()}  # <- here\n"
_OWN_FILE = (
    shown("LB416", "haproxy")
    .good.replace("file global", "file local")
    .replace("server-state-file /tmp/servers.state", "server-state-base /tmp/")
    .replace("backend ws_chat\n", f"backend ws_chat\n{_NAMED}")
)
_ASKS = "    nameserver ns1 127.0.0.1:53\n"

EXPERIMENTS = (
    Experiment(
        "LB401", "nginx", handshakes(Target), "handshakes are answered 502", ALL_OK,
        "all targets are well",
    ),
    Experiment("LB401", "haproxy", handshakes(Target), _REFUSED, ALL_OK, "all targets are well"),
    Experiment("LB402", "haproxy", handshakes(Target), _REFUSED, ALL_OK, "all targets are well"),
    Experiment(
        "LB408", "nginx", _sticky, "handshakes reach a", "handshakes reach b",
        "a client comes back whose cookie leads to a, which drains",
    ),
    Experiment(
        "LB408", "haproxy", _cookie("NODE=a"), "handshakes reach a", "handshakes reach b",
        "a client comes back whose cookie leads to a, which drains by 404",
        quick=FAST,
    ),
    Experiment(
        "LB408", "haproxy", _stuck,
        "handshakes reach the target that drains", "handshakes reach the other target",
        "a client comes back whose target drains by 404", quick=FAST,
        bad=_STICK + "    http-check disable-on-404\n", good=_STICK,
    ),
    Experiment(
        "LB409", "haproxy", handshakes(lone, after_s=CHECKED_S, cookie="NODE=a"),
        _REFUSED, ALL_OK, "a client comes back whose cookie leads to a dead target", quick=FAST,
    ),
    Experiment(
        "LB409", "haproxy", handshakes(lone, after_s=CHECKED_S, cookie="NODE=a"),
        _REFUSED, ALL_OK, "a client comes back whose cookie leads to a dead target", quick=FAST,
        bad=shown("LB409", "haproxy").good.replace("9001 check", "9001"),
    ),
    Experiment("LB410", "nginx", handshakes(_a_refuses, times=6), _HALF, ALL_OK, _REFUSES),
    Experiment("LB410", "haproxy", handshakes(_a_refuses, times=6), _HALF, ALL_OK, _REFUSES),
    Experiment(
        "LB412", "nginx", _retired, _CUT, _KEPT, quick=((" 5s;", " 500ms;"),)
    ),
    Experiment(
        "LB412", "haproxy", _retired, _CUT, _KEPT, quick=(("after 3s ", "after 500ms "),)
    ),
    Experiment(
        "LB413", "nginx", _retired, _KEPT, _CUT, quick=(("timeout 10m;", "timeout 500ms;"),)
    ),
    Experiment(
        "LB413", "haproxy", _retired, _KEPT, _CUT,
        quick=(("after 30m", "after 500ms"), ("after 1800000", "after 500")),
    ),
    Experiment(
        "LB416", "haproxy", _forgotten,
        "handshakes reach a and b", "handshakes reach b",
        "a was set to drain at run time, then HAProxy was reloaded",
    ),
    Experiment(
        "LB416", "haproxy", _forgotten,
        "handshakes reach a and b", "handshakes reach b",
        "a was set to drain at run time, then HAProxy was reloaded",
        bad=_OWN_FILE.replace(_NAMED, "").replace("file local\n", _HERE),
        good=_OWN_FILE,
    ),
    Experiment(
        "LB418", "nginx", _moved,
        "handshakes reach the old address", "handshakes reach the new address", _MOVED,
        quick=(("valid=10s", "valid=1s"),),
        guards=(Guard("the upstream resolves it again", _RESOLVES, since=(1, 27, 3)),),
    ),
    Experiment(
        "LB418", "haproxy", _moved,
        "handshakes reach the old address", "handshakes reach the new address", _MOVED,
        quick=((_ASKS, f"{_ASKS}    hold valid 500ms\n    timeout resolve 200ms\n"),),
    ),
    Experiment("LB419", "nginx", _resolved, "handshakes are answered 502", ALL_OK),
)  # fmt: skip
