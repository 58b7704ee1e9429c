"""LB112: the target's URL has a scheme that the proxy does not know."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Fix, Problem, Severity
from lbcheck.fix import replace
from lbcheck.model import Route, Setting, Span, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import NGINX

_MEANT = {"ws": "http", "wss": "https"}


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    scheme = route.unknown_scheme
    if scheme is None or scheme.value not in _MEANT:
        return
    yield Problem(
        scheme.place,
        f"`{scheme.name}` does not know `{scheme.value}://`: nginx refuses to start, or answers "
        "500 where the URL comes from a variable",
        fix=_fix(scheme),
    )


def _fix(scheme: Setting[str]) -> Fix | None:
    place = scheme.place
    if not isinstance(place, Span):
        return None
    words = (place.source.text or "")[place.start : place.end]
    if f"{scheme.value}://" not in words:
        return None
    meant = words.replace(f"{scheme.value}://", f"{_MEANT[scheme.value]}://", 1)
    return replace(place, meant.removesuffix(";"), safe=True)


RULE = Rule(
    code="LB112",
    name="websocket-scheme-in-target-url",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX,),
    subject=Route,
    check=check,
    summary="The target of `proxy_pass` is written as `ws://` or `wss://`.",
    why=(
        "To nginx a WebSocket is an HTTP request that is upgraded, so that the target is `http://` "
        "or `https://`. `nginx -t` refuses `proxy_pass ws://...` (`invalid URL prefix`); where the "
        "URL comes from a variable it accepts it, and every handshake gets 500."
    ),
    remedy="Write `http://` for `ws://` and `https://` for `wss://`.",
    references=("https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass",),
    examples=(
        Example(
            Vendor.NGINX,
            bad=NGINX.replace(
                "proxy_pass http://127.0.0.1:9000;",
                "set $target 127.0.0.1:9000;\n        proxy_pass ws://$target;  # <- here",
            ),
            good=NGINX.replace(
                "proxy_pass http://127.0.0.1:9000;",
                "set $target 127.0.0.1:9000;\n        proxy_pass http://$target;",
            ),
        ),
    ),
    proven=proven.NGINX,
    fixable="safe",
)
