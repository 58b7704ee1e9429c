"""LB209: the health check asks another port than clients use, or the right one in clear."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import CheckKind, HealthCheck, Origin, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import AWS
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND
from lbcheck.rules.pool_state import check_explained


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    found = pool.check
    if pool.vendor is Vendor.NGINX or check_explained(pool):
        return
    if found.in_clear is not None:
        yield Problem(
            found.in_clear.place,
            f"the health check of `{pool.name}` goes in clear to a port that expects TLS "
            f"(`{found.in_clear.name}` drops the server's `ssl`): it fails, and every server is "
            "taken out",
            severity=Severity.ERROR,
        )
    elif found.port is not None and found.kind is not CheckKind.OTHER:
        what = "address" if "." in found.port.value or ":" in found.port.value else "port"
        yield Problem(
            found.port.place,
            f"the health check of `{pool.name}` asks {what} {found.port.value}, not the one of "
            "the traffic: a service that dies alone stays in rotation",
            severity=Severity.INFO if what == "port" and _chosen(found) else None,
        )


def _chosen(found: HealthCheck) -> bool:
    """A request with a path of its own may well be the health endpoint of the same process, as
    Keycloak and EMQX have it on their management ports: a remark is enough."""
    if found.path is None:  # of a request: unknown
        return found.kind is CheckKind.HTTP
    return found.path.origin is not Origin.DEFAULT


_SSL = "9001 ssl verify none check"

RULE = Rule(
    code="LB209",
    name="health-check-elsewhere",
    severity=Severity.WARNING,
    vendors=(Vendor.HAPROXY, Vendor.AWS),
    subject=Pool,
    check=check,
    summary="The health check goes to another port or address than clients, or without TLS.",
    why=(
        "A check of another port tells about another process: with the service dead and its "
        "neighbour alive the server stayed UP and half of all handshakes failed. And with `port` "
        "or `addr`, or an `http-check connect` without `default`, a check no longer uses the "
        "server's `ssl`: it speaks in clear to a TLS port, fails, and takes healthy servers out."
    ),
    remedy=(
        "Check the port of the traffic; add `check-ssl` where the server has `ssl` and the check "
        "a `port` or `addr`, and write `http-check connect default`. AWS: `traffic-port`."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#5.2-check",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-http-check%20connect",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + """\
backend ws_chat
    server a 127.0.0.1:9001 check port 9003  # <- here
    server b 127.0.0.1:9002 check
""",
            good=HAPROXY + HAPROXY_BACKEND,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + HAPROXY_BACKEND.replace("9001 check", f"{_SSL} port 9001  # <- here").replace(
                "9002 check", "9002 ssl verify none check port 9002"
            ),
            good=HAPROXY
            + HAPROXY_BACKEND.replace("9001 check", f"{_SSL} check-ssl port 9001").replace(
                "9002 check", "9002 ssl verify none check"
            ),
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace('"HealthCheckPort": "traffic-port"', '"HealthCheckPort": "9901"'),
            good=AWS,
            here=("TargetGroups/0/HealthCheckPort",),
        ),
    ),
    proven=proven.HAPROXY,
)
