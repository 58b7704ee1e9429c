"""`lbcheck report show RUN`: what one run had to tell."""

from __future__ import annotations

import click

from lbcheck.cli.output import put
from lbcheck.cli.report_options import opened, state
from lbcheck.errors import UsageError


@click.command(context_settings={"auto_envvar_prefix": "LBCHECK"})
@click.argument("run", type=click.IntRange(1))
@state
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(run: int, state: str | None, form: str) -> None:
    """Tell again what the run with this number had to tell."""
    from contextlib import closing

    from lbcheck.history import text

    with closing(opened(state)) as store:
        digest = store.digest(run)
    if digest is None:
        raise UsageError(f"no run {run} is remembered: see `lbcheck report history`")
    put(f"{digest.encoded().decode()}\n" if form == "json" else text.shown(digest), form)
