"""`lbcheck fix`: show what mends the findings of an audit, or write it."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

import click

from lbcheck.cli.audit_options import configured, judging, options, reading
from lbcheck.cli.flags import help_flag
from lbcheck.cli.output import complain, put
from lbcheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lbcheck.audit import Report
    from lbcheck.finding import Finding
    from lbcheck.mend import Mended, Texts


@click.command(add_help_option=False, context_settings={"auto_envvar_prefix": "LBCHECK"})
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--write", is_flag=True, help="Write the files.  [default: show what would change]")
@click.option(
    "--unsafe", is_flag=True, help="Apply also fixes that may change more than what they mend."
)
@click.option(
    "--prove",
    metavar="COMMAND",
    help="Run this after writing, such as 'nginx -t'; if it fails, every file is as it was.",
)
@judging
@reading
@configured
@help_flag
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[str, ...], **asked: Any) -> None:
    """Mend what an audit finds, as far as an edit of nginx, HAProxy or Terraform files can.

    Without --write nothing changes: what would is shown as a diff that `git apply` takes. A safe
    fix keeps the meaning of everything else; --unsafe also applies those that need your eyes.

    Exit codes are those of an audit of the mended files.
    """
    if asked["prove"] and not asked["write"]:
        raise UsageError("--prove runs a command on written files: add --write")
    named = list(dict.fromkeys(paths)) or ["."]
    mended = _mended(named, asked)
    if not mended.report.sources:
        complain(f"nothing to mend: no configuration of a load balancer in {', '.join(named)}")
    if asked["write"]:
        _write(mended, named, asked["prove"])
        put(_listed(mended.applied))
    else:
        put(_diff(mended))
    complain(_summary(mended, asked))
    ctx.exit(mended.report.exit_code)


def _mended(named: list[str], asked: dict[str, Any]) -> Mended:
    from msgspec.structs import replace

    from lbcheck.mend import mend
    from lbcheck.run import run

    if "-" in named:
        raise UsageError("standard input cannot be mended: name a file")
    wanted = options(asked | {"snapshot": ()})

    def audited(texts: Texts) -> Report:
        return run(named, replace(wanted, texts=texts))

    return mend(audited, unsafe=asked["unsafe"])


def _diff(mended: Mended) -> str:
    from lbcheck.reporters.diff import diff

    return "".join(diff(one.name, one.text or "", after) for one, after in mended.files())


def _write(mended: Mended, named: list[str], prove: str | None) -> None:
    """Write every file or none; what the proof refuses is undone.

    Raises: UsageError with the reason.
    """
    from lbcheck.rewrite import Rewrite, restore, rewrite

    changes = [Rewrite(one.path or "", one.text or "", after) for one, after in mended.files()]
    rewrite(changes, [path if os.path.isdir(path) else os.path.dirname(path) for path in named])
    if not (prove and changes):
        return
    try:
        refusal = _refusal(prove)
    except BaseException:  # Ctrl-C, too: nothing that was not proven stays
        restore(changes)
        raise
    if refusal:
        restore(changes)
        raise UsageError(f"every file is as it was: {refusal}")


def _refusal(command: str) -> str:
    """Why a command refuses what was written; "" if it does not."""
    import subprocess

    try:
        done = subprocess.run(
            shlex.split(command), capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        return f"`{command}` cannot be run: {error.strerror or error}"
    except ValueError as error:
        return f"`{command}` cannot be run: {error}"
    if done.returncode == 0:
        return ""
    last = (done.stderr or done.stdout).strip()[-2000:]
    return f"`{command}` ended with exit code {done.returncode}\n{last}".strip()


def _listed(applied: Iterable[Finding]) -> str:
    """A line for each finding that was mended."""
    from lbcheck.reporters.visible import visible
    from lbcheck.reporters.where import where
    from lbcheck.secret import told

    lines = [
        f"{where(one.location)}: {one.code} {one.name}: {told(one.fix.description)}"
        for one in applied
        if one.fix
    ]
    return "".join(f"{visible(line)}\n" for line in lines)


def _summary(mended: Mended, asked: dict[str, Any]) -> str:
    from lbcheck.mend import applicable
    from lbcheck.reporters.summary import count

    left = mended.report.findings
    done = "mended" if asked["write"] else "would be mended (--write)"
    told = [f"{count(len(mended.applied), 'finding')} {done}"]
    unsafe = sum(applicable(one, unsafe=True) for one in left)
    if unsafe:
        told.append(f"{unsafe} more with --unsafe")
    if len(left) > unsafe:
        told.append(f"{len(left) - unsafe} for you to mend (lbcheck audit)")
    return ", ".join(told)
