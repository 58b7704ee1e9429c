"""`lbcheck report test-notify`: does every channel reach somebody?"""

from __future__ import annotations

import click

from lbcheck.cli.output import complain, put
from lbcheck.cli.report_options import notified
from lbcheck.errors import UsageError

_INCOMPLETE = 3


@click.command(context_settings={"auto_envvar_prefix": "LBCHECK"})
@notified
@click.pass_context
def command(ctx: click.Context, notify: tuple[str, ...]) -> None:
    """Send a test to every channel, and say which took it.

    Exit codes: 0 all of them, 3 not all.
    """
    from lbcheck import __version__
    from lbcheck.history import moment
    from lbcheck.history.digest import Digest
    from lbcheck.history.outbox import attempt
    from lbcheck.notify.channels import channels

    if not notify:
        raise UsageError("name a channel, such as --notify slack=env:LBCHECK_SLACK")
    said = Digest(
        version=__version__,
        run=0,
        time=moment.rfc3339(moment.now()),
        exit_code=0,
        headline="a test: lbcheck report tells here what changed",
    )
    failed = False
    for channel in channels(notify):
        failure = attempt(channel, said, again=False)
        if failure:
            failed = True
            complain(f"{channel.name}: {failure}")
        else:
            put(f"{channel.name}: sent\n")
    ctx.exit(_INCOMPLETE if failed else 0)
