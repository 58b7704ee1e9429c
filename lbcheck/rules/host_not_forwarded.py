"""LB114: the target sees its own name as Host, and origin checks refuse the browser."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck import fix
from lbcheck.finding import Fix, Note, Problem, Severity
from lbcheck.model import Effect, Origin, Route, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import NGINX
from lbcheck.rules.without_effect import explains_headers, records


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """A warning where the profile says that origins are checked, else a remark: many servers and
    some projects' own recommended configurations do without."""
    host, upgrade = route.host_kept, route.upgrade
    if host is None or host.value or profile.handshake.checks_origin is False:
        return
    if explains_headers(route) or (upgrade is not None and upgrade.value == ""):
        return  # the handshake fails before an origin is checked: LB101 and its kin
    lost = next(iter(records(route, Effect.HOST_REPLACED)), None)
    what = f"`{lost.setting.name}` is lost here: {lost.reason}; " if lost else ""
    yield Problem(
        host.place,
        f"{what}the target sees its own address as `Host`: a server that compares it with "
        "`Origin` answers browsers with 403",
        severity=None if profile.handshake.checks_origin else Severity.INFO,
        related=(Note(lost.setting.place, "this is what is lost"),) if lost else (),
        fix=_fix(route, host),
        default=host.origin is Origin.DEFAULT,
    )


def _fix(route: Route, host: Setting[bool]) -> Fix | None:
    """Safe only where the block sets headers already: the first own one drops the inherited."""
    line = "proxy_set_header Host $host"
    if host.origin is not Origin.DEFAULT:
        return fix.replace(host.place, line, description=f"{line};")
    own = route.upgrade is not None and route.upgrade.origin is Origin.SET
    return fix.insert(host.place, (f"{line};",), safe=own)


RULE = Rule(
    code="LB114",
    name="host-not-forwarded",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="nginx sends the target's own name as `Host`.",
    why=(
        "Many WebSocket servers accept a handshake only if `Origin` and `Host` agree. By default "
        "nginx sends `$proxy_host`, the name in `proxy_pass`, which no browser's `Origin` ever "
        "is."
    ),
    remedy="Write `proxy_set_header Host $host;` beside the handshake headers.",
    references=("https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_set_header",),
    fixable="safe",
    proven=proven.NGINX,
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace("        proxy_set_header Host $host;\n", "").replace(
                "/ws/ {", "/ws/ {  # <- here"
            ),
            good=NGINX,
        ),
    ),
)
