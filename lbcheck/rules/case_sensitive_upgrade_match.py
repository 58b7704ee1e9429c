"""LB115: an ACL on `Upgrade` misses clients that write it in another case."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Problem, Severity
from lbcheck.model import Effect, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.example_parts import HAPROXY
from lbcheck.rules.without_effect import records


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    for record in records(route, Effect.CASE_SENSITIVE):
        yield Problem(record.setting.place, f"`{record.setting.name}`: {record.reason}")


RULE = Rule(
    code="LB115",
    name="case-sensitive-upgrade-match",
    severity=Severity.ERROR,
    vendors=(Vendor.HAPROXY,),
    subject=Route,
    check=check,
    summary="An ACL compares `Upgrade` or `Connection` with regard to case.",
    why=(
        "RFC 6455 makes both values case-insensitive. Browsers send `websocket`, other clients "
        "`WebSocket`; those the ACL misses go to the default backend."
    ),
    remedy="Add `-i`: `acl is_ws hdr(Upgrade) -i websocket`.",
    references=(
        "https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1",
        "https://docs.haproxy.org/2.8/configuration.html#7.1",
    ),
    proven=proven.HAPROXY,
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY.replace(
                "    use_backend ws if { path_beg /ws }\n",
                "    acl is_ws hdr(Upgrade) WebSocket  # <- here\n    use_backend ws if is_ws\n",
            ),
            good=HAPROXY.replace(
                "    use_backend ws if { path_beg /ws }\n",
                "    acl is_ws hdr(Upgrade) -i WebSocket\n    use_backend ws if is_ws\n",
            ),
        ),
    ),
)
