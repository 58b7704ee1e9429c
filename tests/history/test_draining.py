"""Draining that does not end (LB422): several runs see what one cannot."""

import pathlib

import pytest

from lbcheck.rules.example_parts import AWS
from tests.history.conftest import QUARTER, Report

DRAINING = AWS.replace('"State": "healthy"', '"State": "draining"', 1)
HOUR = 3600


@pytest.fixture
def state(home: pathlib.Path) -> pathlib.Path:
    return home / "conf/state.json"


def told(report: Report, at: float) -> list[str]:
    return [line for line in report(at=at).lines if "LB422" in line]


def test_two_runs_see_a_target_drain_beyond_its_delay(state: pathlib.Path, report: Report) -> None:
    state.write_text(DRAINING)
    assert told(report, 0) == []
    assert told(report, 100) == []  # the delay is 120 s
    second = report(at=QUARTER)
    assert second.lines == ["new warning[LB422]"]
    assert (
        "`10.0.1.11:8080` has been draining for at least 900s, and "
        "`deregistration_delay.timeout_seconds` gives it 120s" in second.out
    )
    assert report(at=2 * QUARTER).out == ""
    state.write_text(AWS)
    assert told(report, 3 * QUARTER) == ["fixed warning[LB422]"]


def test_a_target_that_was_back_in_between_begins_anew(state: pathlib.Path, report: Report) -> None:
    for at, text in enumerate([DRAINING, AWS, DRAINING]):
        state.write_text(text)
        assert told(report, at * QUARTER) == []


@pytest.mark.parametrize("step", [24 * HOUR, -HOUR])
def test_what_nobody_looked_at_for_long_or_by_a_wrong_clock_is_not_known(
    state: pathlib.Path, report: Report, step: float
) -> None:
    state.write_text(DRAINING)
    assert told(report, 0) == []
    assert told(report, step) == []


def test_a_target_that_cannot_be_asked_for_is_not_seen(state: pathlib.Path, report: Report) -> None:
    state.write_text(DRAINING)
    assert told(report, 0) == []
    for at in range(1, 6):
        state.write_text("{")
        assert report(at=at * QUARTER).code == 3
    state.write_text(DRAINING)
    assert told(report, 6 * QUARTER) == []
