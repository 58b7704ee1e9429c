"""LB120: whoever upgrades to another protocol than WebSocket passes by the proxy's protection."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import NGINX


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Only beside something that is protected: nearly every configuration passes any `Upgrade`."""
    protected = route.passed_by
    if protected is None or route.upgrade is None:
        return
    yield Problem(
        route.upgrade.place,
        f"`{route.upgrade.name}` hands on whatever a client asks for: after `Upgrade: h2c` it "
        f"reaches what `{protected.value}` of {protected.name} protects, if a target speaks that",
        related=(Note(protected.place, "this is passed by"),),
    )


_GOOD = (
    NGINX.replace(
        "map $http_upgrade",
        "map $http_upgrade $websocket { websocket websocket; }\nmap $http_upgrade",
    )
    .replace("Upgrade $http_upgrade", "Upgrade $websocket")
    .replace(
        "    location /ws/ {",
        "    location /metrics {\n        deny all;\n    }\n    location / {",
    )
)

RULE = Rule(
    code="LB120",
    name="any-protocol-upgraded",
    severity=Severity.INFO,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="Any `Upgrade` is handed on, beside a location that not everybody may use.",
    why=(
        "`$http_upgrade` is what the client says, `h2c` as well. A target that accepts it speaks "
        "HTTP/2 through the proxy from then on, and no `deny`, password or `auth_request` of the "
        "proxy sees those requests (request smuggling)."
    ),
    remedy=(
        "`map $http_upgrade $websocket { websocket websocket; }` and "
        "`proxy_set_header Upgrade $websocket;`."
    ),
    references=("https://bishopfox.com/blog/h2c-smuggling-request",),
    examples=(
        Example(
            Vendor.NGINX,
            bad=_GOOD.replace("Upgrade $websocket;", "Upgrade $http_upgrade;  # <- here"),
            good=_GOOD,
        ),
    ),
    proven=proven.NGINX,
)
