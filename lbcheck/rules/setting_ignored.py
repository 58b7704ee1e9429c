"""LB510: a setting about draining, stickiness or the protocol that nobody reads."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.example_parts import INGRESS_ALB, INGRESS_HAPROXY, INGRESS_NGINX
from lbcheck.rules.without_effect import problems


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    return problems(pool, Effect.IGNORED)


RULE = Rule(
    code="LB510",
    name="setting-ignored",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="A Kubernetes setting about draining, stickiness or the protocol has no effect.",
    why=(
        "Kubernetes takes any annotation. One that the controller does not know, that is meant for "
        "another one, or that stands on the wrong object does nothing, and nobody is told: targets "
        "leave after the default delay, and clients are not led back to the pod they had."
    ),
    remedy="Use the annotation that the message names, on the object that the controller reads.",
    references=(
        "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/",
        "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/",
        "https://haproxy-ingress.github.io/docs/configuration/keys/",
    ),
    examples=(
        Example(
            Vendor.AWS,
            kind="kubernetes",
            bad=INGRESS_ALB.replace(
                "healthcheck-path: /healthz",
                "healthcheck-path: /healthz\n"
                '    alb.ingress.kubernetes.io/deregistration-delay: "60"  # <- here',
            ),
            good=INGRESS_ALB,
        ),
        Example(
            Vendor.NGINX,
            kind="kubernetes",
            bad=INGRESS_NGINX.replace("affinity: cookie", "sticky: cookie  # <- here"),
            good=INGRESS_NGINX,
        ),
        Example(
            Vendor.HAPROXY,
            kind="kubernetes",
            bad=INGRESS_HAPROXY.replace("affinity: cookie", "sticky: cookie  # <- here"),
            good=INGRESS_HAPROXY,
        ),
    ),
)
