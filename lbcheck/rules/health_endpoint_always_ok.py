"""LB213: the health endpoint says yes although every target may be dead."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Level, Listener, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import NGINX_LOCATION, NGINX_UPSTREAM


def check(listener: Listener, profile: Profile) -> Iterator[Problem]:
    """A refusal is no yes: the balancer in front sees that, unless it is told to accept it."""
    answer = listener.health
    if answer is not None and (
        answer.setting.value < 400 or answer.setting.value in profile.health.expect
    ):
        yield Problem(
            answer.setting.place,
            f"`{answer.path}` answers {answer.setting.value} here, though every target may be "
            f"dead: {answer.reason}",
            severity=Severity.ERROR if answer.certain else Severity.WARNING,
        )
    masking = [route for route in listener.routes if route.masked_errors is not None]
    enough = min(listener.belief.level, Level.LIKELY) if masking else Level.LIKELY
    for route in masking:
        masked = route.masked_errors
        if masked is not None and route.belief.level >= enough:
            yield Problem(
                masked.place,
                f"`{masked.name}` turns errors of dead targets into {masked.value}: health checks "
                "and clients see success",
            )


RULE = Rule(
    code="LB213",
    name="health-endpoint-always-ok",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX,),
    subject=Listener,
    check=check,
    summary="The proxy answers the health check itself, or answers errors with success.",
    why=(
        "With `return 200` on the path the balancer in front asks, a fall-back to `/index.html`, "
        "or an `error_page` "
        "with `=200`, the answer was 200 while every target was down, and the balancer kept "
        "sending sockets there. "
        "Without the `=` the status of the error is kept."
    ),
    remedy="Proxy the health path to the application, and write `error_page` without `=`.",
    references=("https://nginx.org/en/docs/http/ngx_http_core_module.html#error_page",),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX_UPSTREAM
            + NGINX_LOCATION.replace(
                "    location /ws/ {\n",
                "    error_page 502 503 504 =200 /sorry.html;  # <- here\n    location /ws/ {\n",
            ),
            good=NGINX_UPSTREAM
            + NGINX_LOCATION.replace(
                "    location /ws/ {\n",
                "    error_page 502 503 504 /sorry.html;\n    location /ws/ {\n",
            ),
        ),
    ),
    proven=proven.NGINX,
)
