"""A drain rehearsal as values: what follows from who was sent away where and when."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from lbcheck.model import Pointer, Source
from lbcheck.probe import drained
from lbcheck.probe.comeback import Manner
from lbcheck.probe.frames import End, How
from lbcheck.probe.rehearsal import Attempt, Ran, Rehearsal
from lbcheck.reporters import probe_drain

FIN, AWAY = End(How.FIN), End(How.CLOSE_FRAME, 1001)
PLACE = Pointer(Source("ws://h/", "live", None), (), "drain rehearsal")


def held(client: int, node: str | None, **more: object) -> Attempt:
    return Attempt(client, 0.0, 101, node=node, **more)  # type: ignore[arg-type]


def back(client: int, node: str | None, at_s: float, **more: object) -> Attempt:
    return Attempt(client, at_s, 101, node=node, opened_s=at_s, **more)  # type: ignore[arg-type]


def seen(*attempts: Attempt, named: bool = True, **more: object) -> Rehearsal:
    clients = len({attempt.client for attempt in attempts})
    given = {"window_s": 60.0, "clients": clients, "manner": Manner.BACKOFF, **more}
    return Rehearsal(attempts=attempts, named=named, **given)  # type: ignore[arg-type]


def told(rehearsal: Rehearsal) -> list[tuple[str, str]]:
    return [(code, problem.message) for code, problem in drained.problems(rehearsal, PLACE)]


WELL = seen(
    held(0, "a", end=AWAY, ended_s=1.0),
    back(0, "b", 1.4),
    held(1, "b"),
    held(2, "a", end=AWAY, ended_s=1.0),
    back(2, "b", 3.0),
)


def test_clients_that_come_back_elsewhere_are_well() -> None:
    assert told(WELL) == []
    assert WELL.gaps == [pytest.approx(0.4), pytest.approx(2.0)]
    assert (WELL.landings, WELL.away, WELL.peak) == ([], [], 1)
    assert WELL.ends == {AWAY: 2}
    assert list(drained.advice(WELL)) == ["Nobody landed on an instance that was leaving."]


def test_a_landing_is_a_return_to_who_sent_clients_away_and_does_it_again() -> None:
    again = seen(
        held(0, "a", end=AWAY, ended_s=1.0),
        back(0, "a", 1.5, end=AWAY, ended_s=1.7),
        back(0, "b", 2.0),
    )
    assert told(again) == [(
        "LB706",
        "1 of 2 attempts to come back landed on an instance that was leaving (`a`), and were sent "
        "away again",
    )]  # fmt: skip
    assert again.gaps == [pytest.approx(1.0)]


def test_an_instance_that_has_come_back_is_no_landing() -> None:
    restarted = seen(held(0, "a", end=AWAY, ended_s=1.0), back(0, "a", 20.0))
    assert (restarted.landings, [each.node for each in restarted.stayed]) == ([], ["a"])
    assert told(restarted) == []


def test_who_left_before_an_instance_began_to_drain_was_not_led_to_a_leaving_one() -> None:
    rolling = seen(
        held(0, "a", end=AWAY, ended_s=1.0),
        back(0, "b", 2.0, end=AWAY, ended_s=30.0),
        back(0, "a", 31.0),
    )
    assert told(rolling) == []
    assert rolling.gaps == [1.0, 1.0]


def test_without_names_nobody_is_said_to_land_anywhere() -> None:
    unnamed = seen(
        held(0, None, end=AWAY, ended_s=1.0), back(0, None, 1.5, end=AWAY, ended_s=2.0),
        back(0, None, 3.0), named=False,
    )  # fmt: skip
    assert told(unnamed) == []
    assert "--instance-header" in next(drained.advice(unnamed))


def test_ends_without_a_close_frame_are_told() -> None:
    cut = seen(held(0, "a", end=FIN, ended_s=1.0), back(0, "b", 2.0), held(1, "b"))
    assert told(cut) == [(
        "LB707",
        "1 of 1 WebSockets that ended had no close frame (a bare FIN: 1): clients see 1006 and "
        "cannot tell a planned end from a failure",
    )]  # fmt: skip


def test_clients_without_a_websocket_at_the_end_are_told_with_the_reason() -> None:
    gone = seen(
        held(0, "a", end=End(How.CLOSE_FRAME, 1011), ended_s=1.0),
        held(1, "a", end=AWAY, ended_s=1.0), Attempt(1, 2.0, 503, opened_s=2.1),
        held(2, "b"),
    )  # fmt: skip
    assert told(gone) == [
        (
            "LB712",
            "2 of 3 clients have no WebSocket at the end: after a close frame (1011): 1, "
            "answered 503: 1",
        ),
        (
            "LB701",
            "1 of 1 attempts to come back were not answered 101 (503: 1): the balancer can try "
            "them at another target (`lbcheck explain LB410`)",
        ),
    ]


def test_who_gave_up_stays_away_and_who_was_on_the_way_is_not_known() -> None:
    on_the_way = seen(held(0, "a", end=AWAY, ended_s=55.0), held(1, "b"))
    assert told(on_the_way) == []
    assert list(drained.troubles(on_the_way)) == [
        "1 clients were on their way back at the end: hold for longer"
    ]
    gave_up = seen(held(0, "a", end=AWAY, ended_s=55.0, final=True), held(1, "b"))
    assert [code for code, _ in told(gave_up)] == ["LB712"]
    assert list(drained.troubles(gave_up)) == []
    tired = seen(held(0, "a", end=AWAY, ended_s=50.0), held(1, "b"))
    assert [code for code, _ in told(tired)] == ["LB712"]


def test_the_herd_is_the_most_attempts_within_100_ms() -> None:
    times = (1.0, 1.05, 1.09, 1.2, 1.21)
    herd = seen(*(each for number, at_s in enumerate(times)
                  for each in (held(number, "a", end=AWAY, ended_s=1.0), back(number, "b", at_s))),
                manner=Manner.AT_ONCE)  # fmt: skip
    assert herd.peak == 3
    assert next(drained.advice(herd)).startswith(
        "Coming back at once makes a herd: 3 attempts within 100 ms."
    )


def test_a_health_endpoint_that_said_yes_before_a_landing_did_not_protect() -> None:
    fooled = seen(
        held(0, "a", end=AWAY, ended_s=1.0),
        back(0, "a", 1.5, end=AWAY, ended_s=2.0, healthy=True),
        Attempt(0, 2.5, "health", healthy=False),
        back(0, "b", 3.0, healthy=True),
        manner=Manner.HEALTH,
    )
    assert next(drained.advice(fooled)).startswith(
        "Asking the health endpoint first did not protect: 1 times it said yes"
    )
    assert fooled.refusals == {}
    assert fooled.health == (3, 1)


@pytest.mark.parametrize(
    ("rehearsal", "expected"),
    [
        (WELL, []),
        (seen(held(0, "a")), ["no WebSocket ended in 60s: the drain was not seen"]),
        (
            seen(held(0, None), back(0, None, 2.0), named=True),
            [
                "no WebSocket ended in 60s: the drain was not seen",
                "no 101 says which instance it is from: landings are not known",
            ],
        ),
        (
            seen(Attempt(0, 0.0, 503), held(1, "a", end=AWAY, ended_s=1.0)),
            ["only 1 of 2 WebSockets were opened (503: 1)"],
        ),
        (
            seen(
                held(0, "a", end=AWAY, ended_s=1.0),
                held(1, "a", end=AWAY, ended_s=3.0),
                began_s=2.0,
            ),
            ["1 WebSockets ended before the drain began, for another reason"],
        ),
        (
            seen(held(0, "a", end=AWAY, ended_s=1.0), ran=Ran("kubectl", 1)),
            ["the drain command `kubectl` failed with exit code 1"],
        ),
        (
            seen(held(0, "a", end=AWAY, ended_s=1.0), ran=Ran("kubectl", None)),
            ["the drain command `kubectl` was still running at the end"],
        ),
    ],
)
def test_a_rehearsal_that_proves_nothing_is_incomplete(
    rehearsal: Rehearsal, expected: list[str]
) -> None:
    assert list(drained.troubles(rehearsal)) == expected


def test_clients_that_do_not_come_back_by_themselves_are_named() -> None:
    *_, last = drained.advice(replace(WELL, automatic=False))
    assert last.startswith("The profile says that its clients do not come back by themselves")


def test_the_parts_of_the_gaps_are_those_that_were_seen() -> None:
    ways = [(held(gap, "a", end=AWAY, ended_s=0.0), back(gap, "b", gap)) for gap in range(1, 21)]
    many = seen(*(attempt for way in ways for attempt in way))
    assert (many.gap(0.5), many.gap(0.95), many.gap(1.0)) == (10, 19, 20)
    assert seen(held(0, "a")).gap(0.5) is None


TIMES = st.floats(0, 60)
ATTEMPTS = st.builds(
    Attempt,
    client=st.integers(0, 3),
    at_s=TIMES,
    said=st.sampled_from([101, 200, 503, "timeout", "health"]),
    healthy=st.sampled_from([None, True, False]),
    node=st.sampled_from([None, "a", "b", "\x1b[31m"]),
    opened_s=TIMES,
    end=st.sampled_from([None, FIN, AWAY, End(How.GARBAGE, reason="x")]),
    ended_s=TIMES,
    final=st.booleans(),
)


@given(st.lists(ATTEMPTS, max_size=12), st.sampled_from(Manner), st.booleans())
def test_whatever_happened_it_is_told(attempts: list[Attempt], manner: Manner, named: bool) -> None:
    rehearsal = seen(*attempts, manner=manner, named=named)
    assert len(rehearsal.landings) + len(rehearsal.stayed) <= len(rehearsal.returns)
    assert rehearsal.peak <= len(rehearsal.returns)
    assert len(rehearsal.away) <= len(rehearsal.ways)
    assert all(isinstance(each, str) for each in drained.troubles(rehearsal))
    assert {code for code, _ in told(rehearsal)} <= {"LB701", "LB706", "LB707", "LB712"}
    assert all(len(row) == 3 for row in probe_drain.drain_rows(rehearsal))
    assert json.loads(json.dumps(probe_drain.drain(rehearsal), allow_nan=False))
