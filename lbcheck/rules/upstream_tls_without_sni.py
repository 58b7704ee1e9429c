"""LB506: TLS to a target that is not told by which name it is called."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.fix import insert
from lbcheck.model import Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import NGINX


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    name = route.name_untold
    if name is not None:
        yield Problem(
            name.place,
            f"TLS to `{name.value}` without that name (SNI): a server of several names refuses it, "
            "and every handshake gets 502",
            fix=insert(route.place, ("proxy_ssl_server_name on;",), safe=True),
        )


_HEAD = "worker_shutdown_timeout 30m;\nevents {}\nhttp {\n    resolver 127.0.0.1;\n"
_GOOD = (
    _HEAD
    + NGINX.replace(
        "proxy_pass http://127.0.0.1:9000;",
        "proxy_ssl_server_name on;\n"
        "        set $host_there chat.example:9000;\n"
        "        proxy_pass https://$host_there;",
    )
    + "}\n"
)

RULE = Rule(
    code="LB506",
    name="upstream-tls-without-sni",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="TLS to a target by its name, and the name is not sent (`proxy_ssl_server_name off`).",
    why=(
        "By default nginx does not say in TLS which host it wants. A server that serves several "
        "names (an ingress, a content network, most hosted services) answers with `unrecognized "
        "name` or with the certificate of another, and nginx with 502."
    ),
    remedy="Set `proxy_ssl_server_name on;` beside `proxy_pass https://...`.",
    references=("https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_server_name",),
    examples=(
        Example(
            Vendor.NGINX,
            bad=_GOOD.replace("        proxy_ssl_server_name on;\n", "").replace(
                "https://$host_there;", "https://$host_there;  # <- here"
            ),
            good=_GOOD,
        ),
    ),
    proven=proven.NGINX,
    fixable="safe",
)
