"""Experiments of LB2xx: can the balancer tell a dead target?"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

from lbcheck.lab.acts import (
    ALL_OK,
    CHECKED_S,
    Made,
    answers,
    handshakes,
    in_front,
    lone,
    refusing,
    status,
)
from lbcheck.lab.client import Client
from lbcheck.lab.experiment import Act, Experiment, Guard, shown
from lbcheck.lab.proxy import Proxy
from lbcheck.lab.target import Target, serving

# Checks every 100 ms, one failure counts, and no retry hides what happens. The interval would be
# the time for an answer, too, which a busy machine does not keep.
_CHECKS = "    retries 0\n    timeout check 2s\n    default-server inter 100ms fall 1\n"
FAST = (
    ("    option redispatch\n", _CHECKS),
    ("connect 3s", "connect 300ms"),
)
# The same for a server that one slow check on a busy machine would take out for good.
_PATIENT = (
    ("    option redispatch\n", "    retries 0\n    default-server inter 400ms fall 1\n"),
    ("connect 3s", "connect 400ms"),
)
_SORRY = "    location = /sorry.html { return 200 sorry; }\n    location /ws/"
_PAGES = "    location = /ws/ { proxy_pass http://127.0.0.1:9003; }"
_SLOW_S = 0.6


def _checked(first: Callable[[], Made]) -> Act:
    """Handshakes after the first target has been checked often enough."""
    return handshakes(first, after_s=CHECKED_S)


def _dies(proxy: Proxy, config: str) -> str:
    """A target that is alive at first, and the handshakes a second after its death."""
    a, b = Target("a"), Target("b")
    with ExitStack() as stack, ExitStack() as life:
        life.enter_context(serving(a))
        stack.enter_context(serving(b))
        served = stack.enter_context(in_front(proxy, config, {9001: a.port, 9002: b.port}))
        time.sleep(0.3)
        life.close()
        time.sleep(CHECKED_S)
        return answers(status(served.port) for _ in range(4))


def _hanging(times: int) -> Act:
    """Handshakes in front of a target that drops packets: how many of them had to wait for it."""

    def act(proxy: Proxy, config: str) -> str:
        waited = 0
        with in_front(proxy, config, {9001: "silent", 9002: Target("b")}) as served:
            for _ in range(times):
                start = time.monotonic()
                if status(served.port, within=2.0) != 101:
                    return "handshakes hang at the silent target"
                waited += time.monotonic() - start > _SLOW_S * 0.9
        return f"{waited} of {times} handshakes wait for the silent target"

    return act


def _beside(proxy: Proxy, config: str) -> str:
    """A dead target with a neighbour on the same machine that is alive."""
    with serving(Target("neighbour")) as (neighbour,):
        config = config.replace(" port 9003", f" port {neighbour.port}")
        return _checked(lone)(proxy, config)


def _stalls(proxy: Proxy, config: str) -> str:
    with in_front(proxy, config, {9001: "silent", 9002: Target("b")}) as served:
        seen = [status(served.port, within=1.5) for _ in range(2)]
    return answers(seen)


def _plainly_asked(proxy: Proxy, config: str) -> str:
    """One health check without an upgrade, in front of targets that hang up on it."""
    targets = {name: Target(name, drops_plain=True) for name in ("a", "b")}
    made: dict[int, Made | int] = {9001: targets["a"], 9002: targets["b"]}
    made[9003] = Target("pages", pages=True)
    with in_front(proxy, config, made) as served:
        with Client(served.port, "/ws/", connection="") as balancer:
            balancer.answer()
        return "after one plain check " + answers(status(served.port) for _ in range(2))


def _recovers(proxy: Proxy, config: str) -> str:
    """Targets that are down at first, and the handshakes a little after they are well."""
    target = Target(ready=503)
    with in_front(proxy, config, {9001: target, 9002: target}) as served:
        time.sleep(CHECKED_S)
        if status(served.port) != 503:
            return "the target is not taken out"
        target.ready = 200
        time.sleep(1.5)
        return answers([status(served.port)])


def _dead_kept(
    code: str, number: int, *quick: tuple[str, str], fast: tuple[tuple[str, str], ...] = FAST
) -> Experiment:
    return Experiment(
        code, "haproxy", _checked(lone), "handshakes are answered 101, 503", ALL_OK,
        "one of two targets is dead", number, quick=(*fast, *quick),
    )  # fmt: skip


def _refuser_kept(code: str, number: int = 0, ready: int = 503) -> Experiment:
    return Experiment(
        code, "haproxy", _checked(refusing(ready)), "handshakes are answered 101, 503", ALL_OK,
        f"one of two targets refuses handshakes, its health path answers {ready}", number,
        quick=FAST,
    )  # fmt: skip


def _all_out(code: str) -> Experiment:
    return Experiment(
        code, "haproxy", _checked(Target), "handshakes are answered 503", ALL_OK,
        "all targets are well", quick=FAST,
    )  # fmt: skip


def _spares(proxy: Proxy, config: str) -> str:
    """Dead servers, a dead backup, and a second backup that is alive."""
    targets = {9001: None, 9002: None, 9003: None, 9004: Target("second")}
    with in_front(proxy, config, targets) as served:
        time.sleep(CHECKED_S)
        return answers(status(served.port) for _ in range(2))


_SECOND = "    server second 127.0.0.1:9004 check backup\n"

EXPERIMENTS = (
    _dead_kept("LB201", 0),
    Experiment(
        "LB201", "haproxy", _spares, "handshakes are answered 503", ALL_OK,
        "all are dead but the second backup", 1, quick=FAST,
        bad=shown("LB201", "haproxy", 1).bad + _SECOND,
        good=shown("LB201", "haproxy", 1).good + _SECOND,
    ),
    _dead_kept("LB202", 0),
    _refuser_kept("LB202", 1),
    _dead_kept("LB202", 2, (" inter 2s", "")),
    _refuser_kept("LB203"),
    _refuser_kept("LB204"),
    Experiment(
        "LB205", "nginx", _plainly_asked,
        "after one plain check handshakes are answered 502",
        "after one plain check handshakes are answered 101",
        guards=(
            Guard(
                "another location answers the check",
                shown("LB205", "nginx")
                .good.replace('        if ($http_upgrade = "") { return 426; }\n', "")
                .replace("    location /ws/ {", f"{_PAGES}\n    location /ws/ {{"),
            ),
        ),
    ),
    _all_out("LB205"),
    _all_out("LB206"),
    _all_out("LB222"),
    _refuser_kept("LB207", ready=404),
    Experiment(
        "LB209", "haproxy", _beside, "handshakes are answered 101, 503", ALL_OK, quick=FAST
    ),
    Experiment(
        "LB210", "haproxy", _dies, "handshakes are answered 101, 503", ALL_OK,
        "one of two targets has died a second ago",
        quick=(
            ("    option redispatch\n", "    retries 0\n"),
            ("9001 check inter 20s fall 3", "9001 check inter 4s"),
            ("9001 check inter 9s fastinter 1s", "9001 check inter 400ms fastinter 50ms"),
            ("9001 check inter 1s", "9001 check inter 50ms"),
            ("9001 check\n", "9001 check inter 100ms fall 1\n"),
        ),
    ),
    Experiment(
        "LB211", "haproxy", _recovers, "handshakes are answered 503", ALL_OK,
        quick=(*FAST, ("inter 10s fall 2", "inter 400ms fall 1")),
        guards=(
            Guard(
                "fewer seconds apart while it is down",
                shown("LB211", "haproxy").bad.replace(
                    "rise 10", "fastinter 50ms downinter 50ms rise 10"
                ),
            ),
        ),
    ),
    Experiment(
        "LB213", "nginx", handshakes(lone, lone, 1),
        "handshakes are answered 200", "handshakes are answered 502", "all targets are dead",
        quick=(("    location /ws/", _SORRY),),
    ),
    Experiment(
        "LB214", "nginx", _hanging(8),
        "4 of 8 handshakes wait for the silent target",
        "1 of 8 handshakes wait for the silent target", "one of two targets drops packets",
        quick=(("connect_timeout 3s", f"connect_timeout {_SLOW_S * 1000:.0f}ms"),),
    ),
    Experiment(
        "LB214", "nginx", handshakes(lone), "handshakes are answered 101, 502", ALL_OK,
        "one of two targets is dead", 1,
    ),
    _dead_kept("LB216", 0, ("agent-port 9101", "agent-port 1"), ("inter 2s", "inter 100ms")),
    _dead_kept("LB217", 0, (" inter 2s fall 2", "")),
    _dead_kept("LB217", 1, fast=_PATIENT),
    _all_out("LB218"),
    Experiment(
        "LB220", "nginx", _stalls, "handshakes are answered 101, not at all", ALL_OK,
        "one of two targets drops packets",
        quick=(("connect_timeout 3s", "connect_timeout 300ms"),),
    ),
)  # fmt: skip
