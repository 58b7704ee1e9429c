"""LB425: a target that was taken out is still led to."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Persistence, Pool, State, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules import proven
from lbcheck.rules.pool_examples import HAPROXY, HAPROXY_BACKEND

_PERSISTING = frozenset({"option persist", "force-persist"})


def check(pool: Pool, profile: Profile) -> Iterator[Problem]:
    """A cookie that leads to weight 0 is LB408; what narrow rules do is meant for operators."""
    chosen, persisting = _ways(pool)
    for target in pool.targets if chosen or persisting else ():
        way = chosen.get(target.name) if target.state is State.DRAINING else None
        if target.state is State.DOWN and target.cookie:
            way = persisting
        if way is not None and not target.unreadable:
            yield Problem(
                target.state_place or target.place,
                f"`{target.reason}` takes `{target.name}` out, but `{way.setting.name}` still "
                "leads new WebSockets to it",
                related=(Note(way.setting.place, "leads there"),),
            )


def _ways(pool: Pool) -> tuple[dict[str, Persistence], Persistence | None]:
    """Weight 0 is reached by `use-server`; a disabled server by a cookie that persists.

    Weight 0 beside a `use-server` with a condition is no leftover: the manual's own example (4.2)
    takes servers that only such a rule chooses out of the balance in this way.
    """
    chosen: dict[str, Persistence] = {}
    persisting = None
    for persistence in pool.persistence:
        if persistence.narrow:
            continue
        if persistence.kind == "use-server":
            name, _, condition = persistence.setting.value.partition(" ")
            if condition not in ("", "if TRUE"):
                continue
            chosen.setdefault(name, persistence)
        elif persistence.kind in _PERSISTING:
            persisting = persistence
    return chosen, persisting


_HEAD = "backend ws_chat\n    cookie NODE insert indirect nocache\n"
_COOKIE = (
    HAPROXY_BACKEND.replace("backend ws_chat\n", _HEAD)
    .replace("9001 check", "9001 check cookie a")
    .replace("9002 check", "9002 check cookie b")
)

RULE = Rule(
    code="LB425",
    name="leftover-drained-target",
    severity=Severity.WARNING,
    vendors=(Vendor.HAPROXY,),
    subject=Pool,
    check=check,
    summary="A server of weight 0 or a disabled one was left behind, and is still reachable.",
    why=(
        "`use-server` does not look at weights: all handshakes went to the server of weight 0. A "
        "`disabled` server is passed over, but not with `option persist` or `force-persist`: "
        "clients with its cookie were sent to it, four of four."
    ),
    remedy=(
        "Remove the server, or what leads to it; a `use-server` with a condition is not concerned: "
        "weight 0 then keeps a server out of the balance that the rule alone chooses."
    ),
    references=(
        "https://docs.haproxy.org/2.8/configuration.html#5.2-weight",
        "https://docs.haproxy.org/2.8/configuration.html#5.2-disabled",
        "https://docs.haproxy.org/2.8/configuration.html#4.2-use-server",
    ),
    examples=(
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + HAPROXY_BACKEND.replace("9001 check", "9001 check weight 0  # <- here")
            + "    use-server a if TRUE\n",
            good=HAPROXY + HAPROXY_BACKEND + "    use-server a if TRUE\n",
        ),
        Example(
            Vendor.HAPROXY,
            bad=HAPROXY
            + _COOKIE.replace("cookie a", "cookie a disabled  # <- here")
            + "    option persist\n",
            good=HAPROXY + _COOKIE.replace("cookie a", "cookie a disabled"),
        ),
    ),
    proven=proven.HAPROXY,
)
