"""LB306: a timeout that was set for WebSockets and does not act on them."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Effect, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY, WHOLE_NGINX
from lbcheck.rules.without_effect import problems, records


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Without harm where the timeout in force outlives a declared heartbeat anyhow."""
    if not route.ineffective:
        return
    needed = profile.min_idle_s
    if needed is not None and route.idle is not None and route.idle.value >= needed:
        severity = Severity.INFO
    else:
        severity = Severity.WARNING if route.vendor is Vendor.NGINX else Severity.ERROR
    if route.vendor is Vendor.NGINX:
        yield from _wrong_ones_raised(route, severity)
        return
    for problem in problems(route, Effect.TIMEOUT_INEFFECTIVE):
        yield Problem(problem.place, problem.message, severity, problem.related)


def _wrong_ones_raised(route: Route, severity: Severity) -> Iterator[Problem]:
    """One problem, whatever was raised: they act, though not on a quiet WebSocket."""
    raised = list(records(route, Effect.TIMEOUT_INEFFECTIVE))
    if raised:
        first, *others = raised
        yield Problem(
            first.setting.place,
            f"`{first.setting.name}` does not help: {first.reason}",
            severity,
            tuple(Note(other.setting.place, "nor does this") for other in others),
        )


RULE = Rule(
    code="LB306",
    name="timeout-ineffective",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY),
    subject=Route,
    check=check,
    summary=(
        "A timeout stands where it is ignored, or another one than the deciding one was raised."
    ),
    why=(
        "HAProxy reads `timeout tunnel` and `timeout server` from the backend only; in a frontend "
        "it warns and ignores them. In nginx only `proxy_read_timeout` ends a quiet WebSocket: "
        "`proxy_send_timeout`, `proxy_connect_timeout` and `keepalive_timeout` do not."
    ),
    remedy=(
        "HAProxy: move it to the backend, a listen section or the defaults. nginx: raise "
        "`proxy_read_timeout`."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#4.2-timeout%20tunnel",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
    examples=(
        Example(
            Vendor.NGINX,
            bad=WHOLE_NGINX.replace(
                "proxy_read_timeout 120s;", "proxy_send_timeout 1h;  # <- here"
            ),
            good=WHOLE_NGINX,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace("    timeout tunnel 1h\n", "").replace(
                "127.0.0.1:8080\n", "127.0.0.1:8080\n    timeout tunnel 1h  # <- here\n"
            ),
            good=HAPROXY,
        ),
    ),
)
