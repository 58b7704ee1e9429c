"""`lbcheck diff`: what changed between two saved AWS states, in findings and in targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from lbcheck.cli import values
from lbcheck.cli.output import complain, put
from lbcheck.errors import SourceError, UsageError

if TYPE_CHECKING:
    from lbcheck.audit import Report
    from lbcheck.compare import Changed, Moved
    from lbcheck.finding import Finding
    from lbcheck.model import Topology

SCHEMA = "lbcheck-diff/1"
_NAME = "state"  # both have one name: findings are compared by where they are
_INCOMPLETE = 3


@click.command(context_settings={"auto_envvar_prefix": "LBCHECK"})
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--profile", multiple=True, metavar="NAME|FILE", help="As for an audit.")
@click.option("--param", multiple=True, metavar="KEY=VALUE", help="As for an audit.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How it is told.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    before: str,
    after: str,
    profile: tuple[str, ...],
    param: tuple[str, ...],
    form: str,
) -> None:
    """Compare two states that `lbcheck snapshot aws` saved: findings, and what targets do.

    Exit codes: 0 nothing new, 1 a new or worse error, 3 one of them could not be read whole.
    """
    from lbcheck import compare

    params = values.pairs(param, "--param")
    old, was = _judged(before, profile, params)
    new, now = _judged(after, profile, params)
    changed = compare.findings(old.findings, new.findings, unsure=lambda _: not new.complete)
    moved = compare.targets(was.pools, now.pools)
    put(as_json(changed, moved) if form == "json" else as_text(changed, moved), form)
    if any(_alarming(one) for one in changed):
        ctx.exit(1)
    if not (old.complete and new.complete):
        ctx.exit(_INCOMPLETE)


def _judged(path: str, profile: tuple[str, ...], params: dict[str, str]) -> tuple[Report, Topology]:
    from lbcheck.reporters.where import trouble
    from lbcheck.run import Options, audited

    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    options = Options(
        profiles=profile or ("default",), params=params, stdin=(_NAME, text), kind="aws"
    )
    report, topology = audited([], options)
    for source in report.sources:
        said = [f"{path}: {trouble(source, what)}" for what in source.troubles]
        if source.unread:
            raise SourceError("\n".join(said))
        for line in said:
            complain(line)
    return report, topology


def _alarming(one: Changed[Finding]) -> bool:
    from lbcheck.compare import Change
    from lbcheck.finding import Severity

    return one.change in (Change.NEW, Change.WORSE) and one.finding.severity is Severity.ERROR


def as_text(changed: list[Changed[Finding]], moved: list[Moved]) -> str:
    """A line for each change, findings first."""
    from lbcheck.reporters.visible import visible

    lines = []
    for one in changed:
        found = one.finding
        whose = found.location.resource or found.address or ""
        told = f"{found.severity.value} {found.code} {whose}: {found.message}"
        lines.append(f"{one.change.value:8}{told}")
    for target in moved:
        reason = f" ({target.reason})" if target.reason else ""
        lines.append(f"target  {target}{reason}")
    return "".join(f"{visible(line)}\n" for line in lines) or "nothing changed\n"


def as_json(changed: list[Changed[Finding]], moved: list[Moved]) -> str:
    """`lbcheck-diff/1`."""
    from json import dumps

    document: dict[str, Any] = {
        "schema": SCHEMA,
        "findings": [
            {
                "change": one.change.value,
                "code": one.finding.code,
                "name": one.finding.name,
                "severity": one.finding.severity.value,
                "message": one.finding.message,
                "resource": one.finding.location.resource,
                "address": one.finding.address,
                "fingerprint": one.finding.fingerprint,
            }
            for one in changed
        ],
        "targets": [
            {
                "pool": target.pool,
                "target": target.target,
                "before": target.before,
                "after": target.after,
                "reason": target.reason or None,
            }
            for target in moved
        ],
    }
    return dumps(document, indent=2) + "\n"
