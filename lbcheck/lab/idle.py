"""Experiments of LB3xx: how long silence lasts, with minutes made seconds."""

from __future__ import annotations

import time
from contextlib import ExitStack, suppress
from threading import Thread

from lbcheck.lab.acts import (
    CUT,
    HANDSHAKE_OK,
    OPEN,
    SILENCE_S,
    handshake,
    in_front,
    quiet,
    usual,
)
from lbcheck.lab.client import Client
from lbcheck.lab.experiment import Experiment, Guard, shown
from lbcheck.lab.proxy import Proxy
from lbcheck.lab.target import Target, full

_DEFAULT_S = 60.0
"""nginx's own proxy_read_timeout, which no configuration can shorten without being another"""
_UNSET = shown("LB310", "haproxy").good.replace("server 30s", "server 0")
_HAPROXY = shown("LB303", "haproxy").good
_HALF_CLOSED_TCP = (
    shown("LB309", "haproxy")
    .bad.replace("mode http", "mode tcp")
    .replace("    use_backend ws if { path_beg /ws }\n", "")
    .replace("default_backend pages", "default_backend ws")
)


def _minute(proxy: Proxy, config: str) -> str:
    with in_front(proxy, config, usual(Target())) as served, Client(served.port) as client:
        if client.answer()[0] != 101:
            return "the handshake fails"
        end = client.end(_DEFAULT_S + 4)
    if end is None:
        return "a silent socket outlives a minute"
    return "a silent socket is cut after a minute" if end.after_s > _DEFAULT_S - 4 else CUT


def _zero(proxy: Proxy, config: str) -> str:
    """An instant 504, or a WebSocket that stays open."""
    with in_front(proxy, config, usual(Target())) as served, Client(served.port) as client:
        answered = client.answer(1.0)[0]
        if answered != 101:
            return f"the handshake is answered {answered} at once"
        return CUT if client.closed_within(SILENCE_S) else OPEN


def _hung(proxy: Proxy, config: str) -> str:
    """A handshake that meets a hung target first."""
    targets = {9000: Target("hung", mute=True), 9001: Target()}
    with in_front(proxy, config, targets) as served, Client(served.port) as client:
        answered = client.answer(1.5)[0]
    waits = "waits for the hung target" if answered is None else f"is answered {answered}"
    return f"the handshake that meets a hung target {waits}"


def _vanished(proxy: Proxy, config: str) -> str:
    """A client that says nothing any more, not even that it goes: as one without a network."""
    target = Target()
    with in_front(proxy, config, usual(target)) as served, Client(served.port) as client:
        if client.answer()[0] != 101:
            return "the handshake fails"
        ended = client.closed_within(SILENCE_S)
    return f"the socket of a client that vanished {'ends' if ended else 'stays'}"


def _half_closed(proxy: Proxy, config: str) -> str:
    """A client that closes its half, in front of a target that does not mind."""
    target = Target(lingers=True)
    with in_front(proxy, config, usual(target)) as served, Client(served.port) as client:
        if client.answer()[0] != 101:
            return "the handshake fails"
        client.close_half()
        ended = client.closed_within(SILENCE_S)
    return f"a half-closed socket {'is ended' if ended else 'stays'}"


def _listening(proxy: Proxy, config: str) -> str:
    """A client that only listens to a target that never stops telling."""
    target = Target(tells_every_s=0.3)
    with in_front(proxy, config, usual(target)) as served, Client(served.port) as client:
        if client.answer()[0] != 101:
            return "the handshake fails"
        cut = client.ends_within(SILENCE_S)
    return f"a client that only listens {'is cut' if cut else 'stays connected'}"


def _asked_after(proxy: Proxy, config: str) -> str:
    """Does the system run a keepalive timer (2) for the proxy's side of a client's connection?"""
    with in_front(proxy, config, usual(Target())) as served, Client(served.port) as client:
        if client.answer()[0] != 101:
            return "the handshake fails"
        with open("/proc/net/tcp") as table:
            rows = [line.split() for line in table]
    here = f":{served.port:04X}"
    timers = {row[5][:2] for row in rows if row[1].endswith(here) and row[3] == "01"}
    return f"the system {'asks' if timers == {'02'} else 'never asks'} after a silent client"


def _pinged(proxy: Proxy, config: str) -> str:
    """A target that pings every 1.2 s, for longer than the good timeout lasts."""
    target = Target(pings_every_s=1.2)
    with in_front(proxy, config, usual(target)) as served, Client(served.port) as client:
        if client.answer()[0] != 101:
            return "the handshake fails"
        cut = client.ends_within(3.2)
    return "a socket is cut before its ping comes" if cut else "pings keep a socket open"


def _heartbeat(proxy: str, bad: tuple[str, str], good: tuple[str, str]) -> Experiment:
    return Experiment(
        "LB301",
        proxy,
        _pinged,
        "a socket is cut before its ping comes",
        "pings keep a socket open",
        quick=(bad, good),
    )


def _crowded(proxy: Proxy, config: str) -> str:
    """A target whose queue of connections is full for half a second: a first packet is dropped."""
    target = Target()
    with ExitStack() as stack:
        listener = full(stack)

        def recover() -> None:
            time.sleep(0.5)
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    Thread(target=target.serve, args=(connection,), daemon=True).start()

        served = stack.enter_context(in_front(proxy, config, {9000: listener.getsockname()[1]}))
        Thread(target=recover, daemon=True).start()
        client = stack.enter_context(Client(served.port))
        return f"the handshake is answered {client.answer(4.0)[0]}"


def _heard(number: int) -> Experiment:
    return Experiment(
        "LB308",
        "haproxy",
        _listening,
        "a client that only listens is cut",
        "a client that only listens stays connected",
        number=number,
        quick=(("tunnel 1h", "tunnel 1s"),),
    )


def _cut(
    code: str, proxy: str, *quick: tuple[str, str], bad: str = "", guards: tuple[Guard, ...] = ()
) -> Experiment:
    return Experiment(code, proxy, quiet, CUT, OPEN, quick=quick, bad=bad, guards=guards)


def _tunnel(name: str, *rules: str) -> Guard:
    """A guard of LB303: the timeout is set by rules instead."""
    above = "    balance leastconn\n"
    lines = "".join(f"    http-request {rule}\n" for rule in rules)
    return Guard(
        name, _HAPROXY.replace("    timeout tunnel 1h\n", "").replace(above, above + lines)
    )


_CLIENT_1S = ("timeout client 30s", "timeout client 1s")
_RULES = "    balance leastconn\n    http-request set-timeout tunnel {}\n"

EXPERIMENTS = (
    _cut(
        "LB301", "nginx",
        ("read_timeout 10s", "read_timeout 1s"), ("read_timeout 120s", "read_timeout 4s"),
    ),
    _cut(
        "LB301", "haproxy", ("tunnel 20s", "tunnel 1s"), ("tunnel 1h", "tunnel 4s"), _CLIENT_1S,
        guards=(
            Guard(
                "a rule that ends the evaluation before set-timeout",
                shown("LB301", "haproxy").good.replace(
                    "    balance leastconn\n",
                    "    http-request allow\n" + _RULES.format("20s"),
                ),
            ),
        ),
    ),
    _cut(
        "LB301", "haproxy", ("tunnel 20s", "tunnel 1s"), ("tunnel 1h", "tunnel 4s"),
        bad=shown("LB301", "haproxy").good.replace(
            "    balance leastconn\n", _RULES.format("1h") + _RULES.format("20s").split("\n", 1)[1]
        ),
        guards=(
            Guard(
                "of several set-timeouts the last is long",
                shown("LB301", "haproxy").good.replace(
                    "    balance leastconn\n",
                    _RULES.format("20s") + _RULES.format("1h").split("\n", 1)[1],
                ),
            ),
        ),
    ),
    _heartbeat(
        "nginx", ("read_timeout 10s", "read_timeout 1s"), ("read_timeout 120s", "read_timeout 2s")
    ),
    _heartbeat("haproxy", ("tunnel 20s", "tunnel 1s"), ("tunnel 1h", "tunnel 2s")),
    Experiment(
        "LB302", "nginx", _minute,
        "a silent socket is cut after a minute", "a silent socket outlives a minute",
    ),
    _cut(
        "LB303", "haproxy", _CLIENT_1S, ("timeout client 20s", "timeout client 1s"),
        guards=(_tunnel("set-timeout instead of timeout tunnel", "set-timeout tunnel 1h"),),
    ),
    _cut("LB304", "haproxy", ("tunnel 3600", "tunnel 1000")),
    Experiment("LB305", "nginx", _zero, "the handshake is answered 504 at once", OPEN),
    _cut("LB305", "haproxy", _CLIENT_1S),
    # The default of the read timeout is a minute: a second stands for it.
    _cut("LB306", "nginx", (" 1h;  # <- here", " 1h; proxy_read_timeout 1s;")),
    _cut("LB306", "haproxy", _CLIENT_1S),
    Experiment(
        "LB307", "nginx", _hung,
        "the handshake that meets a hung target waits for the hung target",
        "the handshake that meets a hung target is answered 101",
        good=shown("LB307", "nginx").bad.replace("7d;  # <- here", "1d;"),
        quick=(("read_timeout 1d", "read_timeout 500ms"),),
    ),
    Experiment(
        "LB307", "haproxy", _vanished,
        "the socket of a client that vanished stays", "the socket of a client that vanished ends",
        quick=(("tunnel 24h", "tunnel 1s"),),
    ),
    _heard(0),
    _heard(1),
    Experiment(
        "LB309", "haproxy", _half_closed,
        "a half-closed socket stays", "a half-closed socket is ended",
        quick=(("server-fin 30s", "server-fin 1s"), ("tunnel 2m", "tunnel 1s")),
        guards=(Guard("in mode tcp it does", _HALF_CLOSED_TCP),),
    ),
    Experiment(
        "LB310", "nginx", _crowded, "the handshake is answered 504", HANDSHAKE_OK,
        guards=(
            Guard(
                "two seconds are enough",
                shown("LB310", "nginx").good.replace("connect_timeout 3s", "connect_timeout 2s"),
            ),
        ),
    ),
    Experiment(
        "LB310", "haproxy", handshake(lambda: Target(thinks_s=1.0)),
        "the handshake is answered 504", HANDSHAKE_OK,
        quick=(("server 2s", "server 400ms"),),
        guards=(
            Guard("an unset timeout has no end", _UNSET),
            Guard(
                "set-timeout gives it more time",
                shown("LB310", "haproxy").bad.replace(
                    "backend ws\n", "backend ws\n    http-request set-timeout server 30s\n"
                ),
            ),
        ),
    ),
    Experiment(
        "LB311", "haproxy", _asked_after,
        "the system never asks after a silent client", "the system asks after a silent client",
        guards=(
            Guard(
                "keepalive on both sides",
                shown("LB311", "haproxy").good.replace("clitcpka", "tcpka"),
            ),
        ),
    ),
    Experiment(
        "LB311", "nginx", _asked_after,
        "the system never asks after a silent client", "the system asks after a silent client",
        guards=(
            Guard(
                "keepalive with times of its own",
                shown("LB311", "nginx").good.replace("so_keepalive=on", "so_keepalive=5m::"),
            ),
        ),
    ),
)  # fmt: skip
