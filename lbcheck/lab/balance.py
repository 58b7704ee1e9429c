"""Experiments of LB5xx: stickiness and capacity."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack

from lbcheck.lab.acts import CHECKED_S, in_front, led_to, node, nodes, usual
from lbcheck.lab.client import Client
from lbcheck.lab.experiment import Experiment, Guard, shown
from lbcheck.lab.health import FAST
from lbcheck.lab.proxy import Proxy
from lbcheck.lab.target import Target, serving

_SOCKETS = 24
_USERS = 30


def _returns(proxy: Proxy, config: str) -> str:
    """One client that comes back with the cookie it was given, if it was given one."""
    reached = []
    cookie = ""
    with in_front(proxy, config, {9001: Target("a"), 9002: Target("b")}) as served:
        for _ in range(4):
            with Client(served.port, cookie=cookie) as client:
                headers = client.answer()[1]
            cookie = headers.get("set-cookie", cookie).split(";")[0]
            reached.append(headers.get("x-node", "none"))
    return led_to(["several targets" if len(set(reached)) > 1 else "one target"])


def _came_back(proxy: Proxy, config: str) -> str:
    """A client of the second server that comes back with the cookie it was given, or without."""
    with in_front(proxy, config, {9001: Target("a"), 9002: Target("b")}) as served:
        time.sleep(0.3)
        for _ in range(4):
            with Client(served.port) as client:
                headers = client.answer()[1]
            if headers.get("x-node") == "b":
                cookie = headers.get("set-cookie", "").split(";")[0]
                return led_to([node(served.port, cookie) for _ in range(4)])
    return "no handshake reaches b"


def _dialled(proxy: Proxy, config: str) -> str:
    """Targets at two addresses: the one that a client dials, and the one that is meant."""
    near, far = Target("the address that was dialled"), Target("the address that is meant")
    with serving(near):
        far.port = near.port
        with serving(far, address="127.0.0.2"):
            config = config.replace("}:9001", f"}}:{near.port}")
            with in_front(proxy, config, {}) as served:
                return led_to([node(served.port) for _ in range(2)])


def _users(port: int) -> list[str]:
    """The target that each of many users reaches."""
    reached = []
    for number in range(_USERS):
        with Client(port, host=f"chat.example\r\nX-User: user{number}") as client:
            reached.append(client.answer()[1].get("x-node", "none"))
    return reached


def _moved(proxy: Proxy, config: str) -> str:
    """Many users before and after one of three targets fails."""
    targets = [Target(name) for name in "abc"]
    with in_front(proxy, config, dict(zip((9001, 9002, 9003), targets, strict=True))) as served:
        time.sleep(CHECKED_S / 2)
        before = _users(served.port)
        targets[0].ready = 503
        time.sleep(CHECKED_S)
        after = _users(served.port)
    moved = any(old not in ("a", new) for old, new in zip(before, after, strict=True))
    return "users of the other targets " + ("move" if moved else "stay")


def _refilled(proxy: Proxy, config: str) -> str:
    """A dozen sockets, half of them opened while the second target was away."""
    b = Target("b", ready=503)
    with in_front(proxy, config, {9001: Target("a"), 9002: b}) as served, ExitStack() as held:
        time.sleep(CHECKED_S)
        reached = []
        for number in range(12):
            if number == 6:
                b.ready = 200
                time.sleep(CHECKED_S)
            client = held.enter_context(Client(served.port))
            reached.append(client.answer()[1].get("x-node", "none"))
    return f"{reached.count('b')} of 12 sockets are on the target that was away"


def _crowd(proxy: Proxy, config: str) -> str:
    """Many sockets that stay open."""
    opened = 0
    with in_front(proxy, config, usual(Target())) as served, ExitStack() as open_ones:
        for _ in range(_SOCKETS):
            client = open_ones.enter_context(Client(served.port))
            if client.answer(1.0)[0] != 101:
                break
            opened += 1
    return f"{'all' if opened == _SOCKETS else 'some'} of {_SOCKETS} sockets are opened"


_WIDE = shown("LB505", "haproxy", 1).good
"""two servers, each with a limit that nobody reaches"""
_COOKIE = shown("LB502", "haproxy").good
_BARE = _COOKIE.replace(" cookie a", "").replace(" cookie b", "")
_DYNAMIC = _BARE.replace("insert indirect nocache", "insert dynamic")


def _cookie(lost: str, number: int, bad: str = "", guards: tuple[Guard, ...] = ()) -> Experiment:
    return Experiment(
        "LB502", "haproxy", _came_back, f"handshakes reach {lost}", "handshakes reach b",
        "a client that was on b comes back four times", number, bad=bad, guards=guards,
    )  # fmt: skip


EXPERIMENTS = (
    Experiment(
        "LB501", "nginx", _returns,
        "handshakes reach several targets", "handshakes reach one target",
        "one client comes back four times",
    ),
    Experiment(
        "LB501", "haproxy", _returns,
        "handshakes reach several targets", "handshakes reach one target",
        "one client comes back four times",
    ),
    _cookie(
        "a and b", 0,
        guards=(
            Guard(
                "a key makes dynamic cookies",
                _DYNAMIC.replace("insert dynamic", "insert dynamic\n    dynamic-cookie-key secret"),
            ),
        ),
    ),
    _cookie("a and b", 0, _DYNAMIC),
    _cookie("a and b", 0, _COOKIE.replace(" cookie b", "")),
    _cookie("a and b", 1),
    _cookie("a", 2),
    Experiment(
        "LB504", "haproxy", _moved, "users of the other targets move",
        "users of the other targets stay", "one of three targets fails", quick=FAST,
    ),
    Experiment(
        "LB504", "haproxy", _refilled, "3 of 12 sockets are on the target that was away",
        "6 of 12 sockets are on the target that was away", "a target comes back", 1, quick=FAST,
    ),
    # Two connections a socket: 1024 and 4096 made small, so that two dozen sockets are many.
    Experiment(
        "LB505", "nginx", _crowd,
        f"some of {_SOCKETS} sockets are opened", f"all of {_SOCKETS} sockets are opened",
        quick=(("connections 1024", "connections 24"), ("connections 4096", "connections 96")),
    ),
    Experiment(
        "LB505", "nginx", _crowd,
        f"some of {_SOCKETS} sockets are opened", f"all of {_SOCKETS} sockets are opened",
        number=1, quick=(("conn clients 20", "conn clients 24"),),
    ),
    Experiment(
        "LB505", "haproxy", _crowd,
        f"some of {_SOCKETS} sockets are opened", f"all of {_SOCKETS} sockets are opened",
        quick=(("maxconn 500 ", "maxconn 5 "), ("maxconn 20000", "maxconn 200")),
    ),
    Experiment(
        "LB505", "haproxy", _crowd,
        f"some of {_SOCKETS} sockets are opened", f"all of {_SOCKETS} sockets are opened",
        number=1, quick=(("maxconn 50 ", "maxconn 5 "), ("maxconn 60", "maxconn 6")),
        guards=(
            Guard(
                "another server has no limit",
                shown("LB505", "haproxy", 1).bad.replace(" maxconn 60", ""),
            ),
        ),
    ),
    Experiment(
        "LB505", "haproxy", _crowd,
        f"some of {_SOCKETS} sockets are opened", f"all of {_SOCKETS} sockets are opened",
        number=1, bad=re.sub("maxconn [56]000", "source 127.0.0.3:2000-2004", _WIDE), good=_WIDE,
    ),
    Experiment(
        "LB509", "haproxy", nodes(after_s=0.1), "handshakes reach c", "handshakes reach a and b",
        "the request comes a moment after the connection",
        guards=(
            Guard(
                "the bind waits for the request",
                shown("LB509", "haproxy").bad.replace(":8080", ":8080 defer-accept"),
            ),
            Guard(
                "the request is waited for",
                shown("LB509", "haproxy").bad.replace(
                    "    use_backend",
                    "    tcp-request inspect-delay 5s\n    tcp-request content accept if HTTP\n"
                    "    use_backend",
                ),
            ),
        ),
    ),
    Experiment(
        "LB509", "haproxy", _dialled,
        "handshakes reach the address that was dialled",
        "handshakes reach the address that is meant", number=1,
        quick=(("    server b 127.0.0.1:9002 check\n", ""),),
    ),
)  # fmt: skip
