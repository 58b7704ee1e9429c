"""LB215: each worker process has to find out for itself that a target is dead."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.fix import insert
from lbcheck.model import CheckKind, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import NGINX_WHOLE


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """Only where somebody set a limit: the defaults of many workers are nobody's plan."""
    counted = pool.counted_alone
    if counted is not None and pool.check.kind is CheckKind.PASSIVE and len(pool.usable) > 1:
        zone = f"zone {pool.name} 64k;"
        yield Problem(
            counted.place,
            f"`{counted.name}={counted.value}` is counted by each worker process for itself: a "
            "dead target fails handshakes, or stalls them, once in every worker",
            fix=insert(pool.place, (zone,), safe=True),
        )


_GOOD = "worker_processes 4;\n" + NGINX_WHOLE.replace("9001;", "9001 max_fails=2;")

RULE = Rule(
    code="LB215",
    name="passive-health-per-worker",
    severity=Severity.INFO,
    vendors=(Vendor.NGINX,),
    subject=Pool,
    check=check,
    summary="Failures are counted in each worker alone, for the upstream has no `zone`.",
    why=(
        "Without `zone` every worker process has counters of its own. In front of a target that "
        "drops packets four workers made four clients wait, with `zone` one."
    ),
    remedy="Add `zone NAME 64k;` to the upstream.",
    references=("https://nginx.org/en/docs/http/ngx_http_upstream_module.html#zone",),
    examples=(
        Example(
            Vendor.NGINX,
            bad=_GOOD.replace("    zone chat 64k;\n", "").replace(
                "max_fails=2;", "max_fails=2;  # <- here"
            ),
            good=_GOOD,
        ),
    ),
    proven=proven.NGINX,
    fixable="safe",
)
