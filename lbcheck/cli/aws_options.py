"""The options that say whom to ask at AWS, and the requests they make."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lbcheck.cli import values
from lbcheck.cli.flags import add_options
from lbcheck.cli.output import complain
from lbcheck.errors import UsageError
from lbcheck.regex import regex

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from lbcheck.sources.aws_rate import Rate
    from lbcheck.sources.aws_request import Progress, Request

_RATE = regex(r"([0-9]{1,5})/([0-9]{1,5}(?:\.[0-9]{1,3})?)")
Command = TypeVar("Command", bound=Callable[..., Any])

LIVE = (
    "region",
    "aws_profile",
    "endpoint_url",
    "role_arn",
    "external_id",
    "role_session_name",
    "accounts",
    "aws_rate",
    "lb",
    "tag",
)
"""The parameters that mean nothing without --aws"""

_WHOM = (
    click.option("--region", multiple=True, metavar="NAME", help="AWS region, or all. Repeatable."),
    click.option("--aws-profile", metavar="NAME", help="Profile of the AWS configuration."),
    click.option("--role-arn", multiple=True, metavar="ARN", help="Role to assume. Repeatable."),
    click.option("--external-id", metavar="TEXT", help="External id of --role-arn."),
    click.option("--role-session-name", metavar="NAME", help="Session name of --role-arn."),
    click.option(
        "--accounts", metavar="FILE", help="Accounts to ask (YAML): role-arn, regions, profile."
    ),
    click.option("--endpoint-url", metavar="URL", help="Another endpoint than AWS's own."),
    click.option(
        "--aws-rate",
        metavar="BURST/PER-S",
        default="40/10",
        show_default=True,
        help="Calls at once, and a second, for each account and region.",
    ),
)
_WHICH = (
    click.option("--lb", multiple=True, metavar="NAME", help="Only this balancer. Repeatable."),
    click.option(
        "--tag", multiple=True, metavar="K=V", help="Only load balancers with this tag. Repeatable."
    ),
)


def whom(command: Command) -> Command:
    """Add the options for accounts, regions and credentials."""
    return add_options(command, _WHOM)


def whom_and_which(command: Command) -> Command:
    """Add these and the choice of load balancers."""
    return add_options(command, (*_WHOM, *_WHICH))


def requests(asked: dict[str, Any], progress: Progress | None = None) -> tuple[Request, ...]:
    """A request for each role and region, and for each account of the accounts file.

    Raises: UsageError, DocumentErrors: what the options or the file say is impossible.
    """
    from lbcheck.sources.aws_request import Request, Role, Silent

    if (asked["external_id"] or asked["role_session_name"]) and not asked["role_arn"]:
        raise UsageError("--external-id and --role-session-name speak of a role: add --role-arn")
    name = asked["role_session_name"] or "lbcheck"
    arns = values.words(asked["role_arn"])
    roles: list[Role | None] = [Role(arn, asked["external_id"], name) for arn in arns]
    found = [
        Request(
            region=region,
            profile=asked["aws_profile"],
            role=role,
            endpoint_url=asked["endpoint_url"],
            names=values.words(asked.get("lb") or ()),
            tags=values.pairs(asked.get("tag") or (), "--tag"),
            rate=rate(asked["aws_rate"]),
            say=complain,
            progress=progress or Silent(),
        )
        for role in roles or [None]
        for region in values.words(asked["region"]) or (None,)
    ]
    if not asked["accounts"]:
        return tuple(found)
    from lbcheck import accounts

    listed = accounts.load(asked["accounts"])
    return tuple(one for account in listed for base in found for one in account.requests(base))


def rate(text: str) -> Rate:
    """`40/10`: 40 calls at once, then 10 a second. Raises: UsageError."""
    from lbcheck.sources.aws_rate import Rate

    match = _RATE.fullmatch(text)
    if match is None or int(match[1]) == 0 or float(match[2]) == 0:
        raise UsageError(f"--aws-rate {text}: write BURST/PER-S, such as 40/10")
    return Rate(int(match[1]), float(match[2]))


def progress() -> AbstractContextManager[Progress]:
    """A progress bar where standard error is a terminal, else nothing."""
    from contextlib import nullcontext

    from lbcheck.sources.aws_request import Silent

    return Bar() if sys.stderr.isatty() else nullcontext(Silent())


class Bar:
    """How many of the planned calls were made, and the time that is left."""

    def __init__(self) -> None:
        from threading import Lock

        self._lock = Lock()
        self._bar = click.progressbar(length=0, label="asking AWS", file=sys.stderr, show_pos=True)

    def __enter__(self) -> Bar:
        self._bar.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.render_finish()

    def expect(self, calls: int) -> None:
        with self._lock:
            self._bar.length = (self._bar.length or 0) + calls

    def done(self) -> None:
        with self._lock:
            self._bar.update(1)
