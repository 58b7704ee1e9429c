"""Options of several commands; --help and --version in words of our own.

click's own ask gettext for translations, which costs 1 ms (`locale`) in every run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import click

from lbcheck import __version__

Command = TypeVar("Command", bound=Callable[..., object])


def add_options(command: Command, options: Iterable[Callable[[Command], Command]]) -> Command:
    """Decorate a command with several options, which help then lists in this order."""
    for option in reversed(list(options)):
        command = option(command)
    return command


def help_flag(command: Command) -> Command:
    """Decorate a command that is made with `add_help_option=False`."""
    return click.option(
        *("-h", "--help"),
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_help,
        help="Show this message and exit.",
    )(command)


def version_flag(command: Command) -> Command:
    """Decorate the program's own command."""
    return click.option(
        *("--version", "-V"),
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_version,
        help="Show the version and exit.",
    )(command)


def _help(ctx: click.Context, param: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


def _version(ctx: click.Context, param: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        click.echo(f"lbcheck {__version__}", color=ctx.color)
        ctx.exit()
