"""LB202: a health check is written and checks nothing."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import INGRESS_ALB, INGRESS_NGINX
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND
from lbcheck.rules.without_effect import problems


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    yield from problems(pool, Effect.CHECK_INEFFECTIVE)
    for problem in problems(pool, Effect.FOREIGN):
        yield Problem(problem.place, problem.message, Severity.WARNING, problem.related)


RULE = Rule(
    code="LB202",
    name="health-check-ineffective",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="Health-check statements are there and have no effect.",
    why=(
        "`option httpchk` and `http-check` only say how to check; nothing is checked unless the "
        "server has `check`. "
        "`http-check` rules without `option httpchk` are ignored, and `default-server` changes "
        "only the servers below "
        "it. HAProxy accepts all three: with one of two servers dead, half of all handshakes "
        "failed with 503. Open-source nginx has no active checks, nor has ingress-nginx. "
        "Kubernetes takes any annotation, also one that no controller reads of this object."
    ),
    remedy=(
        "Add `check` to each server, write `option httpchk` beside the `http-check` rules, "
        "and move `default-server` above the servers. Kubernetes: use the annotation that the "
        "message names."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#4.2-option%20httpchk",
        "https://docs.haproxy.org/2.8/configuration.html#5.2-check",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    option httpchk GET /readyz  # <- here
    server a 127.0.0.1:9001
    server b 127.0.0.1:9002
""",
            good=HAPROXY + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    http-check expect status 200  # <- here
    server a 127.0.0.1:9001 check
    server b 127.0.0.1:9002 check
""",
            good=HAPROXY + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    server a 127.0.0.1:9001
    server b 127.0.0.1:9002
    default-server check inter 2s  # <- here
""",
            good=HAPROXY
            + """\
backend ws_chat
    option httpchk GET /readyz
    default-server check inter 2s
    server a 127.0.0.1:9001
    server b 127.0.0.1:9002
""",
        ),
        Example(
            Vendor.NGINX,
            kind="kubernetes",
            bad=INGRESS_NGINX.replace("affinity: cookie", "health-check-path: /healthz  # <- here"),
            good=INGRESS_NGINX,
        ),
        Example(
            Vendor.AWS,
            kind="kubernetes",
            bad=INGRESS_ALB.replace("healthcheck-path:", "health-check-path:").replace(
                ": /healthz", ": /healthz  # <- here"
            ),
            good=INGRESS_ALB,
        ),
    ),
    proven=proven.HAPROXY,
)
