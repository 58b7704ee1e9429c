"""`lbcheck merge`: the JSON reports of shares, or of several runs, as one report."""

from __future__ import annotations

from typing import Any

import click

from lbcheck.cli.audit import tell
from lbcheck.cli.audit_options import failing, shown, written
from lbcheck.cli.output import complain


@click.command(context_settings={"auto_envvar_prefix": "LBCHECK"})
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@failing
@shown
@written
@click.pass_context
def command(ctx: click.Context, /, files: tuple[str, ...], **asked: Any) -> None:
    """Join reports that `lbcheck audit --format json` wrote, such as those of `--shard I/N`.

    Exit codes are those of an audit. A share that is missing, or there twice, makes it incomplete.
    """
    from lbcheck.finding import Severity
    from lbcheck.limits import Limits
    from lbcheck.merge import merge

    fail_on = None if asked["fail_on"] == "never" else Severity(asked["fail_on"])
    merged = merge(files, Limits(fail_on=fail_on))
    tell(merged.report, asked)
    for line in merged.told:
        complain(line)
    if merged.report.nothing:
        complain("nothing was audited: there is no source in these reports")
    ctx.exit(merged.report.exit_code)
