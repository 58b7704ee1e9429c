"""`lbcheck baseline`: keep the file of findings that a repository lives with for now."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lbcheck.cli.audit import audited, request
from lbcheck.cli.audit_options import asking, configured, judging, reading, refuse_without_aws
from lbcheck.cli.flags import add_options
from lbcheck.cli.live_options import live
from lbcheck.cli.output import complain, put, write_whole
from lbcheck.errors import SourceError, UsageError

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.baseline import Baseline
    from lbcheck.finding import Finding
    from lbcheck.known import Comparison, Known

Command = TypeVar("Command", bound=Callable[..., Any])
_SETTINGS = {"auto_envvar_prefix": "LBCHECK"}
_DEFAULT = ".lbcheck-baseline.json"
_UNJUDGED = ("LB901", "LB902", "LB908")

_file = click.option(
    "--baseline", metavar="FILE", default=_DEFAULT, show_default=True, help="The baseline's file."
)


def _auditing(command: Command) -> Command:
    """Add the options of an audit: the same ones find the same findings."""
    paths = click.argument("paths", metavar="[PATH]...", nargs=-1)
    options = (paths, _file, judging, reading, configured, asking, live)
    return add_options(command, options)


@click.group()
def command() -> None:
    """Live with what is there, and hear of what is new.

    The options are those of `lbcheck audit`; use the same ones, so that the same is found.
    """


@command.command(context_settings=_SETTINGS)
@_auditing
@click.option("--force", is_flag=True, help="Replace a baseline that is there.")
@click.pass_context
def create(ctx: click.Context, /, paths: tuple[str, ...], force: bool, **asked: Any) -> None:
    """Make a baseline of everything that an audit finds now."""
    from lbcheck import baseline

    path = asked["baseline"]
    if os.path.lexists(path) and not force:
        remedy = "`lbcheck baseline update` renews it, --force makes it anew"
        raise UsageError(f"{path}: there is one already: {remedy}")
    before = baseline.Baseline()
    report, known, comparison = _compared(ctx, before, paths, asked)
    new = _shown(comparison.new, report, asked)
    after = baseline.updated(before, comparison, known, report.sources, new)
    _write(path, after, f" in {len(after.sources)} sources")
    ctx.exit(report.exit_code)


@command.command(
    context_settings=_SETTINGS, short_help="Take out what is fixed, and follow renamed files."
)
@_auditing
@click.option("--accept-new", is_flag=True, help="Know the new findings, too.")
@click.pass_context
def update(ctx: click.Context, /, paths: tuple[str, ...], accept_new: bool, **asked: Any) -> None:
    """Take out what is fixed, follow files that were renamed; new findings stay new.

    What this run could not read, or did not ask for, stays as it is.
    """
    from lbcheck import baseline

    path = asked["baseline"]
    before = baseline.read(path)
    report, known, comparison = _compared(ctx, before, paths, asked)
    new = _shown(comparison.new, report, asked)
    accepted = new if accept_new else []
    after = baseline.updated(before, comparison, known, report.sources, accepted)
    _write(path, after, f"{_fixed(comparison)}, {len(accepted)} new ones added")
    if len(new) > len(accepted):
        complain(
            f"{len(new)} new and not in it: `lbcheck audit` shows them, --accept-new adds them"
        )
    ctx.exit(report.exit_code)


@command.command(context_settings=_SETTINGS)
@_auditing
@click.pass_context
def prune(ctx: click.Context, /, paths: tuple[str, ...], **asked: Any) -> None:
    """Take out what is fixed, and change nothing else."""
    from lbcheck import baseline

    path = asked["baseline"]
    before = baseline.read(path)
    report, _, comparison = _compared(ctx, before, paths, asked)
    after = baseline.pruned(before, comparison)
    _write(path, after, _fixed(comparison))
    ctx.exit(report.exit_code)


@command.command(context_settings=_SETTINGS)
@_file
@configured
def show(baseline: str, **asked: Any) -> None:
    """List what a baseline holds, a line for each finding."""
    from lbcheck.baseline import read, unknown_codes
    from lbcheck.reporters.visible import visible

    said = read(baseline)
    for entry in said.entries:
        times = f" ({entry.count} times)" if entry.count > 1 else ""
        whose = f" [{entry.address}]" if entry.address else ""
        told = f"{entry.severity.value} {entry.code} {entry.message}{whose}{times}"
        put(visible(f"{entry.path}: {told}") + "\n")
    put(visible(f"{baseline}: {_count(said)}") + "\n")
    for code in unknown_codes(said):
        complain(f"{baseline}: no rule is called {code[:40]!r} here")


def _compared(
    ctx: click.Context, before: Baseline, paths: tuple[str, ...], asked: dict[str, Any]
) -> tuple[Report, Known, Comparison]:
    """An audit beside a baseline. What could not be judged is told.

    Raises: SourceError where there is nothing to audit: nothing is written then.
    """
    from msgspec.structs import replace

    from lbcheck import baseline

    refuse_without_aws(ctx, asked)
    files, options = request(paths, asked)
    known = baseline.known(asked["baseline"], before, files, options.min_confidence)
    options = replace(options, baseline=None, known=known, fail_on=None)
    report = audited(files, options, asked, ctx.ensure_object(list))
    if report.nothing:
        raise SourceError("nothing to audit: no configuration of a load balancer here")
    for finding in report.findings:
        if finding.code in _UNJUDGED:
            complain(f"{finding.location.path}: {finding.message}")
    return report, known, report.comparisons[0]


def _shown(found: tuple[Finding, ...], report: Report, asked: dict[str, Any]) -> list[Finding]:
    """What an audit with these options tells."""
    from lbcheck import audit
    from lbcheck.cli.audit_options import options
    from lbcheck.run import limits

    wanted = limits(options(asked))
    return [finding for finding in found if audit.shown(finding, wanted, report.profile)]


def _write(path: str, baseline: Baseline, told: str) -> None:
    from lbcheck.baseline import written
    from lbcheck.reporters.visible import visible

    write_whole(path, written(baseline).decode("ascii"))
    put(visible(f"{path}: {_count(baseline)}{told}") + "\n")


def _fixed(comparison: Comparison) -> str:
    return f"; {sum(entry.count for entry in comparison.gone)} no longer found and taken out"


def _count(baseline: Baseline) -> str:
    number = sum(entry.count for entry in baseline.entries)
    return "1 known finding" if number == 1 else f"{number} known findings"
