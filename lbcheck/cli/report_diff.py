"""`lbcheck report diff A B`: what changed between two runs."""

from __future__ import annotations

import click

from lbcheck.cli.output import put
from lbcheck.cli.report_options import opened, state
from lbcheck.errors import UsageError


@click.command(context_settings={"auto_envvar_prefix": "LBCHECK"})
@click.argument("before", metavar="A", type=click.IntRange(1))
@click.argument("after", metavar="B", type=click.IntRange(1))
@state
def command(before: int, after: int, state: str | None) -> None:
    """Compare what was known after run A with what was known after run B."""
    from contextlib import closing

    from lbcheck.history import span, text

    with closing(opened(state)) as store:
        for run in (before, after):
            if store.digest(run) is None:
                raise UsageError(f"no run {run} is remembered: see `lbcheck report history`")
        changes = span.between(store.states(before), store.states(after), store.memory().findings)
    put(text.differences(changes))
