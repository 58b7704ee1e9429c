"""Options of `lbcheck probe` about where clients land and how they come back."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from lbcheck.cli import values
from lbcheck.cli.flags import add_options
from lbcheck.cli.output import complain
from lbcheck.cli.probe_options import TOKEN
from lbcheck.durations import human
from lbcheck.errors import UsageError
from lbcheck.probe import drain_command, session
from lbcheck.probe.access import MAX_CONNECTIONS
from lbcheck.probe.checks import Asker
from lbcheck.probe.comeback import Manner, comeback
from lbcheck.probe.drain import Drill
from lbcheck.probe.landings import Session
from lbcheck.probe.node import Node
from lbcheck.profile import Profile

Command = TypeVar("Command", bound=Callable[..., object])

_WINDOW_S = 60.0
_PING_S = 20.0
_LONG_S = 10.0
_FILES_BESIDE = 100
"""files a process has open beside its sockets, generously"""
_SESSIONS = {"engine.io": session.engine_io, "sockjs": session.sockjs}


def rehearsed(command: Command) -> Command:
    """Decorate a command with the options of `drill`, `node` and `spread`."""
    return add_options(command, _OPTIONS)


_OPTIONS = (
    click.option(
        "--spread",
        type=click.IntRange(1, 500),
        metavar="NUMBER",
        help="Tell where so many handshakes land, and so many with cookies.",
    ),
    click.option(
        "--drain",
        metavar="TIME",
        callback=values.duration,
        help="Hold WebSockets for so long while you drain a target, and come back.",
    ),
    click.option(
        "--drain-command", metavar="COMMAND", help="Run this to drain it (no shell).  [--drain 60s]"
    ),
    click.option(
        "--connections",
        type=click.IntRange(1, 5000),
        default=20,
        show_default=True,
        metavar="NUMBER",
        help="WebSockets to hold while it drains.",
    ),
    click.option(
        "--reconnect",
        type=click.Choice([manner.value for manner in Manner]),
        default=Manner.BACKOFF.value,
        show_default=True,
        help="How clients come back; health: they ask --health first.",
    ),
    click.option(
        "--instance-header", metavar="NAME", help="The header of a 101 that names the instance."
    ),
    click.option(
        "--instance-cookie", metavar="NAME", help="The cookie of a 101 that names the instance."
    ),
    click.option("--yes", is_flag=True, help=f"Hold more than {MAX_CONNECTIONS} without asking."),
)  # fmt: skip


def node(asked: dict[str, Any], profile: Profile) -> Node:
    """How instances tell who they are. Raises: UsageError for what is no name, and for none where
    nothing else could be told."""
    for option in ("instance_header", "instance_cookie"):
        if asked[option] is not None and not re.fullmatch(TOKEN, asked[option]):
            raise UsageError(f"--{option.replace('_', '-')}: {asked[option]!r} is no name")
    made = Node(asked["instance_header"], asked["instance_cookie"])
    if asked["spread"] and not made.told and profile.stickiness.session is None:
        raise UsageError("--spread: which instance is it? Add --instance-header NAME")
    return made


def sessions(asked: dict[str, Any], profile: Profile) -> Callable[[Asker, str], Session] | None:
    """How a session of the profile's protocol is opened, where one is looked for."""
    protocol = profile.stickiness.session
    return _SESSIONS[protocol] if asked["spread"] and protocol else None


def drill(asked: dict[str, Any], profile: Profile) -> Drill | None:
    """The drain rehearsal that is asked for, agreed to by a person where it is large.

    Raises: UsageError for one that cannot be done.
    """
    if asked["drain"] is None and asked["drain_command"] is None:
        return None
    manner = Manner(asked["reconnect"])
    path = (asked["health"] or profile.health.path) if manner is Manner.HEALTH else None
    if manner is Manner.HEALTH and (path is None or not re.fullmatch(r"/[!-~]*+", path)):
        raise UsageError("--reconnect health needs a path to ask, such as --health /healthz")
    command = asked["drain_command"]
    made = Drill(
        clients=asked["connections"],
        rate=asked["rate"],
        window_s=asked["drain"] or _WINDOW_S,
        ping_s=_ping_s(asked, profile),
        comeback=comeback(profile.client, manner),
        health=path,
        command=drain_command.parsed(command) if command is not None else (),
    )
    _answered(made, profile)
    _agreed(made.clients, yes=asked["yes"])
    _room(made.clients)
    if (opening_s := made.clients / made.rate) > _LONG_S:
        complain(f"opening {made.clients} WebSockets takes {human(round(opening_s))} (--rate)")
    return made


def _ping_s(asked: dict[str, Any], profile: Profile) -> float:
    """How often a client pings: as it is told, as the profile says, and else often enough for the
    timeouts that balancers have by default (60 s, nginx and ALB)."""
    if asked["ping"]:
        return float(min(asked["ping"]))
    beat = profile.heartbeat
    own_s = beat.interval_s if beat.sender in ("client", "both") else None
    return min(_PING_S, own_s or _PING_S)


def _answered(made: Drill, profile: Profile) -> None:
    """A service that waits for an answer to its data closes by itself: no drain would be seen."""
    takes_s = made.clients / made.rate + made.window_s
    if profile.answer_s is not None and takes_s >= profile.answer_s:
        raise UsageError(
            f"--drain: takes {human(takes_s)} with all clients, and this service closes those that "
            f"do not answer its data, as a probe does not, after {human(profile.answer_s)}"
        )


def _agreed(clients: int, *, yes: bool) -> None:
    if clients <= MAX_CONNECTIONS or yes:
        return
    what = f"{clients} WebSockets at a time"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(f"--connections: to hold {what}, add --yes")
    if not click.confirm(f"Hold {what}?", err=True):
        raise UsageError("--connections: not agreed to")


def _room(clients: int) -> None:
    """Let this process open so many sockets, where the system allows it."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = clients + _FILES_BESIDE
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise UsageError(f"--connections: a process may open {hard} files here (`ulimit -Hn`)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def announced(held: int, command: tuple[str, ...]) -> None:
    """Tell the person in front that a target may be drained now."""
    then = "the drain command runs" if command else "drain a target now"
    complain(f"{held} WebSockets are held: {then if held else 'there is nothing to drain'}")
