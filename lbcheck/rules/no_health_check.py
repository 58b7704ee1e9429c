"""LB201: nothing finds out that a target is dead."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Edit, Fix, Note, Problem, Severity
from lbcheck.model import CheckKind, Pool, Span, State, Target, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.aws_command import modify_group
from lbcheck.rules.example_parts import AWS
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND
from lbcheck.rules.pool_state import check_explained

_SOCKETS = ("unix@", "abns@", "/")


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """Open-source nginx has passive checks only: no choice of the operator, and not reported."""
    if pool.check.kind in (CheckKind.OTHER, CheckKind.UNKNOWN, CheckKind.PASSIVE):
        return
    if pool.check.kind is CheckKind.NONE and (check_explained(pool) or pool.incapable):
        return  # other rules say more
    unchecked = [target for target in pool.targets if _unchecked(target)]
    if pool.vendor is Vendor.AWS and pool.check.kind is CheckKind.NONE:
        yield Problem(
            pool.check.place,
            f"health checks of `{pool.name}` are switched off: dead targets keep getting "
            "handshakes",
            fix=modify_group(pool.check.place, "switch health checks on", "--health-check-enabled"),
        )
    elif unchecked and not _same_machine(pool):
        first, *others = unchecked
        alone = len(pool.targets) == 1
        outcome = "clients wait for it" if alone else "it keeps getting its share of handshakes"
        yield Problem(
            first.place,
            f"`{first.name}` has no health check: when it is dead, {outcome}",
            severity=Severity.WARNING if alone and pool.complete else Severity.ERROR,
            related=tuple(Note(target.place, "not checked either") for target in others),
            fix=add_check(unchecked),
        )


def _same_machine(pool: Pool) -> bool:
    """A single unix socket is the next hop in this very process, or dies with the machine."""
    return len(pool.targets) == 1 and pool.targets[0].address.startswith(_SOCKETS)


def _unchecked(target: Target) -> bool:
    """Of those that only an agent watches LB216 tells."""
    return not (target.checked or target.agent or target.unreadable or target.state is State.DOWN)


def add_check(targets: list[Target]) -> Fix | None:
    edits = tuple(
        Edit(target.place.source, target.place.end, target.place.end, " check")
        for target in targets
        if isinstance(target.place, Span)
    )
    return Fix("add `check` to the servers", edits=edits) if edits else None


RULE = Rule(
    code="LB201",
    name="no-health-check",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="Targets are not health-checked, so a dead one stays in rotation.",
    why=(
        "Without `check` HAProxy never takes a server out: with one of two servers dead, half of "
        "all handshakes "
        "fail with 503 after three connect timeouts, for ever, and a `backup` server is never "
        "used. A target group "
        "whose health checks are disabled likewise sends sockets to targets that are gone."
    ),
    remedy=(
        "Add `check` to the servers (or to `default-server` above them) together with `option "
        "httpchk`; "
        "on AWS enable the health check of the target group."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#5.2-check",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    server a 127.0.0.1:9001  # <- here
    server b 127.0.0.1:9002
""",
            good=HAPROXY + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY + HAPROXY_BACKEND + "    server spare 127.0.0.1:9003 backup  # <- here\n",
            good=HAPROXY + HAPROXY_BACKEND + "    server spare 127.0.0.1:9003 check backup\n",
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace('"HealthCheckEnabled": true', '"HealthCheckEnabled": false'),
            good=AWS,
            here=("TargetGroups/0/HealthCheckEnabled",),
        ),
    ),
    proven=proven.HAPROXY,
    fixable="unsafe",
)
