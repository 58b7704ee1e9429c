"""LB101: the target never sees that the client asked for an upgrade."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck import fix
from lbcheck.finding import Fix, Note, Problem, Severity
from lbcheck.model import Origin, Route, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY, NGINX
from lbcheck.rules.without_effect import explains_headers


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    upgrade = route.upgrade
    if upgrade is None or upgrade.value is None or explains_headers(route):
        return
    if upgrade.value.lower() == "websocket":
        return
    unless = ", unless an outer file sets it" if upgrade.assumed else ""
    symptom = "it answers a plain request, and the handshake fails"
    seen = "does not see `Upgrade: websocket`"
    if upgrade.value:
        seen = f"sees `Upgrade: {upgrade.value}` and not `websocket`"
    yield Problem(
        upgrade.place,
        f"the target {seen}: {symptom}{unless}",
        severity=Severity.WARNING if upgrade.assumed else None,
        related=_also(route.connection),
        notes=_named_by(upgrade),
        fix=_fix(route),
    )


def _named_by(upgrade: Setting[str | None]) -> tuple[str, ...]:
    """An annotation says for which services the header is forwarded."""
    return (f"`{upgrade.name}` must name the service",) if "/" in upgrade.name else ()


def _also(connection: Setting[str | None] | None) -> tuple[Note, ...]:
    if connection is None or connection.value is None or "upgrade" in connection.value.lower():
        return ()
    return (Note(connection.place, "`Connection: upgrade` does not get through either"),)


def _fix(route: Route) -> Fix | None:
    """nginx drops every inherited `proxy_set_header` where a block sets its first own one, so that
    adding lines is safe only to a block that has one already. `$http_connection` needs no map."""
    upgrade, connection, host = route.upgrade, route.connection, route.host_kept
    if route.vendor is not Vendor.NGINX or not upgrade or upgrade.origin is not Origin.DEFAULT:
        return None
    lines = ["proxy_set_header Upgrade $http_upgrade;"]
    if connection is not None and connection.origin is Origin.DEFAULT:
        lines.append("proxy_set_header Connection $http_connection;")
    own = any(setting and setting.origin is Origin.SET for setting in (connection, host))
    return fix.insert(upgrade.place, tuple(lines), safe=own)


RULE = Rule(
    code="LB101",
    name="upgrade-header-not-forwarded",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY),
    subject=Route,
    check=check,
    summary="A WebSocket route drops or never sends the `Upgrade` header.",
    why=(
        "`Upgrade` is a hop-by-hop header: nginx does not pass it on by itself, and HAProxy "
        "passes it unless a rule deletes it. The target sees a plain GET and answers 426, 400 or "
        "a page. Of an nginx file without its `http` block this is a warning: the file that "
        "includes it could set the header."
    ),
    remedy=(
        "nginx: `proxy_set_header Upgrade $http_upgrade;` together with `Connection`, in the "
        "block that has the `proxy_pass`. HAProxy: take the rule away that deletes the header."
    ),
    references=(
        "https://nginx.org/en/docs/http/websocket.html",
        "https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1",
    ),
    fixable="safe",
    proven=(*proven.NGINX, *proven.HAPROXY),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace("/ws/ {", "/ws/ {  # <- here")
            .replace("        proxy_set_header Upgrade $http_upgrade;\n", "")
            .replace("        proxy_set_header Connection $connection_upgrade;\n", ""),
            good=NGINX,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace(
                "    balance leastconn\n",
                "    balance leastconn\n    http-request del-header Upgrade  # <- here\n",
            ),
            good=HAPROXY,
        ),
    ),
)
