"""`lbcheck audit`: options to a run, a run to reports, a report to an exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from lbcheck.cli import values
from lbcheck.cli.aws_options import LIVE, whom_and_which
from lbcheck.cli.flags import help_flag
from lbcheck.cli.output import coloured, complain, obeying_runner, put, write_whole
from lbcheck.errors import UsageError
from lbcheck.reporters import FORMATS, Style, render

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.run import Options

_KINDS = (
    "nginx", "haproxy", "aws", "terraform", "terraform-plan", "cloudformation", "kubernetes"
)  # fmt: skip
_UNREAD = ("LB901", "LB908")
_SEVERITIES = ("error", "warning", "info")


@click.command(add_help_option=False, context_settings={"auto_envvar_prefix": "LBCHECK"})
@click.argument("paths", metavar="[PATH|-]...", nargs=-1)
@click.option(
    "--profile",
    multiple=True,
    metavar="NAME|FILE",
    help="What the service promises; the later profile wins. Repeatable.  [default: default]",
)
@click.option(
    "--param",
    multiple=True,
    metavar="KEY=VALUE",
    help="Set one value of the profile, such as heartbeat.interval_s=25. Repeatable.",
)
@click.option(
    "--select", multiple=True, metavar="RULE", help="Only these codes, names or families (LB3)."
)
@click.option(
    "--ignore", multiple=True, metavar="RULE", help="Without these codes, names or families."
)
@click.option(
    "--min-severity",
    type=click.Choice(_SEVERITIES),
    default="info",
    show_default=True,
    help="Show nothing below.",
)
@click.option(
    "--min-confidence",
    type=click.Choice(["certain", "likely", "possible"]),
    default="likely",
    show_default=True,
    help="How sure it must be that WebSockets pass.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*_SEVERITIES, "never"]),
    default="error",
    show_default=True,
    help="Findings from this severity on give exit code 1.",
)
@click.option(
    "--format",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="Format of standard output.",
)
@click.option(
    "-o",
    "--output",
    multiple=True,
    metavar="FORMAT=PATH",
    callback=values.outputs,
    help="Write a report to a file as well. Repeatable.",
)
@click.option(
    "--exclude", multiple=True, metavar="GLOB", help="Leave out paths that match. Repeatable."
)
@click.option(
    "--type", type=click.Choice(_KINDS), help="The kind of every file and of standard input."
)
@click.option("--stdin-filename", metavar="NAME", help="The name of what comes from `-`.")
@click.option(
    "--max-file-size",
    metavar="SIZE",
    default="50M",
    show_default=True,
    callback=values.size,
    help="Larger files are not read: bytes, or with k, M or G.",
)
@click.option(
    "--show-suppressed", is_flag=True, help="List suppressed findings with their reasons."
)
@click.option("--quiet", "-q", is_flag=True, help="Findings only, no summary.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour; auto heeds NO_COLOR, FORCE_COLOR and the terminal.",
)
@click.option(
    "--config",
    metavar="FILE",
    is_eager=True,
    callback=values.configuration,
    help="Configuration file.  [default: .lbcheck.yaml or [tool.lbcheck], searched upwards]",
)
@click.option("--snapshot", multiple=True, metavar="FILE", help="A saved AWS state. Repeatable.")
@click.option("--aws", is_flag=True, help="Ask AWS for its load balancers.")
@whom_and_which
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
    _refuse_without_aws(ctx, asked)
    files, options = _request(paths, asked)
    report = _audit(files, options, asked, ctx.ensure_object(list))
    for form, path in asked["output"]:
        write_whole(path, render(form, report, _style(asked, colour=False)))
    colour = coloured(asked["color"], os.environ, sys.stdout.isatty())
    put(render(asked["format"], report, _style(asked, colour=colour)))
    if not report.sources and options.skip_unknown:
        ctx.exit(0)  # a commit that touches no load balancer
    if not report.sources:
        where = ", ".join(files) or "AWS"
        complain(f"nothing to audit: no configuration of a load balancer in {where}")
    elif not report.complete and not any(f.code in _UNREAD for f in report.findings):
        unread = ", ".join(s.name for s in report.sources if s.status.value != "read")
        complain(f"incomplete: not everything could be read in {unread}")
    ctx.exit(report.exit_code)


def _refuse_without_aws(ctx: click.Context, asked: dict[str, Any]) -> None:
    """What is typed must have an effect; the environment may speak of AWS to every run."""
    typed = click.core.ParameterSource.COMMANDLINE
    for name in LIVE:
        if not asked["aws"] and ctx.get_parameter_source(name) is typed:
            raise UsageError(f"--{name.replace('_', '-')} says how to ask AWS: add --aws")


def _other_source(asked: dict[str, Any]) -> bool:
    return bool(asked["aws"] or asked["snapshot"])


def _request(paths: tuple[str, ...], asked: dict[str, Any]) -> tuple[list[str], Options]:
    """Files and options for a run; standard input is read here."""
    from lbcheck.finding import Confidence, Severity
    from lbcheck.run import Options

    named = list(dict.fromkeys(path for path in paths if path != "-"))
    stdin = None
    if "-" in paths:
        stdin = (asked["stdin_filename"] or "-", values.standard_input(asked["max_file_size"]))
    if not named and stdin is None and not _other_source(asked):
        named = ["."]
    options = Options(
        profiles=asked["profile"] or ("default",),
        params=values.pairs(asked["param"], "--param"),
        select=values.words(asked["select"]),
        ignore=values.words(asked["ignore"]),
        min_severity=Severity(asked["min_severity"]),
        min_confidence=Confidence(asked["min_confidence"]),
        fail_on=None if asked["fail_on"] == "never" else Severity(asked["fail_on"]),
        exclude=asked["exclude"],
        kind=asked["type"],
        skip_unknown=bool(os.environ.get("PRE_COMMIT")),
        stdin=stdin,
        snapshots=asked["snapshot"],
        max_file_bytes=asked["max_file_size"],
    )
    return named, options


def _audit(files: list[str], options: Options, asked: dict[str, Any], kept: list[object]) -> Report:
    """The audit; asking AWS shows a progress bar on a terminal."""
    from lbcheck.run import run

    if not asked["aws"]:
        return run(files, options, kept)
    from msgspec.structs import replace

    from lbcheck.cli.aws_options import progress, requests

    with progress() as shown:
        return run(files, replace(options, aws=requests(asked, shown)), kept)


def _style(asked: dict[str, Any], *, colour: bool) -> Style:
    import time

    return Style(
        colour=colour,
        runner=obeying_runner(os.environ),
        show_suppressed=asked["show_suppressed"],
        quiet=asked["quiet"],
        today=time.strftime("%Y-%m-%d"),
    )
