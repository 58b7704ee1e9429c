"""Options of `lbcheck audit` that ask what is running, and what they mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lbcheck.cli.flags import add_options

if TYPE_CHECKING:
    from lbcheck.runtime.where import Where

Command = TypeVar("Command", bound=Callable[..., object])


def live(command: Command) -> Command:
    """Decorate a command with the options about what is running."""
    return add_options(command, _OPTIONS)


_OPTIONS = (
    click.option(
        "--live",
        multiple=True,
        metavar="haproxy=ADDRESS|nginx-plus=URL",
        help="Ask a running proxy for the state of its targets. Repeatable.",
    ),
)  # fmt: skip


def processes(asked: dict[str, Any]) -> tuple[Where, ...]:
    """The running proxies to be asked. Raises: UsageError for what names none."""
    if not asked["live"]:
        return ()
    from lbcheck.runtime.where import parsed

    found = map(parsed, asked["live"])
    return tuple(dict.fromkeys(where for where in found if where is not None))
