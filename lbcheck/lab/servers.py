"""Experiments of LB4xx on HAProxy servers that die, fall ill, are taken out and come back."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress

from lbcheck.lab.acts import ALL_OK, CHECKED_S, handshakes, in_front, lone, node, nodes
from lbcheck.lab.client import Client
from lbcheck.lab.experiment import Act, Experiment, Guard, shown
from lbcheck.lab.proxy import Proxy
from lbcheck.lab.target import Target

_REFUSED = "handshakes are answered 503"
_CHECKS = (
    ("    option redispatch\n", "    retries 0\n    default-server inter 200ms rise 1\n"),
    ("connect 3s", "connect 300ms"),
)
"""Checks that need three failures; `lbcheck.lab.health.FAST` needs one."""
_CLOSE = "on-marked-down shutdown-sessions"


def _held(befall: Callable[[Target], None]) -> Act:
    """Open sockets on two servers, when something befalls the first."""

    def act(proxy: Proxy, config: str) -> str:
        a = Target("a")
        with in_front(proxy, config, {9001: a, 9002: Target("b")}) as served, ExitStack() as held:
            time.sleep(CHECKED_S / 2)
            clients = [held.enter_context(Client(served.port)) for _ in range(4)]
            names = [client.answer()[1].get("x-node", "none") for client in clients]
            befall(a)
            time.sleep(CHECKED_S)
            cut = {n for n, c in zip(names, clients, strict=True) if c.closed_within(0.2)}
        return f"sockets of {' and '.join(sorted(cut)) or 'no server'} are cut"

    return act


def _falls_ill(a: Target) -> None:
    a.ready = 503


def _hiccup(a: Target) -> None:
    """A check fails, perhaps two; the next ones are answered as before."""
    a.ready = 503
    time.sleep(0.25)
    a.ready = 200


def _returned(proxy: Proxy, config: str) -> str:
    """A socket on the backup, when the primary comes back."""
    a = Target("a", ready=503)
    with in_front(proxy, config, {9001: a, 9002: Target("b")}) as served:
        time.sleep(CHECKED_S)
        with Client(served.port) as client:
            if client.answer()[1].get("x-node") != "b":
                return "the backup is not used"
            a.ready = 200
            time.sleep(CHECKED_S)
            cut = client.closed_within(0.2)
    return "a socket on the backup " + ("is cut" if cut else "stays")


def _told_to_go(proxy: Proxy, config: str) -> str:
    """A new handshake, when a reload has told the old process to go."""
    with in_front(proxy, config, {9001: Target("a"), 9002: Target("b")}) as served:
        served.retire()
        time.sleep(0.4)
        with suppress(OSError):
            if node(served.port) in ("a", "b"):
                return "the old process takes new sockets"
    return "the old process takes no new sockets"


def _a_refuses() -> Target:
    return Target("a", takes=False)


_PERSIST = shown("LB409", "haproxy").good
_PLAIN = _PERSIST.replace("    cookie NODE insert indirect nocache\n", "").replace(" cookie a", "")
_WEIGHT_0 = _PERSIST.replace("9001 check", "9001 check weight 0")
_IGNORED = "    ignore-persist if { srv_weight(ws_chat/a) eq 0 } { req.cook(NODE) a }\n"
_RETRY = shown("LB410", "haproxy").good
_BACKUP = shown("LB417", "haproxy").good

EXPERIMENTS = (
    Experiment(
        "LB408", "haproxy", nodes("NODE=a"), "handshakes reach a", "handshakes reach b",
        "a client comes back whose cookie leads to a, of weight 0",
        bad=_WEIGHT_0 + "    ignore-persist if { path_beg /static }\n",
        good=_WEIGHT_0 + _IGNORED,
    ),
    Experiment(
        "LB409", "haproxy", handshakes(lone, after_s=CHECKED_S, cookie="NODE=a"),
        _REFUSED, ALL_OK,
        "a client comes back whose cookie leads to a dead server", quick=_CHECKS,
        bad=_PERSIST + "    force-persist if TRUE\n", good=_PERSIST,
        guards=(
            Guard("nothing leads to a server", f"{_PLAIN}    option persist\n"),
            Guard("nothing forces to a server", f"{_PLAIN}    force-persist if TRUE\n"),
            Guard("a hash passes over", f"{_PLAIN}    balance source\n    option persist\n"),
        ),
    ),
    Experiment(
        "LB410", "haproxy", handshakes(_a_refuses, times=6),
        "handshakes are answered 101, 503", ALL_OK,
        "a server drains: it answers 503 and its check says yes",
        bad=_RETRY.replace("    option httpchk GET /readyz\n", "    retries 0\n"),
        good=_RETRY.replace("    option httpchk GET /readyz\n", ""),
    ),
    Experiment(
        "LB410", "haproxy", handshakes(_a_refuses, times=6),
        "handshakes are answered 101, 503", ALL_OK,
        "a server drains: it answers 503 and its check says yes",
        bad=_RETRY.replace("option httpchk GET /readyz", "http-request disable-l7-retry"),
        good=_RETRY.replace("    option httpchk GET /readyz\n", ""),
    ),
    Experiment(
        "LB414", "haproxy", _held(_falls_ill),
        "sockets of no server are cut", "sockets of a are cut",
        "the check of a server fails", quick=_CHECKS,
    ),
    Experiment(
        "LB414", "haproxy", _held(_falls_ill),
        "sockets of no server are cut", "sockets of a are cut",
        "the check of a server fails", 1, quick=_CHECKS,
        bad=shown("LB414", "haproxy", 1).bad.replace(f"check {_CLOSE}", "check  # here")
        .replace("9002 check", f"9002 check {_CLOSE}"),
    ),
    Experiment(
        "LB415", "haproxy", _held(_hiccup),
        "sockets of a are cut", "sockets of no server are cut",
        "a check or two fail, the next ones are answered", quick=_CHECKS,
    ),
    Experiment(
        "LB415", "haproxy", _returned,
        "a socket on the backup is cut", "a socket on the backup stays",
        "the primary comes back", 1, quick=_CHECKS,
        guards=(
            Guard(
                "on the backup itself",
                shown("LB415", "haproxy", 1).good.replace(
                    "check backup", "check backup on-marked-up shutdown-backup-sessions"
                ),
            ),
        ),
    ),
    Experiment(
        "LB417", "haproxy", handshakes(lone, after_s=CHECKED_S), _REFUSED, ALL_OK,
        "the primary is dead", quick=_CHECKS,
        guards=(
            Guard("the primary is disabled", _BACKUP.replace("9001 check", "9001 disabled")),
            Guard("the primary has no weight", _BACKUP.replace("9001 check", "9001 weight 0")),
            Guard(
                "use-server leads to the backup",
                _BACKUP.replace("9001 check", "9001") + "    use-server b if TRUE\n",
            ),
        ),
    ),
    Experiment(
        "LB417", "haproxy", handshakes(lone, after_s=CHECKED_S), _REFUSED, ALL_OK,
        "the primary is dead", 1,
        quick=_CHECKS,
    ),
    Experiment(
        "LB424", "haproxy", handshakes(lone, lone, third=Target, after_s=CHECKED_S),
        _REFUSED, ALL_OK, "all servers but the spare one are dead", quick=_CHECKS,
        guards=(
            Guard(
                "what has no weight does not count",
                shown("LB424", "haproxy").good + "    server d 127.0.0.1:9002 weight 0\n",
            ),
        ),
    ),
    Experiment(
        "LB425", "haproxy", nodes(), "handshakes reach a", "handshakes reach b",
        "all servers are well",
        good=shown("LB425", "haproxy").bad.replace("use-server a", "use-server b"),
        guards=(
            Guard(
                "a disabled server is passed over",
                shown("LB425", "haproxy").bad.replace("weight 0", "disabled"),
            ),
        ),
    ),
    Experiment(
        "LB425", "haproxy", nodes("NODE=a"), "handshakes reach a", "handshakes reach b",
        "a client comes back with the cookie of the disabled server", 1,
    ),
    Experiment(
        "LB426", "haproxy", _told_to_go,
        "the old process takes new sockets", "the old process takes no new sockets",
        "a reload tells the old process to go",
        quick=(("grace 10s", "grace 2s"),),
    ),
)  # fmt: skip
