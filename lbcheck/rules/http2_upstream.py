"""LB104: the handshake is sent over HTTP/2, where this hop cannot carry a WebSocket."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck import fix
from lbcheck.finding import Problem, Severity
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.aws_code import in_code
from lbcheck.rules.example_parts import AWS, HAPROXY, NGINX

_REASON = {
    Vendor.NGINX: "its HTTP/2 client has no upgrade, and the client gets 502",
    Vendor.HAPROXY: "a target that speaks no RFC 8441 refuses it, and the client gets 502 or 503",
    Vendor.AWS: "the load balancer forwards upgrades over HTTP/1.1 only",
}


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    for forward in route.forwards:
        version = forward.http_version
        if version is None or version.value not in ("2", "grpc"):
            continue
        spoken = "gRPC" if version.value == "grpc" else "HTTP/2"
        mend = in_code(version, '"HTTP1"')
        if route.vendor is Vendor.NGINX and version.name == "proxy_http_version":
            line = "proxy_http_version 1.1"
            mend = fix.replace(version.place, line, safe=True, description=f"{line};")
        yield Problem(
            version.place,
            f"`{version.name}` sends the handshake to the target as {spoken}: "
            f"{_REASON[route.vendor]}",
            fix=mend,
        )


RULE = Rule(
    code="LB104",
    name="http2-upstream",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Route,
    check=check,
    summary="The target of a WebSocket route is spoken to in HTTP/2 or gRPC.",
    why=(
        "HTTP/2 has no `Upgrade`; WebSockets need extended CONNECT (RFC 8441), which nginx and "
        "AWS do not speak to targets and most servers do not accept from HAProxy."
    ),
    remedy=(
        "nginx: `proxy_http_version 1.1;` in the WebSocket location. HAProxy: add `ws h1` to the "
        "server line. AWS: a target group of its own with protocol version HTTP1."
    ),
    references=(
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_http_version",
        "https://docs.haproxy.org/2.8/configuration.html#5.2-ws",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html",
        "https://www.rfc-editor.org/rfc/rfc8441",
    ),
    fixable="safe",
    proven=(proven.NGINX_1_31, *proven.HAPROXY),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace("proxy_http_version 1.1;", "proxy_http_version 2;  # <- here"),
            good=NGINX,
            since=(1, 29, 4),
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace("9001\n", "9001 proto h2  # <- here\n"),
            good=HAPROXY.replace("9001\n", "9001 proto h2 ws h1\n"),
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace('"HTTP1"', '"HTTP2"'),
            good=AWS,
            here=("TargetGroups/0/ProtocolVersion",),
        ),
    ),
)
