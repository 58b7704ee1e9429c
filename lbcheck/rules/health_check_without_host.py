"""LB222: a health check in HTTP/1.1 that names no host."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import CheckKind, HealthCheck, Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND
from lbcheck.rules.pool_state import check_explained

_ASKING = frozenset({CheckKind.HTTP, CheckKind.HANDSHAKE})


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    version = pool.check.version
    if version is None or check_explained(pool) or not _nameless(pool.check):
        return
    yield Problem(
        version.place,
        f"the health check of `{pool.name}` asks with HTTP/1.1 and without `Host`: servers that "
        "keep to the standard answer 400, and every healthy target is taken out",
    )


def _nameless(found: HealthCheck) -> bool:
    """HAProxy adds none by itself. Half a handshake (LB206) and an expectation that a 400 meets
    (LB207) are told already."""
    if found.kind not in _ASKING or found.host is not None or found.handshake_lacks:
        return False
    refused_well = found.accepts is not None and 400 in found.accepts.value
    return found.version is not None and found.version.value == "1.1" and not refused_well


RULE = Rule(
    code="LB222",
    name="health-check-without-host",
    severity=Severity.WARNING,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="A health check says HTTP/1.1 and sends no `Host` header.",
    why=(
        "HTTP/1.1 wants a `Host` in every request, and a server must answer 400 to one without "
        "(RFC 9112); nginx, Apache httpd, Tomcat, Go and Node.js from 20 on do. HAProxy sends "
        "none by itself, whatever the clients send: the check fails, and no target is left."
    ),
    remedy="Add `http-check send hdr Host NAME`, or leave `HTTP/1.1` away.",
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#4.2-http-check%20send",
        "https://www.rfc-editor.org/rfc/rfc9112#section-3.2",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY + HAPROXY_BACKEND.replace(" hdr Host chat.example", "  # <- here"),
            good=HAPROXY + HAPROXY_BACKEND,
        ),
    ),
    proven=proven.HAPROXY,
)
