"""LB103: the handshake goes to the target as HTTP/1.0, which has no upgrade."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck import fix
from lbcheck.finding import Fix, Problem, Severity
from lbcheck.model import Origin, Route, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import NGINX, WHOLE_NGINX


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    for forward in route.forwards:
        version = forward.http_version
        if version is None or version.value != "1.0":
            continue
        when = f", the default of {version.assumed}" if version.assumed else ""
        yield Problem(
            version.place,
            f"requests go to the target as HTTP/1.0{when}: it cannot upgrade, and the handshake "
            "fails with 400, 426 or 505",
            severity=Severity.WARNING if version.assumed else None,
            notes=(_WHICH,) if version.assumed else (),
            fix=_fix(version),
            default=version.origin is Origin.DEFAULT,
        )


_WHICH = "the version that runs decides: say it with --param nginx.version=1.26"


def _fix(version: Setting[str]) -> Fix | None:
    """Safe: 1.1 is what nginx itself sends by default since 1.29.7."""
    line = "proxy_http_version 1.1"
    if version.origin is Origin.DEFAULT:
        return fix.insert(version.place, (f"{line};",), safe=True)
    return fix.replace(version.place, line, safe=True, description=f"{line};")


RULE = Rule(
    code="LB103",
    name="http10-upstream",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="nginx speaks HTTP/1.0 to the target of a WebSocket route.",
    why=(
        "HTTP/1.0 has no `Upgrade`. nginx used it by default until 1.29.7 (March 2026); where the "
        "version that will run is not known, this is a warning that names it."
    ),
    remedy="Write `proxy_http_version 1.1;`, or declare the nginx version in the profile.",
    references=(
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_http_version",
        "https://nginx.org/en/CHANGES",
    ),
    fixable="safe",
    proven=proven.NGINX,
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace("proxy_http_version 1.1;", "proxy_http_version 1.0;  # <- here"),
            good=NGINX,
        ),
        Example(
            Vendor.NGINX,
            bad=WHOLE_NGINX.replace("        proxy_http_version 1.1;\n", "").replace(
                "/ws/ {", "/ws/ {  # <- here"
            ),
            good=WHOLE_NGINX,
        ),
    ),
)
