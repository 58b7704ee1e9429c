"""`lbcheck aws-policy`: the least that a role needs."""

from __future__ import annotations

import click

from lbcheck.cli.output import put

_TIERS = ("read", "compute", "regions")


@click.command()
@click.option(
    "--tier",
    type=click.Choice(_TIERS),
    multiple=True,
    help="Only this part: read (audits and snapshots), compute (optional: what runs behind target "
    "groups), regions (--region all).  [default: all]",
)
def command(tier: tuple[str, ...]) -> None:
    """Print the IAM policy that lets lbcheck read load balancers, and nothing else."""
    from json import dumps

    from lbcheck.sources.aws_permissions import TIERS, policy

    wanted = [one for one in TIERS if not tier or one.name in tier]
    put(dumps(policy(wanted), indent=2) + "\n")
