"""What the commands about the history have in common: where it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lbcheck.errors import UsageError

if TYPE_CHECKING:
    from lbcheck.history.store import Store

Command = TypeVar("Command", bound=Callable[..., Any])


def state(command: Command) -> Command:
    """Add --state."""
    return click.option(
        "--state",
        metavar="DIR",
        help="Where the history is.  [default: $STATE_DIRECTORY, else ~/.local/state/lbcheck]",
    )(command)


def notified(command: Command) -> Command:
    """Add --notify."""
    return click.option(
        "--notify",
        multiple=True,
        metavar="CHANNEL=SECRET",
        help="Tell somebody, too: slack, teams, discord, webhook, mail or apprise, then `env:NAME` "
        "or `file:PATH`, which holds the address. Repeatable.",
    )(command)


def folder(given: str | None) -> str:
    """The state folder that is meant."""
    from lbcheck.history.state_folder import chosen

    return chosen(given, os.environ)


def opened(given: str | None) -> Store:
    """The history, to be looked at.

    Raises: UsageError where there is none, StateError where it cannot be used.
    """
    from lbcheck.history.state_folder import HISTORY
    from lbcheck.history.store import Store

    where = folder(given)
    if not os.path.exists(os.path.join(where, HISTORY)):
        raise UsageError(f"{where}: there is no history here yet: `lbcheck report` begins one")
    return Store(where)
