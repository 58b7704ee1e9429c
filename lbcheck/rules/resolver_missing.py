"""LB419: a variable target that nothing can resolve."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Pool, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import NGINX
from lbcheck.rules.pool_examples import HEAD


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    missing = pool.resolver_missing
    if missing is not None:
        yield Problem(
            missing.place,
            f"`{missing.value}` is resolved for each request, and there is no `resolver`: every "
            "handshake gets 502",
        )


_ADDRESS = "        proxy_pass http://127.0.0.1:9000;\n"
_NAME = (
    "        set $chat chat.internal.example;\n        proxy_pass http://$chat:9000;  # <- here\n"
)
_VARIABLE = HEAD + NGINX.replace(_ADDRESS, _NAME) + "}\n"

RULE = Rule(
    code="LB419",
    name="resolver-missing",
    severity=Severity.ERROR,
    vendors=(Vendor.NGINX,),
    subject=Pool,
    check=check,
    summary="`proxy_pass` holds a variable and no `resolver` is in scope.",
    why=(
        "With a variable nginx looks the name up at run time and needs a `resolver` for it. "
        "`nginx -t` passes; each "
        "request is answered with 502 and `no resolver defined` in the error log. A variable that "
        "holds the name of "
        "an `upstream` needs none."
    ),
    remedy="Add `resolver ADDRESS valid=10s;` to the server or the http block.",
    references=("https://nginx.org/en/docs/http/ngx_http_core_module.html#resolver",),
    examples=(
        Example(
            Vendor.NGINX,
            bad=_VARIABLE,
            good=_VARIABLE.replace("  # <- here", "").replace(
                "    location", "    resolver 127.0.0.1 valid=10s;\n    location"
            ),
        ),
    ),
    proven=proven.NGINX,
)
