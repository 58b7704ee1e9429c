"""LB207: the health check takes error statuses for healthy."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import CheckKind, Pool, StatusSet, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.aws_code import in_code
from lbcheck.rules.aws_command import modify_group
from lbcheck.rules.example_parts import AWS
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """An error where the status of a draining service is accepted, else a warning."""
    accepts = pool.check.accepts
    if accepts is None or pool.check.kind is not CheckKind.HTTP:
        return
    reason = _reason(accepts.value, profile.health.draining)
    if reason is None:
        return
    draining = any(status in accepts.value for status in profile.health.draining)
    expected = ",".join(map(str, profile.health.expect))
    yield Problem(
        accepts.place,
        f"`{accepts.name}` accepts {accepts.value.text}: {reason}",
        severity=Severity.ERROR if draining else Severity.WARNING,
        fix=modify_group(
            accepts.place, f"accept {expected} alone", f"--matcher HttpCode={expected}"
        )
        or in_code(accepts, f'"{expected}"'),
    )


def _reason(accepted: StatusSet, draining: tuple[int, ...]) -> str | None:
    for status in draining:
        if status in accepted:
            return f"a target that drains answers {status} and keeps getting handshakes"
    if accepted.ranges and all(low == high and low in (400, 426) for low, high in accepted.ranges):
        return "a refusal shows only that a parser runs, and its status changes with the library"
    if any(low < 500 and high >= 400 for low, high in accepted.ranges):
        return "a target without its application answers 4xx and stays in"
    return None


RULE = Rule(
    code="LB207",
    name="health-check-accepts-errors",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="The health check counts an error status as healthy.",
    why=(
        "The range is usually widened because the WebSocket path answers 400 or 426 to a plain "
        "request. Then the check "
        "only shows that an HTTP parser runs: a target without routes, or one that drains, passes "
        "too. A check for "
        "exactly 426 or 400 takes everything out on the day the library changes its answer (426 "
        "became 400 in Bandit, "
        "400 became 505 and 405 in websockets)."
    ),
    remedy=(
        "Ask a path that answers 200 when the service takes sockets and 503 when it does not, and "
        "accept 200 alone."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#4.2-http-check%20expect",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
        "https://github.com/aeternity/ae_mdw/issues/2167",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    option httpchk GET /readyz
    http-check expect status 200-499  # <- here
    server a 127.0.0.1:9001 check
    server b 127.0.0.1:9002 check
""",
            good=HAPROXY + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace('"HttpCode": "200"', '"HttpCode": "200-499"'),
            good=AWS,
            here=("TargetGroups/0/Matcher/HttpCode",),
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace('"HttpCode": "200"', '"HttpCode": "426"'),
            good=AWS,
            here=("TargetGroups/0/Matcher/HttpCode",),
        ),
    ),
    proven=proven.HAPROXY,
    fixable="unsafe",
)
