"""LB416: a server that was drained at run time gets traffic again after the next reload."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    for lost in pool.ineffective:
        if lost.effect is Effect.STATE_NOT_KEPT:
            yield Problem(
                lost.setting.place,
                f"`{lost.setting.name}` has no effect: {lost.reason}, so that a reload puts "
                "drained servers back to work",
            )


_KEPT = HAPROXY.replace(
    "    hard-stop-after 30m\n",
    "    hard-stop-after 30m\n"
    "    stats socket /tmp/admin.sock mode 600 level admin\n"
    "    server-state-file /tmp/servers.state\n",
).replace("    mode http\n", "    mode http\n    load-server-state-from-file global\n", 1)

RULE = Rule(
    code="LB416",
    name="drain-lost-on-reload",
    severity=Severity.WARNING,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="The state of servers is meant to survive reloads, but nothing reads it back.",
    why=(
        "`set server ... state drain` changes the running process. After a reload every server is "
        "up again, unless its state was written to a file and its backend loads that file: both "
        "lines are needed. With `load-server-state-from-file local` each backend has a file, "
        "whose name it must say itself: a `server-state-file-name` in `defaults` is not read."
    ),
    remedy=(
        "Name the file with `server-state-file` in `global`, read it with "
        "`load-server-state-from-file global` in `defaults`, and write it before each reload."
    ),
    references=("https://docs.haproxy.org/2.8/configuration.html#4.2-load-server-state-from-file",),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=_KEPT.replace("    load-server-state-from-file global\n", "").replace(
                "/tmp/servers.state", "/tmp/servers.state  # <- here"
            )
            + HAPROXY_BACKEND,
            good=_KEPT + HAPROXY_BACKEND,
        ),
    ),
    proven=proven.HAPROXY,
)
