"""LB504: a balance method that does not fit connections which stay."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Fix, Problem, Severity
from lbcheck.fix import insert, replace
from lbcheck.model import Churn, Level, Pool, Setting, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND

_MESSAGES = {
    Churn.HASH: "without `hash-type consistent` moves most clients to another target whenever one "
    "comes or goes",
    Churn.TURNS: "gives a target that was away no more new WebSockets than the full ones, which "
    "keep theirs; `leastconn` evens it out",
}


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """With two targets a hash has no choice, and turns matter where WebSockets are certain."""
    churn = pool.churn
    if churn is None or len(pool.usable) < (3 if churn.value is Churn.HASH else 2):
        return
    if churn.value is Churn.HASH or pool.belief.level is Level.CERTAIN:
        yield Problem(
            churn.place, f"`{churn.name}` {_MESSAGES[churn.value]}", fix=_fix(pool, churn)
        )


def _fix(pool: Pool, churn: Setting[Churn]) -> Fix | None:
    if churn.value is Churn.HASH:
        return insert(pool.place, ("hash-type consistent",))
    return replace(churn.place, "balance leastconn")


_THREE = HAPROXY_BACKEND + "    server c 127.0.0.1:9003 check\n"
_HASHED = _THREE.replace("backend ws_chat\n", "backend ws_chat\n    balance hdr(X-User)\n")
_TUNNEL = HAPROXY_BACKEND.replace(
    "backend ws_chat\n", "backend ws_chat\n    balance leastconn\n    timeout tunnel 30m\n"
)

RULE = Rule(
    code="LB504",
    name="rebalance-churn",
    severity=Severity.INFO,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="Clients change their target without need, or targets stay empty for long.",
    why=(
        "A map-based hash, HAProxy's default, is made anew when a server comes or goes: with one "
        "of five servers gone all 24 clients of the others came back to another one, with "
        "`hash-type consistent` none did. Turns count handshakes and not sockets: a server that "
        "had been away got 3 of 12, with `leastconn` 6."
    ),
    remedy=(
        "Write `hash-type consistent` beside the hash, and `balance leastconn` where no hash is "
        "needed."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#4.2-hash-type",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-balance",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY + _HASHED.replace("hdr(X-User)", "hdr(X-User)  # <- here"),
            good=HAPROXY + _HASHED.replace("hdr(X-User)", "hdr(X-User)\n    hash-type consistent"),
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY + _TUNNEL.replace("leastconn", "roundrobin  # <- here"),
            good=HAPROXY + _TUNNEL,
        ),
    ),
    proven=proven.HAPROXY,
    fixable="unsafe",
)
