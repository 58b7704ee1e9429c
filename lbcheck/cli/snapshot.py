"""`lbcheck snapshot`: save what AWS says, to be audited later and offline."""

from __future__ import annotations

import click

from lbcheck.cli.output import complain, put
from lbcheck.errors import UsageError


@click.group(context_settings={"auto_envvar_prefix": "LBCHECK"})
def command() -> None:
    """Save the state of live load balancers."""


@command.command()
@click.option("-o", "--output", required=True, metavar="FILE", help="Where to save it.")
@click.option("--region", metavar="NAME", help="AWS region.")
@click.option("--aws-profile", metavar="NAME", help="Profile of the AWS configuration.")
@click.option("--endpoint-url", metavar="URL", help="Another endpoint than AWS's own.")
def aws(output: str, region: str | None, aws_profile: str | None, endpoint_url: str | None) -> None:
    """Save one account and region as `lbcheck-aws/1`, readable by its owner only.

    `lbcheck audit --snapshot FILE` judges it. Refused calls are saved as well and make that audit
    incomplete.
    """
    from lbcheck.sources import aws_fetch, aws_snapshot

    request = aws_fetch.Request(
        region=region, profile=aws_profile, endpoint_url=endpoint_url, say=complain
    )
    snapshot = aws_fetch.fetch(request)
    try:
        aws_snapshot.save(snapshot, output)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror}") from None
    put(f"{output}: saved {snapshot.source.name}\n")
