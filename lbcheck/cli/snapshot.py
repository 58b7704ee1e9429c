"""`lbcheck snapshot`: save what AWS says, to be audited later and offline."""

from __future__ import annotations

from typing import Any

import click

from lbcheck.cli.aws_options import progress, requests, whom
from lbcheck.cli.output import put
from lbcheck.errors import UsageError


@click.group(context_settings={"auto_envvar_prefix": "LBCHECK"})
def command() -> None:
    """Save the state of live load balancers."""


@command.command(short_help="Save one account and region, to be audited later.")
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to save it.")
@click.option("--mask-account", is_flag=True, help="Write 000000000000 for the account.")
@whom
def aws(output: str, mask_account: bool, **asked: Any) -> None:
    """Save one account and region as `lbcheck-aws/1`, readable by its owner only.

    `lbcheck audit --snapshot FILE` judges it. Refused calls are saved as well and make that audit
    incomplete. Secrets in listener rules are never saved.
    """
    from lbcheck.sources import aws_fetch, aws_snapshot

    with progress() as shown:
        wanted = requests(asked, shown)
        if len(wanted) > 1 or wanted[0].region == "all":
            raise UsageError("a snapshot holds one account and region: name one")
        snapshot = aws_fetch.fetch(wanted[0])
    try:
        aws_snapshot.save(snapshot, output, mask_account=mask_account)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror}") from None
    put(f"{output}: saved {snapshot.source.name}\n")
