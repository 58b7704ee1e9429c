"""`lbcheck rules`: every rule, for people or as `lbcheck-rules/1`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from lbcheck.cli import prove
from lbcheck.rule import Rule

SCHEMA = "lbcheck-rules/1"


_format = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How they are listed.",
)


@click.group(invoke_without_command=True)
@_format
@click.pass_context
def command(ctx: click.Context, form: str) -> None:
    """List every rule with its severity, what it finds and whether it is proven."""
    if ctx.invoked_subcommand is None:
        _put(form)


@command.command("list")
@_format
def listed(form: str) -> None:
    """List every rule, as `lbcheck rules` does."""
    _put(form)


command.add_command(prove.command, "prove")


def _put(form: str) -> None:
    from lbcheck.cli.output import put
    from lbcheck.rules import ALL

    put(as_json(ALL) if form == "json" else as_text(ALL))


def as_text(rules: Iterable[Rule[Any]]) -> str:
    """One line a rule."""
    rows = [(rule.code, rule.severity.value, rule.name, _summary(rule)) for rule in rules]
    width = max((len(row[2]) for row in rows), default=0)
    return "".join(f"{a}  {b:7}  {c:{width}}  {d}\n" for a, b, c, d in rows)


def _summary(rule: Rule[Any]) -> str:
    """What it finds, and a mark where that rests on the vendor's word alone."""
    from lbcheck.explain import UNPROVEN

    alone = rule.check is not None and not rule.proven
    return f"{rule.summary} ({UNPROVEN})" if alone else rule.summary


def as_json(rules: Iterable[Rule[Any]]) -> str:
    """The document that others script against."""
    from json import dumps

    listed = [
        {
            "code": rule.code,
            "name": rule.name,
            "family": rule.family.value,
            "severity": rule.severity.value,
            "vendors": [vendor.value for vendor in rule.vendors],
            "summary": rule.summary,
            "proven": [{"proxy": p.proxy, "version": p.version} for p in rule.proven],
            "fixable": rule.fixable,
        }
        for rule in rules
    ]
    return dumps({"schema": SCHEMA, "rules": listed}, indent=2) + "\n"
