"""`lbcheck completion`: the script that teaches a shell lbcheck's commands and options."""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    bash: lbcheck completion bash > ~/.local/share/bash-completion/completions/lbcheck
    zsh:  lbcheck completion zsh > a file _lbcheck in a folder of $fpath
    fish: lbcheck completion fish > ~/.config/fish/completions/lbcheck.fish
    """
    from click.shell_completion import get_completion_class

    from lbcheck.cli.output import put

    kind = get_completion_class(shell)
    assert kind is not None
    put(kind(ctx.find_root().command, {}, "lbcheck", "_LBCHECK_COMPLETE").source() + "\n")
