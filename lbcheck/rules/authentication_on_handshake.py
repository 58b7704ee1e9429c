"""LB118: something asks who the client is while the handshake is under way."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Origin, Route, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import AWS, FORWARD, RULES


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    if route.login is not None:
        yield Problem(
            route.login.place,
            f"`{route.login.name}` answers a handshake without a session with a redirect to the "
            "login page; WebSocket clients do not follow it",
        )
    if route.authentication is not None:
        yield _upgraded(route, route.authentication)


def _upgraded(route: Route, asked: Setting[bool]) -> Problem:
    """An authentication service of its own mostly overlooks the header: that is an info only."""
    effect = "a service that can upgrade answers it with 101, and the client gets no answer at all"
    if asked.value:
        effect = "the WebSocket server answers it with 101, and the client gets no answer at all"
    return Problem(
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
_LOGIN = AWS.replace(
    FORWARD,
    """{"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {
          "Issuer": "https://id.example", "AuthorizationEndpoint": "https://id.example/login",
          "TokenEndpoint": "https://id.example/token", "ClientId": "chat",
          "UserInfoEndpoint": "https://id.example/user",
          "OnUnauthenticatedRequest": "authenticate"}},
         """
    + FORWARD.replace('"forward",', '"forward", "Order": 2,'),
)

RULE = Rule(
    code="LB118",
    name="authentication-on-handshake",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX, Vendor.AWS),
    subject=Route,
    check=check,
    summary="A request for authentication stands in the way of the handshake.",
    why=(
        "A location without headers of its own inherits those of the handshake, so that the "
        "subrequest of `auth_request` asks for an upgrade. nginx refuses an upgrade there "
        "(`connection upgrade in subrequest`) and hangs up on the client without an answer. "
        "An `authenticate-oidc` or `authenticate-cognito` action of an Application Load Balancer "
        "redirects whoever has no session, or one that has expired: a page follows to the login, "
        "the WebSocket of the same page fails until somebody reloads it."
    ),
    remedy=(
        'In the location that `auth_request` asks: `proxy_set_header Upgrade "";` and '
        '`proxy_set_header Connection "";`. On AWS let the rule of the WebSocket path answer 401 '
        "(`OnUnauthenticatedRequest: deny`), or check a token in the service itself."
    ),
    references=(
        "https://nginx.org/en/docs/http/ngx_http_auth_request_module.html",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html",
    ),
    examples=(
        Example(
            Vendor.NGINX,
            bad=_GOOD.replace(_CLEARED, "")
            .replace("9001/readyz", "9001")
            .replace("/session;", "/session;  # <- here"),
            good=_GOOD,
        ),
        Example(
            Vendor.AWS,
            bad=_LOGIN,
            good=_LOGIN.replace('"authenticate"', '"deny"'),
            here=(f"{RULES}/0/Actions/0/Type",),
        ),
    ),
    proven=proven.NGINX,
)
