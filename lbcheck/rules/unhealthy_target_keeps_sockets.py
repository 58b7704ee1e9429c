"""LB414: open WebSockets stay on a target that is known to be dead."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.durations import human
from lbcheck.finding import Edit, Fix, Note, Problem, Severity
from lbcheck.fix import insert
from lbcheck.model import CheckKind, Level, Place, Pool, Route, Setting, Span, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND

_CLOSE = "on-marked-down shutdown-sessions"
_NOTICING = frozenset({CheckKind.HTTP, CheckKind.HANDSHAKE})
"""Checks that see a target which hangs. One that is gone takes its connections with it."""
LONG_S = 1800.0
"""a hung target's sockets end with the idle timeout at the latest; below this it is let pass"""


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Most HAProxy configurations leave it so, and clients that ping find out by themselves: it is
    a warning where the profile says that they do not, a remark where it declares WebSockets and
    not who pings, and nothing at all where nobody has said anything."""
    idle = route.idle
    if idle is None or idle.value < LONG_S or _clients_notice(profile):
        return
    for pool in (forward.pool for forward in route.forwards):
        if pool.check.kind in _NOTICING and len(pool.targets) > 1:
            yield from _kept(pool, idle, profile)


def _kept(pool: Pool, idle: Setting[float], profile: Profile) -> Iterator[Problem]:
    closes = pool.closes_dead
    if (closes is None and pool.belief.level < Level.CERTAIN) or len(pool.usable) < 2:
        return
    if closes is not None and not closes.value:
        yield Problem(
            closes.place,
            f"`{closes.name}` stands on other servers of `{pool.name}` and not here: this one "
            f"keeps its WebSockets when it is marked down, until `{idle.name}` ends them",
            fix=_append(closes.place),
        )
    elif closes is None and pool.complete:
        undeclared = profile.heartbeat.sender == "undeclared"
        if undeclared and not profile.websocket.paths:
            return
        yield Problem(
            pool.place,
            f"no `{_CLOSE}`: when a check finds a server of `{pool.name}` dead, its open "
            f"WebSockets stay on it, for up to {human(idle.value)} of silence",
            severity=Severity.INFO if undeclared else None,
            related=(Note(idle.place, "only this ends them"),),
            fix=insert(pool.place, (f"default-server {_CLOSE}",)),
        )


def _append(server: Place) -> Fix | None:
    if not isinstance(server, Span):
        return None
    return Fix(
        f"add `{_CLOSE}`", edits=(Edit(server.source, server.end, server.end, f" {_CLOSE}"),)
    )


def _clients_notice(profile: Profile) -> bool:
    """A client misses the answer to its own ping, or the data that a server promised; a ping frame
    of the server's is not shown to browsers' scripts."""
    beat = profile.heartbeat
    return beat.sender in ("client", "both") or (beat.sender == "server" and beat.kind == "data")


_PROFILE = "extends: default\nwebsocket: {paths: [/ws]}\nheartbeat: {sender: none}\n"
_CLOSING = HAPROXY_BACKEND.replace("1 check", f"1 check {_CLOSE}").replace(
    "2 check", f"2 check {_CLOSE}"
)

_ASKING = HAPROXY.replace("    use_backend", "    option clitcpka\n    use_backend")

RULE = Rule(
    code="LB414",
    name="unhealthy-target-keeps-sockets",
    severity=Severity.WARNING,
    vendors=(Vendor.HAPROXY,),
    subject=Route,
    check=check,
    summary="A server that a check calls dead keeps its open sockets until the idle timeout.",
    why=(
        "Being marked down keeps new connections away and leaves the open ones alone. A server "
        "that hangs, or refuses to work, thus keeps its clients: they were still attached after "
        "the check had failed; with `on-marked-down shutdown-sessions` they were cut and could "
        "come back to a server that is well."
    ),
    remedy=(
        "Write `default-server on-marked-down shutdown-sessions` above the servers, with `fall 3` "
        "or so, and let clients reconnect with jitter."
    ),
    references=("https://docs.haproxy.org/2.8/configuration.html#5.2-on-marked-down",),
    examples=(
        Example(
            Vendor.HAPROXY,
            profile=_PROFILE,
            bad=_ASKING + HAPROXY_BACKEND.replace("backend ws_chat", "backend ws_chat  # <- here"),
            good=_ASKING + _CLOSING,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + HAPROXY_BACKEND.replace("9001 check", f"9001 check {_CLOSE}").replace(
                "9002 check", "9002 check  # <- here"
            ),
            good=HAPROXY + _CLOSING,
        ),
    ),
    proven=proven.HAPROXY,
    fixable="unsafe",
)
