"""LB423: two colours of a deployment get new sockets at once."""

from __future__ import annotations

from collections.abc import Iterator

from lbcheck.finding import Note, Problem, Severity
from lbcheck.model import Forward, Route, Vendor
from lbcheck.profile import Profile
from lbcheck.rule import Example, Rule
from lbcheck.rules.example_parts import LISTENER
from lbcheck.rules.pool_examples import AWS_WEIGHTED, at

_COLOURS = frozenset({"blue", "green"})


def check(route: Route, profile: Profile) -> Iterator[Problem]:
    """A canary has two groups as well: only names that say blue and green are told."""
    loaded = [forward for forward in route.forwards if forward.weight and forward.weight.value]
    coloured = [forward for forward in loaded if _colour(forward)]
    if {_colour(forward) for forward in coloured} == _COLOURS:
        first, second = coloured[0], coloured[1]
        assert first.weight is not None
        yield Problem(
            first.weight.place,
            f"`{first.pool.name}` and `{second.pool.name}` get new WebSockets at once: a swap "
            "between them has begun and not ended",
            related=(Note(second.weight.place, "the other"),) if second.weight else (),
        )
    sticky = route.pool_stickiness
    if sticky is not None and sticky.value:
        yield from _held(route)


def _held(route: Route) -> Iterator[Problem]:
    for forward in route.forwards:
        if forward.weight is not None and forward.weight.value == 0:
            yield Problem(
                forward.weight.place,
                f"`{forward.pool.name}` has weight 0 and may still get the WebSockets of clients "
                "that were there before: stickiness between the groups is on",
                severity=Severity.INFO,
            )


def _colour(forward: Forward) -> str | None:
    words = set(forward.pool.name.lower().replace("_", "-").split("-")) & _COLOURS
    return words.pop() if len(words) == 1 else None


_COLOURED = AWS_WEIGHTED.replace("chat-ws-next", "chat-ws-green").replace(
    "chat-ws/", "chat-ws-blue/"
)
_COLOURED = _COLOURED.replace('"chat-ws"', '"chat-ws-blue"')
_STICKY = AWS_WEIGHTED.replace('"Weight": 1}', '"Weight": 0}').replace(
    '"ForwardConfig": {"TargetGroups": [',
    '"ForwardConfig": {"TargetGroupStickinessConfig": {"Enabled": true}, "TargetGroups": [',
)
_SHARES = ("Rules", LISTENER, 0, "Actions", 0, "ForwardConfig", "TargetGroups")

RULE = Rule(
    code="LB423",
    name="blue-green-mid-swap",
    severity=Severity.WARNING,
    vendors=(Vendor.AWS,),
    subject=Route,
    check=check,
    summary="A swap between two groups has not ended: both get new sockets.",
    why=(
        "While blue and green both have a weight, a client that reconnects may land on either. "
        "When the old colour is stopped, it closes sockets that it has only just taken. Stickiness "
        "between the groups leads clients back to a group that new ones do not get any more."
    ),
    remedy=(
        "Finish the swap: weight 0 for the old group, wait for its sockets, then stop it. Switch "
        "stickiness between the groups off where a client may change its group."
    ),
    references=(
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html#forward-actions",
    ),
    examples=(
        Example(
            Vendor.AWS,
            bad=_COLOURED,
            good=_COLOURED.replace('"Weight": 3', '"Weight": 0'),
            here=(at(*_SHARES, 0, "Weight"),),
        ),
        Example(
            Vendor.AWS,
            bad=_STICKY,
            good=_STICKY.replace('"Enabled": true', '"Enabled": false'),
            here=(at(*_SHARES, 1, "Weight"),),
        ),
    ),
)
