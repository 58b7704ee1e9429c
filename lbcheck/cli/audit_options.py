"""The options of every command that audits: what to read, how to judge, what to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lbcheck.cli import values
from lbcheck.cli.aws_options import LIVE, whom_and_which
from lbcheck.cli.flags import add_options
from lbcheck.errors import UsageError
from lbcheck.reporters import FORMATS

if TYPE_CHECKING:
    from lbcheck.run import Options

Command = TypeVar("Command", bound=Callable[..., Any])

_KINDS = (
    "nginx", "haproxy", "aws", "terraform", "terraform-plan", "cloudformation", "kubernetes"
)  # fmt: skip
_SEVERITIES = ("error", "warning", "info")

_FAILING = click.option(
    "--fail-on",
    type=click.Choice([*_SEVERITIES, "never"]),
    default="error",
    show_default=True,
    help="Findings from this severity on give exit code 1.",
)
_JUDGING = (
    click.option(
        "--profile",
        multiple=True,
        metavar="NAME|FILE",
        help="What the service promises; the later profile wins. Repeatable.  [default: default]",
    ),
    click.option(
        "--param",
        multiple=True,
        metavar="KEY=VALUE",
        help="Set one value of the profile, such as heartbeat.interval_s=25. Repeatable.",
    ),
    click.option(
        "--select", multiple=True, metavar="RULE", help="Only these codes, names or families (LB3)."
    ),
    click.option(
        "--ignore", multiple=True, metavar="RULE", help="Without these codes, names or families."
    ),
    click.option(
        "--min-severity",
        type=click.Choice(_SEVERITIES),
        default="info",
        show_default=True,
        help="Show nothing below.",
    ),
    click.option(
        "--min-confidence",
        type=click.Choice(["certain", "likely", "possible"]),
        default="likely",
        show_default=True,
        help="How sure it must be that WebSockets pass.",
    ),
    _FAILING,
)
_WRITTEN = (
    click.option(
        "-o",
        "--output",
        multiple=True,
        metavar="FORMAT=PATH",
        callback=values.outputs,
        help="Write a report to a file as well. Repeatable.",
    ),
    click.option(
        "--show-suppressed", is_flag=True, help="List suppressed findings with their reasons."
    ),
)
_SHOWN = (
    click.option(
        "--format",
        type=click.Choice(FORMATS),
        default="text",
        show_default=True,
        help="Format of standard output.",
    ),
    click.option("--quiet", "-q", is_flag=True, help="Findings only, no summary."),
    click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colour; auto heeds NO_COLOR, FORCE_COLOR and the terminal.",
    ),
)
_READING = (
    click.option(
        "--exclude",
        multiple=True,
        metavar="GLOB",
        help="Tell nothing of paths that match, included or not. Repeatable.",
    ),
    click.option(
        "--type", type=click.Choice(_KINDS), help="The kind of every file and of standard input."
    ),
    click.option(
        "--max-file-size",
        metavar="SIZE",
        default="50M",
        show_default=True,
        callback=values.size,
        help="Larger files are not read: bytes, or with k, M or G.",
    ),
)


def judging(command: Command) -> Command:
    """Add what decides which findings there are, and which of them fail the run."""
    return add_options(command, _JUDGING)


def failing(command: Command) -> Command:
    """Add which findings fail the run."""
    return _FAILING(command)


def shown(command: Command) -> Command:
    """Add how a report is shown on standard output."""
    return add_options(command, _SHOWN)


def written(command: Command) -> Command:
    """Add the reports that are written to files."""
    return add_options(command, _WRITTEN)


def reading(command: Command) -> Command:
    """Add how files are read."""
    return add_options(command, _READING)


def configured(command: Command) -> Command:
    """Add the configuration file, whose values hold where neither line nor environment says."""
    return click.option(
        "--config",
        metavar="FILE",
        is_eager=True,
        callback=values.configuration,
        help="Configuration file.  [default: .lbcheck.yaml or [tool.lbcheck], searched upwards]",
    )(command)


def known(command: Command) -> Command:
    """Add what was known before."""
    return click.option(
        "--baseline", metavar="FILE", help="Only what this file of known findings does not hold."
    )(command)


def asking(command: Command) -> Command:
    """Add saved states, and AWS with all that says how to ask it."""
    sources = (
        click.option(
            "--snapshot", multiple=True, metavar="FILE", help="A saved AWS state. Repeatable."
        ),
        click.option("--aws", is_flag=True, help="Ask AWS for its load balancers."),
        whom_and_which,
    )
    return add_options(command, sources)


def options(asked: dict[str, Any]) -> Options:
    """What these options mean for a run.

    Raises: UsageError for a `--param` that is no KEY=VALUE.
    """
    from lbcheck.finding import Confidence, Severity
    from lbcheck.run import Options

    return Options(
        profiles=asked["profile"] or ("default",),
        params=values.pairs(asked["param"], "--param"),
        select=values.words(asked["select"]),
        ignore=values.words(asked["ignore"]),
        min_severity=Severity(asked["min_severity"]),
        min_confidence=Confidence(asked["min_confidence"]),
        fail_on=None if asked["fail_on"] == "never" else Severity(asked["fail_on"]),
        exclude=asked["exclude"],
        kind=asked["type"],
        snapshots=asked["snapshot"],
        max_file_bytes=asked["max_file_size"],
        baseline=asked.get("baseline"),
        today=values.said_today(),
    )


def refuse_without_aws(ctx: click.Context, asked: dict[str, Any]) -> None:
    """What is typed must have an effect; the environment may speak of AWS to every run.

    Raises: UsageError naming the option.
    """
    typed = click.core.ParameterSource.COMMANDLINE
    for name in LIVE:
        if not asked["aws"] and ctx.get_parameter_source(name) is typed:
            raise UsageError(f"--{name.replace('_', '-')} says how to ask AWS: add --aws")
