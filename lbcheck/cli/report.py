"""`lbcheck report`: an audit that remembers, and speaks only when something changed."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from lbcheck.cli import values
from lbcheck.cli.audit_options import (
    asking,
    configured,
    judging,
    known,
    options,
    reading,
    refuse_without_aws,
    written,
)
from lbcheck.cli.flags import help_flag
from lbcheck.cli.live_options import asked_live, asks_process, live
from lbcheck.cli.output import complain
from lbcheck.cli.report_options import folder, notified, state
from lbcheck.errors import LbcheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lbcheck.audit import Report
    from lbcheck.history.outbox import Channel
    from lbcheck.reporters import Style
    from lbcheck.scheduled import Job, Result

_USAGE = 2


@click.command(add_help_option=False, context_settings={"auto_envvar_prefix": "LBCHECK"})
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@state
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    envvar="LBCHECK_REPORT_FORMAT",
    default="text",
    show_default=True,
    help="How changes are told on standard output.",
)
@click.option(
    "--metrics",
    metavar="FILE.prom",
    callback=values.metrics_file,
    help="Write Prometheus metrics for a textfile collector.",
)
@notified
@click.option(
    "--remind",
    metavar="TIME|never",
    default="24h",
    show_default=True,
    callback=values.duration_or_never,
    help="Tell again what is still open or unread.",
)
@click.option(
    "--keep",
    metavar="TIME",
    default="90d",
    show_default=True,
    callback=values.duration,
    help="How long runs and what is over are remembered.",
)
@click.option(
    "--timeout",
    metavar="TIME",
    default="10m",
    show_default=True,
    callback=values.duration_or_never,
    help="Give up reading and judging after this time.",
)
@click.option("--now", metavar="TIME", hidden=True, help="The time it is. [SOURCE_DATE_EPOCH]")
@judging
@known
@written
@reading
@configured
@asking
@live
@help_flag
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], **asked: Any) -> None:
    """Audit on a schedule: remember what was found, speak only of what changed.

    \b
    lbcheck report /etc/nginx --aws    one run, from cron or a timer
    lbcheck report history             the runs that are remembered
    lbcheck report show RUN            what one of them had to tell
    lbcheck report diff A B            what changed between two of them
    lbcheck report test-notify         does every --notify reach somebody?

    Says nothing and ends with 0 where nothing changed, though old findings may be open. Exit
    codes: 1 a new, worse or reopened finding from --fail-on on, 2 usage, configuration or a
    history that cannot be used, 3 something could not be read, 4 a bug in lbcheck.
    """
    refuse_without_aws(ctx, asked)
    from lbcheck import scheduled
    from lbcheck.cli.report_output import Output

    job = _job(paths, asked)
    output = Output(asked["form"])
    troubles: list[str] = []

    def write(result: Result) -> None:
        troubles.extend(_files(asked, job, result))

    done = scheduled.run(job, [output, *_channels(asked)], write)
    if done is None:
        complain(f"another report is running on {job.state}: this one leaves")
        ctx.exit(0)
    digest, problems = done
    for line in (*troubles, *problems):
        complain(line)
    if not digest.reasons and sys.stderr.isatty():
        complain(f"nothing changed: {digest.headline}")
    ctx.exit(output.exit_code(digest) or (_USAGE if troubles else 0))


def _job(paths: tuple[str, ...], asked: dict[str, Any]) -> Job:
    from msgspec.structs import replace

    from lbcheck.history import moment
    from lbcheck.history.speak import Manner
    from lbcheck.scheduled import Job

    processes, trial = asked_live(asked)
    wanted = replace(options(asked), processes=processes, trial=trial)
    if asked["aws"]:
        wanted = replace(wanted, aws=_requests(asked))
    said = moment.given(asked["now"], os.environ)
    time = moment.now() if said is None else said
    named = list(dict.fromkeys(paths))
    if not named and not (asked["aws"] or asked["snapshot"] or asks_process(asked)):
        named = ["."]
    return Job(
        paths=tuple(named),
        options=replace(wanted, absolute=True, today=moment.rfc3339(time)[:10]),
        state=folder(asked["state"]),
        time=time,
        manner=Manner(wanted.fail_on, asked["remind"]),
        keep_s=asked["keep"],
        timeout_s=asked["timeout"],
        timed=said is None,
    )


def _channels(asked: dict[str, Any]) -> list[Channel]:
    if not asked["notify"]:
        return []
    from lbcheck.notify.channels import channels

    return channels(asked["notify"])


def _requests(asked: dict[str, Any]) -> tuple[Any, ...]:
    """As an audit's; how many calls are planned is of no interest to a scheduler's mail."""
    from msgspec.structs import replace

    from lbcheck.cli.aws_options import requests

    return tuple(replace(request, say=None) for request in requests(asked))


def _files(asked: dict[str, Any], job: Job, result: Result) -> Iterator[str]:
    """Write what every run writes. Gives: what could not be written."""
    for write in (*_reports(asked, job, result), *_metrics(asked, result)):
        try:
            write()
        except LbcheckError as error:
            yield str(error)


def _reports(asked: dict[str, Any], job: Job, result: Result) -> Iterator[Callable[[], None]]:
    """What writes each report; a run that judged nothing leaves those of the run before it."""
    from functools import partial

    from lbcheck.reporters import Style

    report = result.report
    if report is None:
        return
    style = Style(show_suppressed=asked["show_suppressed"], today=job.options.today or "")
    for form, path in asked["output"]:
        yield partial(_write, form, path, result, report, style)


def _write(form: str, path: str, result: Result, report: Report, style: Style) -> None:
    from lbcheck.cli.output import write_whole
    from lbcheck.reporters import render

    whole = _page(result, report, style) if form == "html" else render(form, report, style)
    write_whole(path, whole)


def _page(result: Result, report: Report, style: Style) -> str:
    """The page of this run, with what the runs before it add."""
    from lbcheck.history import page
    from lbcheck.reporters import html

    return html.render(report, style, page.past(result.recent(page.RUNS)))


def _metrics(asked: dict[str, Any], result: Result) -> Iterator[Callable[[], None]]:
    from lbcheck.cli.output import write_whole
    from lbcheck.history import metrics

    path = asked["metrics"]
    if path:
        text = metrics.text(result.digest, result.memory, result.duration_s)
        yield lambda: write_whole(path, text, 0o644)
