"""`lbcheck audit`: options to a run, a run to reports, a report to an exit code."""

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
    shown,
    written,
)
from lbcheck.cli.flags import help_flag
from lbcheck.cli.live_options import asked_live, asks_process, live
from lbcheck.cli.output import coloured, complain, obeying_runner, put, write_whole
from lbcheck.errors import UsageError
from lbcheck.reporters import Style, render

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.run import Options

_UNREAD = ("LB901", "LB908")


@click.command(add_help_option=False, context_settings={"auto_envvar_prefix": "LBCHECK"})
@click.argument("paths", metavar="[PATH|-]...", nargs=-1)
@judging
@known
@click.option(
    "--since", metavar="REV", help="Only what has changed since this branch left a git revision."
)
@click.option(
    "--shard",
    metavar="I/N|auto",
    help="Tell share I (from 0) of N; auto: as a Kubernetes Indexed Job or AWS Batch says.",
)
@shown
@written
@reading
@click.option("--stdin-filename", metavar="NAME", help="The name of what comes from `-`.")
@configured
@asking
@live
@help_flag
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], **asked: Any) -> None:
    """Judge configurations and live load balancers against what the service promises.

    PATH is a file or a folder (default: the current one), `-` is standard input. Every option is
    also an environment variable: --min-severity is LBCHECK_MIN_SEVERITY; several values are
    separated by blanks.
    """
    if not paths and os.environ.get("PRE_COMMIT") and not _other_source(asked):
        ctx.exit(0)  # a hook without files has nothing to say
    refuse_without_aws(ctx, asked)
    files, wanted = request(paths, asked)
    if asked["shard"]:
        wanted = _shard(wanted, asked["shard"])
    if asked["since"] is not None:
        wanted = _since(files, wanted, asked)
    report = audited(files, wanted, asked, ctx.ensure_object(list))
    tell(report, asked)
    if report.nothing and wanted.skip_unknown and not _unread(report):
        ctx.exit(0)  # a commit that touches no load balancer
    if report.nothing and not _unread(report):
        where = ", ".join(files) or "AWS"
        complain(f"nothing to audit: no configuration of a load balancer in {where}")
    elif not report.complete and not any(f.code in _UNREAD for f in report.findings):
        complain(f"incomplete: not everything could be read in {', '.join(_unread(report))}")
    ctx.exit(report.exit_code)


def tell(report: Report, asked: dict[str, Any]) -> None:
    """Write and show a report as its options say."""
    for form, path in asked["output"]:
        write_whole(path, render(form, report, _style(asked, colour=False)))
    colour = coloured(asked["color"], os.environ, sys.stdout.isatty())
    put(render(asked["format"], report, _style(asked, colour=colour)), asked["format"])


def _unread(report: Report) -> list[str]:
    return [source.name for source in report.sources if source.status.value != "read"]


def _other_source(asked: dict[str, Any]) -> bool:
    return bool(asked["aws"] or asked["snapshot"] or asks_process(asked))


def request(paths: tuple[str, ...], asked: dict[str, Any]) -> tuple[list[str], Options]:
    """Files and options for a run; standard input is read here."""
    from msgspec.structs import replace

    named = list(dict.fromkeys(path for path in paths if path != "-"))
    stdin = None
    if asked.get("stdin_filename") and "-" not in paths:
        raise UsageError("--stdin-filename names what comes from `-`: add `-` to the paths")
    if "-" in paths:
        stdin = (asked.get("stdin_filename") or "-", values.standard_input(asked["max_file_size"]))
    if not named and stdin is None and not _other_source(asked):
        named = ["."]
    hook = bool(os.environ.get("PRE_COMMIT"))
    processes, trial = asked_live(asked)
    wanted = options(asked)
    return named, replace(wanted, skip_unknown=hook, stdin=stdin, processes=processes, trial=trial)


def _shard(wanted: Options, text: str) -> Options:
    from msgspec.structs import replace

    from lbcheck.shard import parsed

    return replace(wanted, shard=parsed(text, os.environ))


def _since(files: list[str], wanted: Options, asked: dict[str, Any]) -> Options:
    from msgspec.structs import replace

    from lbcheck.since import NO_REVISION, Since

    if asked["aws"]:
        raise UsageError(NO_REVISION)
    if not asked["since"]:
        raise UsageError("--since is empty: name a revision, such as origin/main")
    return replace(wanted, known=Since(asked["since"], files, wanted, complain))


def audited(files: list[str], wanted: Options, asked: dict[str, Any], kept: list[object]) -> Report:
    """The audit; asking AWS shows a progress bar on a terminal."""
    from lbcheck.run import run

    if not asked["aws"]:
        return run(files, wanted, kept)
    from msgspec.structs import replace

    from lbcheck.cli.aws_options import progress, requests

    with progress() as shown:
        return run(files, replace(wanted, aws=requests(asked, shown)), kept)


def _style(asked: dict[str, Any], *, colour: bool) -> Style:
    return Style(
        colour=colour,
        runner=obeying_runner(os.environ),
        show_suppressed=asked["show_suppressed"],
        quiet=asked["quiet"],
        today=values.today(),
    )
