"""LB426: a reload leads new WebSockets to the process that is about to go."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from lbcheck.durations import human
from lbcheck.finding import Problem, Severity
from lbcheck.fix import delete
from lbcheck.model import Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    linger = pool.lingering
    if linger is None or linger.value <= 0:
        return
    end = pool.drain_time.value if pool.drain_time is not None else inf
    cut = "" if end == inf else f", and cuts them {human(end)} later"
    yield Problem(
        linger.place,
        f"for {human(linger.value)} after a reload `{linger.name}` lets the old process take new "
        f"WebSockets beside the new one{cut}",
        fix=delete(linger.place),
    )


RULE = Rule(
    code="LB426",
    name="reload-cuts-gracelessly",
    severity=Severity.WARNING,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="With `grace` the old process goes on taking new connections after a reload.",
    why=(
        "`grace` keeps the listeners of a stopping process open, for a balancer in front that has "
        "to notice. On a reload the old and the new process then share the port: with `grace 2s` "
        "15 of 40 new WebSockets went to the old one, with its old configuration, and were cut "
        "with it at `hard-stop-after`, which starts to count after the grace."
    ),
    remedy=(
        "Leave `grace` out where HAProxy is reloaded (its manual says so too), and let a balancer "
        "in front find out by a `monitor-uri` that fails."
    ),
    references=("https://docs.haproxy.org/2.8/configuration.html#3.1-grace",),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace("30m\n", "30m\n    grace 10s  # <- here\n", 1) + HAPROXY_BACKEND,
            good=HAPROXY + HAPROXY_BACKEND,
        ),
    ),
    proven=proven.HAPROXY,
    fixable="unsafe",
)
