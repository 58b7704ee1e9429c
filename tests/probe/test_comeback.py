"""When clients come back: delays, codes and answers after which they stay away."""

import pytest

from lbcheck.probe.comeback import Comeback, Manner, comeback
from lbcheck.probe.frames import End, How
from lbcheck.probe.handshake import Answer, Failure
from lbcheck.profile import Client


def longest(manner: Comeback, failed: int) -> float:
    return manner.delay_s(failed, lambda: 1.0)


def test_delays_grow_up_to_the_cap_and_are_anything_below() -> None:
    grown = Comeback(base_s=1, factor=2, cap_s=5)
    assert [longest(grown, failed) for failed in (0, 1, 2, 3, 50)] == [1, 2, 4, 5, 5]
    assert grown.delay_s(2, lambda: 0.25) == 1.0
    assert grown.delay_s(0, lambda: 0.0) == 0.0


def test_who_comes_back_at_once_waits_for_nothing() -> None:
    assert longest(Comeback(Manner.AT_ONCE), 3) == 0.0


def test_no_profile_makes_a_delay_that_cannot_be_waited_for() -> None:
    assert longest(Comeback(base_s=1e300, factor=1e300, cap_s=30), 1000) == 30


def test_the_profile_says_how_the_usual_client_comes_back() -> None:
    said = Client(base_s=0.5, factor=3, cap_s=9, max_attempts=4, fatal_codes=(1011,))
    made = comeback(said, Manner.HEALTH)
    assert made == Comeback(Manner.HEALTH, 0.5, 3, 9, 4, (1011,))
    assert not made.after(End(How.CLOSE_FRAME, 1011))
    assert made.after(End(How.CLOSE_FRAME, 1001))
    assert made.after(End(How.FIN))


def test_what_the_profile_leaves_out_is_the_advice_of_the_rfc() -> None:
    assert comeback(Client(), Manner.BACKOFF) == Comeback(Manner.BACKOFF, 1, 2, 30, 1000, (), True)
    assert not comeback(Client(auto_reconnect=False), Manner.BACKOFF).automatic


@pytest.mark.parametrize(
    ("answer", "later"),
    [
        (Answer(503), True),
        (Answer(502), True),
        (Answer(429), True),
        (Answer(404), False),
        (Answer(200), False),
        (Answer(301), False),
        (Answer(None, failure=Failure("connect")), True),
    ],
)
def test_a_refusal_means_later_or_never(answer: Answer, later: bool) -> None:
    assert Comeback().again(answer) is later
