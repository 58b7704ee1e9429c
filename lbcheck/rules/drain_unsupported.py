"""LB420: words for draining and the like that this nginx does not know, or takes for others."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import NGINX, NGINX_LOCATION, NGINX_UPSTREAM
from lbcheck.rules.without_effect import problems


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """What a version does not know is told where the profile names the version."""
    return problems(pool, Effect.UNSUPPORTED)


RULE = Rule(
    code="LB420",
    name="drain-unsupported",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX,),
    subject=Pool,
    check=check,
    summary="`drain` without `sticky`, or a parameter that this version or edition lacks.",
    why=(
        "`drain` lets clients with a sticky session finish at a target that takes no others; "
        "without `sticky` nobody has such a session, and nginx 1.31.3 treats it as `down`. "
        "Open-source nginx has `drain`, `route` and `sticky` since 1.29.6 and `resolve` since "
        "1.27.3, and never had `slow_start`, `queue` or `health_check`: it refuses to start."
    ),
    remedy="Write `down` for a target that is to leave, and name the version in the profile.",
    references=("https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server",),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX_UPSTREAM.replace("9001;", "9001 drain;  # <- here") + NGINX_LOCATION,
            good=NGINX,
            since=(1, 29, 6),
        ),
    ),
    proven=(proven.NGINX_1_31,),
)
