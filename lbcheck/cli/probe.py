"""`lbcheck probe`: URLs to what was seen of them, shown and judged."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from lbcheck.cli import values
from lbcheck.cli.flags import help_flag
from lbcheck.cli.output import coloured, obeying_runner, put, write_whole
from lbcheck.cli.probe_drain import announced, drill, node, rehearsed, sessions
from lbcheck.cli.probe_options import access, pings, reached
from lbcheck.cli.probe_tests import audited, configured, named, tested, window_s
from lbcheck.errors import UsageError
from lbcheck.reporters import FORMATS, Style, render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lbcheck.audit import Limits, Report
    from lbcheck.probe.plan import Plan, Watcher
    from lbcheck.probe.result import Seen
    from lbcheck.profile import Profile

_OWN = ("text", "json")
_FORMATS = (*_OWN, "audit-json", *(form for form in FORMATS if form not in _OWN))


@click.command(add_help_option=False, context_settings={"auto_envvar_prefix": "LBCHECK"})
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@click.option(
    "--subprotocol", multiple=True, metavar="NAME", help="Offer a subprotocol. Repeatable."
)
@tested
@rehearsed
@reached
@click.option(
    "--profile",
    multiple=True,
    metavar="NAME|FILE",
    help="What the service promises. Repeatable.  [default: default]",
)
@click.option("--param", multiple=True, metavar="KEY=VALUE", help="Set one value of the profile.")
@click.option("--ignore", multiple=True, metavar="RULE", help="Without these rules.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info", "never"]),
    default="error",
    show_default=True,
    help="Findings from this severity on give exit code 1.",
)
@click.option(
    "--format",
    type=click.Choice(_FORMATS),
    default="text",
    show_default=True,
    help="json is lbcheck-probe/1; audit-json and the others are those of an audit.",
)
@click.option(
    "-o",
    "--output",
    multiple=True,
    metavar="FORMAT=PATH",
    callback=values.outputs,
    help="Write an audit's report to a file as well. Repeatable.",
)
@click.option("--quiet", "-q", is_flag=True, help="Findings only.")
@click.option(
    "--config",
    metavar="FILE",
    is_eager=True,
    callback=values.configuration,
    help="Configuration file, whose profile is used.  [default: as for an audit]",
)
@help_flag
@click.pass_context
def command(ctx: click.Context, /, urls: tuple[str, ...], **asked: Any) -> None:
    """Open real WebSockets and tell what the balancers on the way do to them.

    URL is ws://, wss://, http:// or https://. A probe is gentle: one handshake and five wrong ones
    (without Upgrade, version 12, without a key, foreign Origin, random path) for each URL, slowly,
    with the User-Agent lbcheck. Every option is also an environment variable: LBCHECK_BEARER.
    """
    from lbcheck import observed, profiles

    profile = profiles.load(
        asked["profile"] or ("default",), values.pairs(asked["param"], "--param")
    )
    limits = _limits(asked)
    seen = _seen(urls, asked, profile)
    report = observed.report(seen, profile, limits)
    for form, path in asked["output"]:
        write_whole(path, render(form, report, _style(asked, colour=False)))
    put(_shown(seen, report, asked), asked["format"].removeprefix("audit-"))
    ctx.exit(report.exit_code)


def _limits(asked: dict[str, Any]) -> Limits:
    from lbcheck.audit import Limits
    from lbcheck.finding import Severity
    from lbcheck.run import codes

    fail_on = None if asked["fail_on"] == "never" else Severity(asked["fail_on"])
    return Limits(ignore=codes(values.words(asked["ignore"])), fail_on=fail_on)


def _seen(urls: Sequence[str], asked: dict[str, Any], profile: Profile) -> list[Seen]:
    """Ask everything that was asked for, one URL after the other."""
    from lbcheck.probe import live
    from lbcheck.probe.plan import look
    from lbcheck.probe.urls import parsed, shown
    from lbcheck.secret import told

    wanted = {url: parsed(url) for url in dict.fromkeys(urls)}
    if asked["proxy"] and not all(where.scheme == "https" for where in wanted.values()):
        raise UsageError("--proxy: a proxy is asked for a tunnel, which is for wss:// only")
    plan = _plan([*wanted], asked, profile)
    gc.enable()  # a probe is long, and what it drops has cycles
    seen = []
    with live.Prober(access(asked, plan.drill.clients if plan.drill else 0)) as prober:
        for url, where in wanted.items():
            with watching(plan) as watcher:
                seen.append(
                    look(prober, url, told(shown(url)), where.netloc.decode(), plan, watcher)
                )
    return seen


def _plan(urls: Sequence[str], asked: dict[str, Any], profile: Profile) -> Plan:
    from lbcheck.probe.plan import Plan
    from lbcheck.probe.urls import moved

    topology = audited(asked)
    compared = [*named(asked, profile), *configured(asked, topology)]
    held_s = window_s(asked, topology)
    rehearsal = drill(asked, profile)
    if len(urls) > 1 and compared:
        raise UsageError("--target and --checks belong to one URL: probe one at a time")
    if len(urls) > 1 and rehearsal is not None:
        raise UsageError("--drain belongs to one URL: probe one at a time")
    if compared and (asked["proxy"] or asked["unix_socket"]):
        raise UsageError("--target and --checks are asked directly: without --proxy, --unix-socket")
    return Plan(
        subprotocols=asked["subprotocol"] or profile.handshake.subprotocols,
        targets=tuple((moved(urls[0], target), check) for target, check in compared),
        window_s=held_s,
        pings_s=pings(asked, held_s, len(compared)),
        spread=asked["spread"],
        session=sessions(asked, profile),
        drill=rehearsal,
        node=node(asked, profile),
    )


@contextmanager
def watching(plan: Plan) -> Iterator[Watcher]:
    """A bar on standard error while WebSockets are held, where a person looks at it."""
    from lbcheck.probe.plan import Watcher

    drilled = plan.drill
    command = drilled.command if drilled else ()
    total_s = (plan.window_s or 0.0) + (drilled.window_s if drilled else 0.0)
    if not total_s or not sys.stderr.isatty():
        yield Watcher(ready=lambda held: announced(held, command))
        return
    length = max(1, round(total_s))
    with click.progressbar(length=length, label="holding WebSockets", file=sys.stderr) as bar:

        def passed(elapsed_s: float) -> None:
            bar.update(min(round(elapsed_s), length) - bar.pos)

        def ready(held: int) -> None:
            click.echo(err=True)  # the bar stands in this line
            announced(held, command)

        yield Watcher(passed, ready)


def _shown(seen: Sequence[Seen], report: Report, asked: dict[str, Any]) -> str:
    from lbcheck.reporters import probe

    style = _style(asked, colour=coloured("auto", os.environ, sys.stdout.isatty()))
    match asked["format"]:
        case "text":
            return probe.as_text(seen, report, style)
        case "json":
            return probe.as_json(seen, report)
        case form:
            return render(form.removeprefix("audit-"), report, style)


def _style(asked: dict[str, Any], *, colour: bool) -> Style:
    return Style(
        colour=colour,
        runner=obeying_runner(os.environ),
        quiet=asked["quiet"],
        today=values.today(),
    )
