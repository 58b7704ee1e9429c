"""LB105: one header of its own makes an inner block lose the handshake headers of the outer one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lbcheck import fix
from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Effect, Ineffective, Route, Span, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.without_effect import records


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """Told where the inner block sets its own header; at the block where an include does it."""
    lost = records(route, Effect.HEADERS_REPLACED)
    if not lost:
        return
    place = lost[0].cause or route.place
    related = [Note(lost[0].setting.place, "this is what is lost")]
    again = _repeated(lost)
    mending = fix.after(place, again, safe=True)
    if place.source is not route.place.source:
        related.append(Note(place, "set in a file that the block includes"))
        place, mending = route.place, fix.insert(route.place, again)
    yield Problem(
        place,
        f"`{lost[0].setting.name}` is lost here: {lost[0].reason}",
        related=tuple(related),
        fix=mending,
    )


def _repeated(lost: Sequence[Ineffective]) -> tuple[str, ...]:
    """What is lost, once more. Beside what drops it that is safe: a block that sets a header
    already loses nothing by two more. Where an include does it, the include may stand further out,
    and the block then loses what comes from there."""
    places = [record.setting.place for record in lost]
    said = [p.source.text[p.start : p.end] for p in places if isinstance(p, Span) and p.source.text]
    return tuple(f"{words.rstrip(';')};" for words in said)


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
