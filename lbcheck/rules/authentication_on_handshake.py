"""LB118: something asks who the client is while the handshake is under way."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Origin, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """An authentication service of its own mostly overlooks the header: that is an info only."""
    asked = route.authentication
    if asked is None:
        return
    effect = "a service that can upgrade answers it with 101, and the client gets no answer at all"
    if asked.value:
        effect = "the WebSocket server answers it with 101, and the client gets no answer at all"
    yield Problem(
        asked.place,
        f"the subrequest of `{asked.name}` is sent with the handshake's `Upgrade`: {effect}",
        severity=Severity.WARNING if asked.value else Severity.INFO,
        related=()
        if asked.origin is Origin.SET
        else (Note(route.place, "this asks for permission, too"),),
    )


_GOOD = """\
map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
server {
    listen 127.0.0.1:8080;
    proxy_http_version 1.1;
    proxy_read_timeout 120s;
    proxy_set_header Host $host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    location /ws/ {
        auth_request /session;
        proxy_pass http://127.0.0.1:9001;
    }
    location = /session {
        internal;
        proxy_set_header Upgrade "";
        proxy_set_header Connection "";
        proxy_pass http://127.0.0.1:9001/readyz;
    }
}
"""
_CLEARED = """        proxy_set_header Upgrade "";
        proxy_set_header Connection "";
"""

RULE = Rule(
    code="LB118",
    name="authentication-on-handshake",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="A request for authentication stands in the way of the handshake.",
    why=(
        "A location without headers of its own inherits those of the handshake, so that the "
        "subrequest of `auth_request` asks for an upgrade. nginx refuses an upgrade there "
        "(`connection upgrade in subrequest`) and hangs up on the client without an answer."
    ),
    remedy=(
        'In the location that `auth_request` asks: `proxy_set_header Upgrade "";` and '
        '`proxy_set_header Connection "";`.'
    ),
    references=("https://nginx.org/en/docs/http/ngx_http_auth_request_module.html",),
    examples=(
        Example(
            Vendor.NGINX,
            bad=_GOOD.replace(_CLEARED, "")
            .replace("9001/readyz", "9001")
            .replace("/session;", "/session;  # <- here"),
            good=_GOOD,
        ),
    ),
    proven=proven.NGINX,
)
