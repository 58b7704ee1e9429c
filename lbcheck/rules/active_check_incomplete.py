"""LB221: an active health check that lacks a part of what it needs."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.pool_examples import HEAD, NGINX_LOCATION, NGINX_UPSTREAM

_EFFECTS = {
    "uri": "it asks `/`, which no WebSocket library answers with 2xx or 3xx",
    "zone": "without a `zone` in the upstream it has nowhere to keep what it learns",
    "mandatory": "a server counts as healthy until its first check",
    "essential": "a server counts as healthy until its first check",
    "type=http": "it only connects, which a hung or draining server lets it do",
}
_REMARKS = frozenset({"mandatory", "essential"})


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    gaps = pool.check.gaps
    if not gaps:
        return
    lacking = ", ".join(f"`{gap}`" for gap in gaps)
    yield Problem(
        pool.check.place,
        f"the active check of `{pool.name}` lacks {lacking}: "
        + "; ".join(dict.fromkeys(_EFFECTS[gap] for gap in gaps)),
        severity=Severity.INFO if _REMARKS.issuperset(gaps) else None,
        related=(Note(pool.place, "these servers are checked"),),
    )


_GOOD = (
    HEAD
    + NGINX_UPSTREAM
    + NGINX_LOCATION.replace(
        "        proxy_connect",
        "        health_check uri=/readyz mandatory;\n        proxy_connect",
    )
    + "}\n"
)

RULE = Rule(
    code="LB221",
    name="active-check-incomplete",
    severity=Severity.WARNING,
    vendors=(Vendor.NGINX,),
    subject=Pool,
    check=check,
    summary="An active check of NGINX Plus, Angie or Tengine lacks a part of what it needs.",
    why=(
        "By their documentation `health_check` and `upstream_probe` ask `/` and take 2xx and 3xx "
        "for healthy, need a `zone`, and take a server for healthy before they have asked it "
        "(`mandatory`, `essential`); Tengine's `check` connects only unless it says `type=http`."
    ),
    remedy=(
        "`zone` in the upstream, and `health_check uri=/readyz mandatory;` (Angie: "
        "`upstream_probe ready uri=/readyz essential;`, Tengine: `check ... type=http;`)."
    ),
    references=(
        "https://nginx.org/en/docs/http/ngx_http_upstream_hc_module.html",
        "https://en.angie.software/angie/docs/configuration/modules/http/http_upstream_probe/",
        "https://tengine.taobao.org/document/http_upstream_check.html",
    ),
    examples=(
        Example(
            Vendor.NGINX,
            profile="extends: default\nversions: {nginx_edition: plus}\n",
            bad=_GOOD.replace(
                "health_check uri=/readyz mandatory;", "health_check mandatory;  # <- here"
            ),
            good=_GOOD,
            edition="plus",
        ),
    ),
)
