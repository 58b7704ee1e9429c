"""LB105: one header of its own makes an inner block lose the handshake headers of the outer one."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck import fix
from lbcheck.finding import Fix, Note, Problem, Severity
from lbcheck.model import Effect, Ineffective, Place, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.without_effect import records


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Told where the inner block sets its own header; at the block where an include does it."""
    for record in records(route, Effect.HEADERS_REPLACED):
        place = record.cause or route.place
        related = [Note(record.setting.place, "this is what is lost")]
        if place.source is not route.place.source:
            related.append(Note(place, "set in a file that the block includes"))
            place = route.place
        yield Problem(
            place,
            f"`{record.setting.name}` is lost here: {record.reason}",
            related=tuple(related),
            fix=_fix(route, record, place),
        )


def _fix(route: Route, record: Ineffective, place: Place) -> Fix | None:
    """Safe: a block that sets a header already loses nothing by two more."""
    if place is not record.cause:
        return None
    lines = []
    if route.upgrade is None or not route.upgrade.value:
        lines.append("proxy_set_header Upgrade $http_upgrade;")
    if route.connection is None or "upgrade" not in (route.connection.value or ""):
        lines.append("proxy_set_header Connection $http_connection;")
    return fix.insert(place, tuple(lines), safe=True)


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
        proxy_pass http://127.0.0.1:9000;
    }
}
"""

RULE = Rule(
    code="LB105",
    name="inherited-headers-dropped",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="An inner block sets one header and so loses the inherited `Upgrade` and `Connection`.",
    why=(
        "nginx inherits `proxy_set_header` all or nothing: a location (or a file it includes) "
        "that sets any header keeps none of those of the server or http block."
    ),
    remedy="Repeat `Upgrade` and `Connection` in the block that sets headers of its own.",
    references=(
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",
        "https://nginx.org/en/docs/http/websocket.html",
    ),
    fixable="safe",
    proven=proven.NGINX,
    examples=(
        Example(
            Vendor.NGINX,
            bad=_GOOD.replace(
                "/ws/ {\n", "/ws/ {\n        proxy_set_header X-Real-IP $remote_addr;  # <- here\n"
            ),
            good=_GOOD,
        ),
    ),
)
