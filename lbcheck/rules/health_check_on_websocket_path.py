"""LB205: a plain request is sent to the WebSocket path."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.belief import strong_word, tokens
from lbcheck.finding import Note, Problem, Severity
from lbcheck.fix import insert
from lbcheck.model import CheckKind, HealthCheck, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.aws_code import in_code
from lbcheck.rules.aws_command import modify_group
from lbcheck.rules.example_parts import AWS
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND, NGINX

_REFUSALS = (400, 404, 405, 426)
"""what WebSocket servers answer to a plain GET (ws and Bandit 400, websockets 426 ...)"""
_HEALTH_WORDS = frozenset(
    "health healthz healthcheck ready readyz readiness live livez liveness alive ping status up"
    " info".split()
)


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    yield from _by_itself(pool, profile)
    yield from _from_in_front(pool, profile)


def _from_in_front(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """nginx counts a target that hangs up on a plain request as failed; the last one of a pool
    is never taken out."""
    asked = pool.asked
    if asked is None or not _is_for_websockets(asked.value, profile):
        return
    effect = "the balancer in front takes this proxy out"
    if len(pool.usable) > 1:
        effect = "each target that hangs up on it is taken out, and then handshakes get 502 as well"
    yield Problem(
        asked.place,
        f"the health check asks `{asked.value}` without an upgrade, and `{asked.name}` hands it "
        f"to WebSocket servers: {effect}",
        related=(Note(pool.place, f"`{pool.name}` is asked"),),
        fix=insert(asked.place, ('if ($http_upgrade = "") { return 426; }',)),
    )


def _by_itself(pool: Pool, profile: Profile) -> Iterator[Problem]:
    found = pool.check
    if found.kind is not CheckKind.HTTP or found.path is None or _refusals_accepted(found):
        return
    path = found.path.value.partition("?")[0]
    if path == profile.health.path or not _is_for_websockets(found.path.value, profile):
        return
    better = profile.health.path or profile.health.suggest
    yield Problem(
        found.path.place,
        f"`{found.path.name}` asks `{path}` without an upgrade: a WebSocket server answers 400 or "
        "426, and every healthy target is taken out",
        fix=modify_group(
            found.path.place, f"ask `{better}` instead", f"--health-check-path {better}"
        )
        or in_code(found.path, f'"{better}"'),
    )


def _refusals_accepted(found: HealthCheck) -> bool:
    """Then targets stay in, and LB207 says what is wrong with it."""
    accepts = found.accepts
    return accepts is not None and any(status in accepts.value for status in _REFUSALS)


def _is_for_websockets(request: str, profile: Profile) -> bool:
    path = request.partition("?")[0]
    if path in profile.health.allow_paths or "transport=polling" in request:
        return False
    words = tokens(path)
    if not words or words[-1] in _HEALTH_WORDS:
        return False
    declared = {declared.rstrip("/*") for declared in profile.websocket.paths}
    return path.rstrip("/") in declared or strong_word(path) is not None


RULE = Rule(
    code="LB205",
    name="health-check-on-websocket-path",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="The health check sends a plain request to the WebSocket path.",
    why=(
        "No measured WebSocket server answers 200 to a request without an upgrade; it is 426, "
        "400, 404 or 405, "
        "depending on library and version. The balancer takes all healthy targets out and every "
        "handshake fails with 503. nginx, which hands such a check on, counts a target that hangs "
        "up on it as failed: one check took both of two targets out, and handshakes got 502."
    ),
    remedy=(
        "Ask a path of its own that says whether the process takes new sockets, or (HAProxy) send "
        "a whole handshake and `http-check expect status 101`. In nginx keep plain requests away "
        'from the WebSocket servers: `if ($http_upgrade = "") { return 426; }`.'
    ),
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
        "https://github.com/aeternity/ae_mdw/issues/2167",
    ),
    examples=(
        Example(
            Vendor.NGINX,
            profile="extends: default\nhealth: {path: /ws/}\n",
            bad=NGINX.replace("location /ws/ {", "location /ws/ {  # <- here"),
            good=NGINX.replace(
                "location /ws/ {\n",
                'location /ws/ {\n        if ($http_upgrade = "") { return 426; }\n',
            ),
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    option httpchk GET /ws HTTP/1.1  # <- here
    server a 127.0.0.1:9001 check
    server b 127.0.0.1:9002 check
""",
            good=HAPROXY + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace('"HealthCheckPath": "/healthz"', '"HealthCheckPath": "/ws"'),
            good=AWS,
            here=("TargetGroups/0/HealthCheckPath",),
        ),
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
    fixable="unsafe",
)
