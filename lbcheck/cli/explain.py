"""`lbcheck explain`: all about a rule, an HTTP status or a close code."""

from __future__ import annotations

import click


@click.command()
@click.argument("subject", metavar="RULE|CODE|STATUS")
def command(subject: str) -> None:
    """Tell all about a rule (LB301, idle-timeout-below-heartbeat), an HTTP status that a
    handshake met (426) or a close code that a client saw (1006)."""
    from lbcheck.cli.output import put

    put(text(subject))


def text(subject: str) -> str:
    """The page about a subject.

    Raises: UsageError with the nearest names where there is none.
    """
    from lbcheck import explain, symptoms
    from lbcheck.errors import UsageError
    from lbcheck.rule_names import code_of, unknown
    from lbcheck.rules import BY_CODE

    wanted = subject.strip()
    if wanted.isdecimal():
        if int(wanted) in symptoms.SYMPTOMS:
            return symptoms.page(int(wanted), frozenset(BY_CODE))
        known = ", ".join(map(str, symptoms.SYMPTOMS))
        raise UsageError(f"nothing is known about {wanted}; known statuses and codes: {known}")
    code = code_of(wanted)
    if code is None:
        raise UsageError(unknown(wanted))
    return explain.page(BY_CODE[code])
