"""LB218: the health check asks what nobody chose."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import CheckKind, HealthCheck, Origin, Pool, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.aws_code import in_code
from lbcheck.rules.aws_command import modify_group
from lbcheck.rules.example_parts import AWS
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """`GET /` that somebody wrote is answered by some application: that is said as an info only."""
    setting = _default(pool.check, profile)
    if setting is None:
        return
    better = profile.health.path or profile.health.suggest
    method = pool.check.method
    request = " ".join(part.value for part in (method, pool.check.path) if part)
    chosen = setting.origin is not Origin.DEFAULT and pool.vendor is not Vendor.AWS
    yield Problem(
        setting.place,
        f"the health check sends `{request}`, which no WebSocket library answers with 200; ask "
        f"`{better}`",
        severity=Severity.INFO if chosen else None,
        fix=modify_group(setting.place, f"ask `{better}`", f"--health-check-path {better}")
        or in_code(setting, f'"{better}"'),
    )


def _default(found: HealthCheck, profile: Profile) -> Setting[str] | None:
    path, method, health = found.path, found.method, profile.health
    if found.kind is not CheckKind.HTTP or path is None:
        return None
    if path.value in (health.path, *health.allow_paths):
        return None
    if found.port is not None and found.port.origin is not Origin.DEFAULT:
        return None  # another server answers there, a broker's management pages for instance
    if path.value == "/":
        return path
    unchosen = method is not None and method.origin is Origin.DEFAULT and method.value == "OPTIONS"
    return method if unchosen else None


RULE = Rule(
    code="LB218",
    name="default-health-path",
    severity=Severity.WARNING,
    vendors=(Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="The health check asks `/`, or uses `OPTIONS`, because nobody said otherwise.",
    why=(
        "Of eleven measured WebSocket servers none answers `GET /` with 200, and `OPTIONS * "
        "HTTP/1.0` gets 405 or 400. "
        "Targets are then down although they are well, and people widen the accepted statuses "
        "until the check can "
        "only say yes."
    ),
    remedy=(
        "Name method and path: `http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host ...`, "
        "or the path of the "
        "target group. Where the default is right, list it under `health.allow_paths` in the "
        "profile."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#4.2-option%20httpchk",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    option httpchk  # <- here
    server a 127.0.0.1:9001 check
    server b 127.0.0.1:9002 check
""",
            good=HAPROXY + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace('"HealthCheckPath": "/healthz"', '"HealthCheckPath": "/"'),
            good=AWS,
            here=("TargetGroups/0/HealthCheckPath",),
        ),
    ),
    proven=proven.HAPROXY,
    fixable="unsafe",
)
