"""`lbcheck init`: a commented configuration file to start from."""

from __future__ import annotations

import os

import click

NAME = ".lbcheck.yaml"


@click.command()
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
def command(force: bool) -> None:
    """Write a commented .lbcheck.yaml into the current folder."""
    from lbcheck.cli.output import put, write_whole
    from lbcheck.config import TEMPLATE
    from lbcheck.errors import UsageError

    if os.path.lexists(NAME) and not force:
        raise UsageError(f"{NAME} is there already: --force replaces it")
    write_whole(NAME, TEMPLATE)
    put(f"wrote {NAME}\n")
