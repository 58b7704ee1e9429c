"""LB108: the handshake is answered with a redirect, which clients do not follow, or refused."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import RedirectKind, Route, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import AWS, FORWARD, HAPROXY, NGINX, RULES, WHOLE_NGINX

_KINDS = {
    RedirectKind.SCHEME: (
        "a `ws://` handshake gets {status} to https, and nothing serves this path there",
        Severity.WARNING,
    ),
    RedirectKind.SLASH: (
        "a handshake without the trailing slash gets {status}; WebSocket clients do not follow",
        Severity.WARNING,
    ),
    RedirectKind.OTHER: (
        "the handshake gets {status} instead of 101; WebSocket clients do not follow redirects",
        Severity.ERROR,
    ),
}


_REFUSING = ("deny", "tarpit", "reject")
_FILES = ("try_files", "location", "fastcgi_pass")


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    if route.redirect is None:
        return
    status = route.redirect.status
    if 300 <= status.value < 400:
        message, severity = _KINDS[route.redirect.kind]
        yield Problem(status.place, message.format(status=status.value), severity=severity)
    else:
        yield _answered(status)


def _answered(status: Setting[int]) -> Problem:
    """A refusal may well be meant, and a path without a location be served by another proxy; an
    answer of another kind hardly."""
    if status.name.endswith(_REFUSING):
        message = f"every handshake gets {status.value} here; if that is meant, silence it"
        return Problem(status.place, message, severity=Severity.WARNING)
    if status.name.startswith(_FILES):
        message = f"`{status.name}` answers the handshake with {status.value} as if it were a file"
        if not status.value:
            message = f"`{status.name}` takes the handshake, and a script takes no frames"
        note = "if another proxy serves this path, this one never sees it: silence it then"
        return Problem(status.place, message, severity=Severity.WARNING, notes=(note,))
    message = f"`{status.name}` answers every handshake with {status.value} instead of 101"
    return Problem(status.place, message, severity=Severity.ERROR)


_ELSEWHERE = WHOLE_NGINX.replace(
    "    location /ws/", "    location / {\n        return 404;\n    }\n    location /ws/"
)

RULE = Rule(
    code="LB108",
    name="redirect-on-handshake",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY, Vendor.AWS),
    subject=Route,
    check=check,
    summary="The WebSocket path is answered with a redirect, or refused, before a target sees it.",
    why=(
        "RFC 6455 lets a client follow a redirect, browsers and most libraries do not: the "
        "connection fails with 1006 and no hint. HAProxy's `deny`, `tarpit` and `return` end "
        "handshakes as well where they catch more than they were written for; a refusal may be "
        "meant, so it is a warning. A declared path for which nginx has no location but that of "
        "the pages gets a page, or 404."
    ),
    remedy=(
        "Serve the handshake where it arrives: `rewrite ... break` instead of a redirect, a "
        "location without the trailing slash, a redirect or a `deny` that leaves the WebSocket "
        "path out."
    ),
    references=(
        "https://websockets.spec.whatwg.org/#dom-websocket-websocket",
        "https://nginx.org/en/docs/http/ngx_http_core_module.html#location",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-redirect",
    ),
    proven=(*proven.NGINX, *proven.HAPROXY),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace(
                "        proxy_pass",
                "        rewrite ^/ws/(.*)$ /socket/$1 permanent;  # <- here\n        proxy_pass",
            ),
            good=NGINX.replace(
                "        proxy_pass",
                "        rewrite ^/ws/(.*)$ /socket/$1 break;\n        proxy_pass",
            ),
        ),
        Example(
            Vendor.NGINX,
            profile="extends: default\nwebsocket: {paths: [/ws/chat]}\n",
            bad=_ELSEWHERE.replace("location /ws/", "location /socket/").replace(
                "return 404;", "return 404;  # <- here"
            ),
            good=_ELSEWHERE,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace(
                "    use_backend",
                "    http-request redirect prefix /v2 code 302 if { path_beg /ws }  # <- here\n"
                "    use_backend",
            ),
            good=HAPROXY.replace(
                "    use_backend",
                "    http-request redirect prefix /v2 code 302 if { path_beg /old }\n"
                "    use_backend",
            ),
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace(
                "    use_backend",
                "    http-request deny if { path_beg /ws }  # <- here\n    use_backend",
            ),
            good=HAPROXY.replace(
                "    use_backend",
                "    http-request deny if { path_beg /ws/admin }\n    use_backend",
            ),
        ),
        Example(
            Vendor.AWS,
            bad=AWS.replace(
                FORWARD,
                '{"Type": "redirect", "RedirectConfig":'
                ' {"Path": "/v2/#{path}", "StatusCode": "HTTP_302"}}',
            ),
            good=AWS,
            here=(f"{RULES}/0/Actions/0/RedirectConfig/StatusCode",),
        ),
    ),
)
