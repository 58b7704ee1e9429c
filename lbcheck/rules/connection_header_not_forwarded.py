"""LB102: the target sees a `Connection` header that forbids the upgrade."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck import fix
from lbcheck.finding import Fix, Problem, Severity
from lbcheck.model import Level, Origin, Route, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY, NGINX
from lbcheck.rules.without_effect import explains_headers


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    connection = route.connection
    if connection is None or connection.value is None or explains_headers(route):
        return
    options = connection.value.lower().replace(",", " ").split()
    if "upgrade" in options or not _own_fault(route, connection):
        return
    seen = f"`Connection: {connection.value}`" if connection.value else "no `Connection` header"
    yield Problem(
        connection.place,
        f"the target sees {seen} where a handshake needs `Connection: upgrade`, and refuses it",
        fix=_fix(route.vendor, connection),
    )


def _own_fault(route: Route, connection: Setting[str | None]) -> bool:
    """Where `Upgrade` is lost as well, LB101 tells of both, unless somebody wrote this one wrongly
    on a route that surely carries WebSockets: that line needs its own repair."""
    if route.upgrade is None or route.upgrade.value != "":
        return True
    return connection.origin is not Origin.DEFAULT and route.belief.level is Level.CERTAIN


def _fix(vendor: Vendor, connection: Setting[str | None]) -> Fix | None:
    """Safe for nothing but WebSockets: an emptied header may be meant for upstream keep-alive."""
    if vendor is not Vendor.NGINX:
        return None
    line = "proxy_set_header Connection $http_connection"
    if connection.origin is Origin.DEFAULT:
        return fix.insert(connection.place, (f"{line};",), safe=True)
    return fix.replace(connection.place, line, description=f"{line};")


RULE = Rule(
    code="LB102",
    name="connection-header-not-forwarded",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY),
    subject=Route,
    check=check,
    summary="The effective `Connection` header is absent, empty, `close` or `keep-alive`.",
    why=(
        "A WebSocket handshake is `Upgrade: websocket` and `Connection: upgrade` together (RFC "
        "6455, section 4.2.1). nginx sends `Connection: close`, since 1.29.7 none, unless told "
        'otherwise; `Connection ""`, the recipe for upstream keep-alive, empties it for '
        "handshakes too."
    ),
    remedy=(
        "nginx: `proxy_set_header Connection $connection_upgrade;` with the map of the nginx "
        "documentation. HAProxy: take the rule away that deletes or sets the header."
    ),
    references=(
        "https://nginx.org/en/docs/http/websocket.html",
        "https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1",
    ),
    fixable="unsafe",
    proven=(*proven.NGINX, *proven.HAPROXY),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace("Connection $connection_upgrade;", 'Connection "";  # <- here'),
            good=NGINX,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace(
                "    balance leastconn\n",
                "    balance leastconn\n    http-request set-header Connection close  # <- here\n",
            ),
            good=HAPROXY,
        ),
    ),
)
