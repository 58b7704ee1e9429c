"""`lbcheck report history`: the runs that are remembered."""

from __future__ import annotations

import click

from lbcheck.cli.output import put
from lbcheck.cli.report_options import opened, state


@click.command(context_settings={"auto_envvar_prefix": "LBCHECK"})
@state
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    default=20,
    show_default=True,
    help="At most so many runs.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def command(state: str | None, limit: int, form: str) -> None:
    """List the last runs, the newest first; as JSON a digest in each line."""
    from contextlib import closing

    from lbcheck.history import text

    with closing(opened(state)) as store:
        digests = store.digests(limit)
    if form == "json":
        put("".join(f"{digest.encoded().decode()}\n" for digest in digests), form)
    else:
        put(text.listed(digests) or "no run is remembered\n")
