"""The command line: a group whose commands are imported only when they are called."""

from __future__ import annotations

import click

from lbcheck.cli.flags import help_flag, version_flag
from lbcheck.cli.output import complain
from lbcheck.errors import LbcheckError, SourceError

USAGE = 2
INCOMPLETE = 3

_COMMANDS = {
    "audit": "Judge configurations and live load balancers.",
    "fix": "Show or write what mends the findings.",
    "baseline": "Live with what is there, and hear of what is new.",
    "merge": "Join the reports of several runs.",
    "probe": "Open real WebSockets and tell what happens to them.",
    "snapshot": "Save the state of live load balancers.",
    "report": "Audit on a schedule, speak only of changes.",
    "diff": "Tell what changed between two saved states.",
    "doctor": "Tell what is found here: versions, proxies, AWS permissions.",
    "aws-policy": "Print the IAM policy that an audit of AWS needs.",
    "explain": "Tell all about a rule, an HTTP status or a close code.",
    "rules": "List every rule.",
    "profiles": "List, show and check profiles.",
    "init": "Write a commented .lbcheck.yaml.",
    "completion": "Print the completion script of a shell.",
}
_OF_REPORT = ("report history", "report show", "report diff", "report test-notify")
"""what follows `report` in these is no path to audit"""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """`report history` is a command of its own; `report PATH` is not."""
        name = " ".join(args[:2])
        if name in _OF_REPORT:
            return super().resolve_command(ctx, [name, *args[2:]])
        known = args[0] in _COMMANDS or args[0].startswith("-")
        if not known and not ctx.resilient_parsing:
            ctx.fail(f"No such command '{args[0]}'{_meant(args[0])}")
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS and cmd_name not in _OF_REPORT:
            return None
        from importlib import import_module

        module = cmd_name.replace("-", "_").replace(" ", "_")
        command = import_module(f"lbcheck.cli.{module}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Help lists the commands without importing one of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_Commands,
    add_help_option=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@version_flag
@help_flag
def commands() -> None:
    """Tell before the deploy whether WebSockets will survive the load balancers.

    \b
    lbcheck audit edge/          files and folders (default: the current folder)
    lbcheck audit --aws          the load balancers of an AWS account
    lbcheck probe wss://host/ws  what a real client sees
    lbcheck explain LB301        all about a rule

    Exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 something could not be read,
    4 a bug in lbcheck.
    """


def execute(arguments: list[str], kept: list[object] | None = None) -> int:
    """Run a command line.

    Args: kept: takes what a command need not free, as the process ends with it.

    Returns: its exit code; errors that were foreseen are one line on standard error.

    Raises: KeyboardInterrupt, and whatever is a bug.
    """
    try:
        code = commands.main(arguments, prog_name="lbcheck", standalone_mode=False, obj=kept)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return USAGE
    except click.ClickException as error:
        complain(_one_line(error))
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except SystemExit as error:  # click's own shell completion ends like this
        return error.code if isinstance(error.code, int) else 0
    except LbcheckError as error:
        complain(str(error))
        return INCOMPLETE if isinstance(error, SourceError) else USAGE
    return code if isinstance(code, int) else 0


def _one_line(error: click.ClickException) -> str:
    """What click says, and where the right usage is written."""
    message = " ".join(error.format_message().split())
    if isinstance(error, click.UsageError) and error.ctx is not None:
        end = "" if message.endswith("?") else "."
        return f"{message.rstrip('.')}{end} See `{error.ctx.command_path} --help`."
    return message


def _meant(text: str) -> str:
    """What somebody may have meant who names no command: one of them, or an audit."""
    import os

    from lbcheck.spelling import did_you_mean

    path = f"; did you mean `lbcheck audit {text}`?" if os.path.exists(text) else ""
    return path or did_you_mean(text, _COMMANDS)
