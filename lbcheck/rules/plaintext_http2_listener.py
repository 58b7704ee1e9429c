"""LB113: a port without TLS speaks HTTP/2 only."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.fix import replace
from lbcheck.model import Listener, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import NGINX


def check(listener: Listener, profile: Profile) -> Iterator[Problem]:
    """An error where the version is known, for nginx 1.25.1 and later tell the two apart."""
    port = listener.http2_only
    if port is None:
        return
    which = "nginx" if port.assumed is None else port.assumed
    yield Problem(
        port.place,
        f"{which} speaks only HTTP/2 on this port without TLS: a handshake, which is HTTP/1.1, "
        "gets bytes that no client understands",
        severity=Severity.ERROR if port.assumed is None else Severity.WARNING,
        fix=replace(port.place, port.value),
    )


_OLD = "extends: default\nversions: {nginx: 1.22.1}\n"

RULE = Rule(
    code="LB113",
    name="plaintext-http2-listener",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX,),
    subject=Listener,
    check=check,
    summary="`listen ... http2` without TLS serves nobody who speaks HTTP/1.1.",
    why=(
        "Before 1.25.1 `http2` on a port without TLS means HTTP/2 from the first byte: nginx "
        "1.22.1 answers a handshake with a SETTINGS frame. Later versions look at what the client "
        "says first. With TLS the client chooses (ALPN), and there is nothing wrong with it."
    ),
    remedy="Drop `http2` from the port without TLS, or update nginx to 1.25.1 or later.",
    references=("https://nginx.org/en/docs/http/ngx_http_v2_module.html#http2",),
    examples=(
        Example(
            Vendor.NGINX,
            profile=_OLD,
            bad=NGINX.replace("listen 127.0.0.1:8080;", "listen 127.0.0.1:8080 http2;  # <- here"),
            good=NGINX,
        ),
        Example(
            Vendor.NGINX,
            bad=NGINX.replace("listen 127.0.0.1:8080;", "listen 127.0.0.1:8080 http2;  # <- here"),
            good=NGINX,
        ),
    ),
    proven=(proven.NGINX_1_22,),
    fixable="unsafe",
)
