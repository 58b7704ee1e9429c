"""LB111: a statement changes a handshake header or the 101 status on its way."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck import fix
from lbcheck.finding import Problem, Severity
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY, NGINX


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    if not route.alterations:
        return
    told = {header.place for header in (route.upgrade, route.connection) if header}  # LB101, LB102
    for alteration in route.alterations:
        setting = alteration.setting
        if setting.place not in told:
            changed = f" changes `{alteration.header}`" if alteration.header else ""
            yield Problem(
                setting.place,
                f"`{setting.name}`{changed}: {alteration.effect}",
                fix=fix.delete(setting.place),
            )


RULE = Rule(
    code="LB111",
    name="handshake-header-altered",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX, Vendor.HAPROXY),
    subject=Route,
    check=check,
    summary="A `Sec-WebSocket-*`, `Upgrade` or `Connection` header or the status is changed.",
    why=(
        "The client checks the 101 answer byte for byte: without `Upgrade`, `Connection` or the "
        "`Sec-WebSocket-Accept` that belongs to its key it closes the connection."
    ),
    remedy="Leave the handshake alone: delete the statement, or restrict it to other requests.",
    references=(
        "https://www.rfc-editor.org/rfc/rfc6455#section-4.1",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_hide_header",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-http-request%20del-header",
    ),
    fixable="unsafe",
    proven=(*proven.NGINX, *proven.HAPROXY),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace(
                "        proxy_read",
                "        proxy_hide_header Upgrade;  # <- here\n        proxy_read",
            ),
            good=NGINX,
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace(
                "    balance leastconn\n",
                "    balance leastconn\n    http-request del-header Sec-WebSocket-Key  # <- here\n",
            ),
            good=HAPROXY,
        ),
    ),
)
