"""`lbcheck profiles`: what profiles there are, what they say, and whether yours is right."""

from __future__ import annotations

import click

from lbcheck.cli.output import complain, put


@click.group()
def command() -> None:
    """List, show and check profiles."""


@command.command("list")
def list_() -> None:
    """Name the shipped profiles."""
    from lbcheck import profiles

    names = profiles.available()
    width = max(map(len, names), default=0)
    put("".join(f"{name:{width}}  {profiles.load([name]).title}".rstrip() + "\n" for name in names))


@command.command(short_help="Show what profiles make together, as YAML.")
@click.argument("names", metavar="NAME|FILE...", nargs=-1, required=True)
@click.option("--param", multiple=True, metavar="KEY=VALUE", help="Set one value. Repeatable.")
def show(names: tuple[str, ...], param: tuple[str, ...]) -> None:
    """Show what profiles make together, parents and parameters included, as YAML."""
    import msgspec
    import yaml

    from lbcheck import profiles
    from lbcheck.cli import values

    profile = profiles.load(names, values.pairs(param, "--param"))
    put(yaml.safe_dump(msgspec.to_builtins(profile), sort_keys=False, allow_unicode=True))


@command.command(short_help="Check profile files for mistakes.")
@click.argument("files", metavar="NAME|FILE...", nargs=-1, required=True)
@click.pass_context
def check(ctx: click.Context, files: tuple[str, ...]) -> None:
    """Check profiles; every mistake is named with line and column (exit code 2)."""
    from lbcheck import profiles
    from lbcheck.errors import UsageError

    wrong = 0
    for name in files:
        try:
            profiles.load([name])
        except UsageError as error:
            wrong += 1
            complain(str(error))
        else:
            put(f"{name}: right\n")
    ctx.exit(2 if wrong else 0)


@command.command()
def schema() -> None:
    """Print the JSON Schema of a profile file, for editors."""
    from json import dumps

    from lbcheck import profiles

    put(dumps(profiles.schema(), indent=2) + "\n")
