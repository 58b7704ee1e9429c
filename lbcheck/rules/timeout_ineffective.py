"""LB306: a timeout that was set for WebSockets and does not act on them."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Effect, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY, INGRESS_ALB, WHOLE_NGINX
from lbcheck.rules.without_effect import problems, records


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Without harm where the timeout in force outlives a declared heartbeat anyhow."""
    if not route.ineffective:
        return
    needed = profile.min_idle_s
    harmless = needed is not None and route.idle is not None and route.idle.value >= needed
    for effect, severity in _SEVERITIES.items():
        for problem in problems(route, effect):
            shown = Severity.INFO if harmless else severity
            yield Problem(problem.place, problem.message, shown, problem.related)
    yield from _wrong_ones_raised(route, Severity.INFO if harmless else Severity.WARNING)


_SEVERITIES = {
    Effect.TIMEOUT_INEFFECTIVE: Severity.ERROR,
    Effect.FOREIGN: Severity.WARNING,
}


def _wrong_ones_raised(route: Route, severity: Severity) -> Iterator[Problem]:
    """One problem, whatever was raised: they act, though not on a quiet WebSocket."""
    raised = records(route, Effect.WRONG_TIMEOUT)
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
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Route,
    check=check,
    summary=(
        "A timeout stands where it is ignored, or another one than the deciding one was raised."
    ),
    why=(
        "HAProxy reads `timeout tunnel` and `timeout server` from the backend only; in a frontend "
        "it warns and ignores them. In nginx only `proxy_read_timeout` ends a quiet WebSocket: "
        "`proxy_send_timeout`, `proxy_connect_timeout` and `keepalive_timeout` do not. Kubernetes "
        "takes any annotation: one that the controller does not know, that is meant for another "
        "one, or that stands on the wrong object does nothing, and a number without quotes is "
        "refused."
    ),
    remedy=(
        "HAProxy: move it to the backend, a listen section or the defaults. nginx: raise "
        "`proxy_read_timeout`. Kubernetes: use the annotation that the message names."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#4.2-timeout%20tunnel",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
        "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/",
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
        Example(
            Vendor.AWS,
            kind="kubernetes",
            bad=INGRESS_ALB.replace(
                "load-balancer-attributes: idle_timeout.timeout_seconds=300",
                'connection-idle-timeout: "300"  # <- here',
            ),
            good=INGRESS_ALB,
        ),
    ),
)
