"""Reasons of unhealthy targets name the exact fault of the health check."""

from __future__ import annotations

import pytest

from lbcheck.model import Origin, Setting, Source, Span, State, Target
from lbcheck.rules.check_reason import explained

PLACE = Span(Source("state.json", "aws", ""), 0, 0)
WEIGHT = Setting("Weight", 1, Origin.DEFAULT, PLACE)
MISMATCH = "Target.ResponseCodeMismatch: Health checks failed with these codes: "


def target(reason: str, state: State = State.UNHEALTHY) -> Target:
    return Target("10.0.0.1:80", "10.0.0.1:80", PLACE, WEIGHT, state=state, reason=reason)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            f"{MISMATCH}[426]",
            "the check is answered 426: the check asks a WebSocket endpoint without upgrading;"
            " ask a health path instead",
        ),
        (
            f"{MISMATCH}[404, 503]",
            "the check is answered 404: the health path does not exist on the target, or not for"
            " the Host that the check sends",
        ),
        (
            f"{MISMATCH}[302]",
            "the check is answered 302: the health path redirects; ask where it leads to",
        ),
        (
            "Target.Timeout: Request timed out",
            "Target.Timeout: nothing answers in time: the port, a security group, or a hung"
            " process",
        ),
    ],
)
def test_a_reason_is_explained(reason: str, said: str) -> None:
    assert explained([target(reason), target(reason)]) == (said,)


@pytest.mark.parametrize("reason", ["", "Elb.InternalError", f"{MISMATCH}[999]", f"{MISMATCH}[x]"])
def test_what_says_nothing_exact_is_left_alone(reason: str) -> None:
    assert explained([target(reason)]) == ()


def test_only_unhealthy_targets_are_explained() -> None:
    assert explained([target("Target.Timeout", State.DRAINING)]) == ()
