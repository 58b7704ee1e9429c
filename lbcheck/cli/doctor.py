"""`lbcheck doctor`: versions, proxies, who one is at AWS and what one may read there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from lbcheck import __version__
from lbcheck.cli.aws_options import requests, whom
from lbcheck.cli.output import put
from lbcheck.errors import SourceError
from lbcheck.reporters.visible import visible

if TYPE_CHECKING:
    from lbcheck.sources.aws_request import Request

_INCOMPLETE = 3


@click.command(context_settings={"auto_envvar_prefix": "LBCHECK"})
@click.option("--aws", is_flag=True, help="Ask AWS who one is and what one may read.")
@whom
@click.pass_context
def command(ctx: click.Context, /, aws: bool, **asked: Any) -> None:
    """Tell what lbcheck finds here: its version, proxies to prove rules with, AWS permissions.

    Exit code 3: something that an audit of AWS needs is refused.
    """
    for line in _here():
        put(f"{line}\n")
    if not aws:
        put("aws          not asked (--aws)\n")
        return
    whole = True
    for request in requests(asked):
        for line, fine in _there(request):
            put(f"{visible(line)}\n")
            whole = whole and fine
    if not whole:
        ctx.exit(_INCOMPLETE)


def _here() -> Iterator[str]:
    from importlib.metadata import version

    from lbcheck.lab import proxy

    python = ".".join(map(str, sys.version_info[:3]))
    yield f"lbcheck      {__version__} (Python {python})"
    for package in ("boto3", "click", "httpx", "msgspec", "pyyaml"):
        yield f"{package:12} {version(package)}"
    proxies = proxy.found()
    for found in proxies:
        yield f"{found.kind:12} {found.text} ({found.path})"
    for kind in sorted({"nginx", "haproxy"} - {found.kind for found in proxies}):
        yield f"{kind:12} none found: `lbcheck rules prove` needs one"


def _there(request: Request) -> Iterator[tuple[str, bool]]:
    """Lines about one account and region, and whether each is as an audit needs it."""
    from lbcheck.sources import aws_permissions
    from lbcheck.sources.aws_rate import Buckets
    from lbcheck.sources.aws_session import Session

    try:
        session = Session(request, Buckets())
        yield f"{request.where}: {aws_permissions.identity(session)}", True
        for tier in aws_permissions.TIERS:
            needed = tier is aws_permissions.READ
            yield f"  {tier.name} ({tier.purpose})", True
            for permission in aws_permissions.asked(session, tier):
                word = {True: "allowed", False: "DENIED", None: "unknown"}[permission.allowed]
                said = f": {permission.said}" if permission.said else ""
                fine = permission.allowed is True or not needed
                yield f"    {word:8} {permission.action}{said}", fine
    except SourceError as error:
        yield str(error), False
