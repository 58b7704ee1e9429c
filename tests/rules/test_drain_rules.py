"""What the LB4xx and LB501 rules say about hand-built routes and pools, and their silence."""

import math
from typing import Any

import pytest
from msgspec.structs import replace

from lbcheck.finding import Problem, Severity
from lbcheck.model import (
    Belief,
    CheckKind,
    Forward,
    HealthCheck,
    Level,
    Origin,
    Persistence,
    Pool,
    Resolution,
    Setting,
    State,
    Target,
    Topology,
    Vendor,
)
from lbcheck.profile import Drain, Profile, Stickiness, WebSocket
from lbcheck.rules import BY_CODE
from tests.rules.hand_built import CERTAIN, Text

TEXT = Text("location /ws {\n    the setting\n}\n")
DECLARED = Profile(drain=Drain(time_s=40.0))


def say(code: str, subject: Any, profile: Profile | None = None) -> list[Problem]:
    check = BY_CODE[code].check
    assert check is not None
    return list(check(subject, profile or Profile()))


def setting(value: Any, origin: Origin = Origin.SET) -> Setting[Any]:
    return TEXT.set("the setting", value, origin=origin)


def pool(*states: State, **fields: Any) -> Pool:
    plain = TEXT.pool(len(states))
    targets = zip(plain.targets, states, strict=True)
    each = tuple(replace(target, state=state) for target, state in targets)
    return replace(plain, targets=each, **fields)


def route(*pools: Pool, weights: tuple[int, ...] = (), **fields: Any) -> Any:
    given = [setting(weight) for weight in weights] or [None] * len(pools)
    forwards = (Forward(p, weight=w) for p, w in zip(pools, given, strict=True))
    return TEXT.route("location /ws {", forwards=tuple(forwards), **fields)


UP, LEAVING, SICK = State.HEALTHY, State.DRAINING, State.UNHEALTHY


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ((LEAVING, State.DOWN), "LB401"),
        ((State.UNUSED,), "LB402"),
        ((), "LB402"),
        ((SICK, LEAVING), "LB403"),
        ((UP, LEAVING), None),
        ((State.INITIAL, LEAVING), None),
        ((State.UNKNOWN, SICK), None),
    ],
)
def test_a_dead_pool_has_exactly_one_cause(states: tuple[State, ...], code: str | None) -> None:
    there = route(pool(*states))
    said = [each for each in ("LB401", "LB402", "LB403", "LB405") if say(each, there)]
    assert said == ([code] if code else [])


def test_a_pool_that_is_filled_from_outside_is_not_called_empty() -> None:
    assert say("LB402", route(pool(complete=False))) == []
    named = replace(pool(State.DOWN).targets[0], unreadable=True)
    assert say("LB401", route(replace(pool(), targets=(named,)))) == []


def test_a_dead_pool_beside_a_live_one_is_told_by_its_share() -> None:
    there = route(pool(UP), pool(LEAVING), weights=(3, 1))
    assert [problem.message for problem in say("LB405", there)] == [
        "25% of new WebSockets go to `chat`, which has only targets that are draining or down"
    ]
    assert say("LB401", there) == []
    assert say("LB405", route(pool(UP), pool(LEAVING), weights=(1, 0))) == []


@pytest.mark.parametrize(
    ("kind", "narrow", "count"),
    [("cookie", False, 1), ("stick-table", False, 1), ("source", False, 0), ("cookie", True, 0)],
)
def test_only_persistence_that_ignores_the_weight_leads_to_a_draining_target(
    kind: str, narrow: bool, count: int
) -> None:
    kept = (Persistence(kind, setting("NODE"), narrow),)
    assert len(say("LB408", pool(UP, LEAVING, persistence=kept))) == count
    assert say("LB408", pool(UP, UP, persistence=kept)) == []


@pytest.mark.parametrize(
    ("kind", "moved", "severity"),
    [
        ("cookie", False, Severity.ERROR),
        ("cookie", True, Severity.WARNING),
        ("option persist", True, Severity.WARNING),
        ("force-persist", True, None),
    ],
)
def test_redispatch_softens_persistence_to_a_dead_target(
    kind: str, moved: bool, severity: Severity | None
) -> None:
    kept = (Persistence(kind, setting("NODE")),)
    blind = pool(UP, UP, persistence=kept, redispatch=setting(moved))
    blind = replace(blind, targets=tuple(replace(t, checked=False) for t in blind.targets))
    assert [problem.severity for problem in say("LB409", blind)] == [severity]


def test_persistence_to_checked_targets_is_right() -> None:
    assert say("LB409", pool(UP, UP, persistence=(Persistence("cookie", setting("N")),))) == []


@pytest.mark.parametrize(
    ("profile", "origin", "severities"),
    [
        (Profile(), Origin.DEFAULT, [Severity.INFO]),
        (Profile(), Origin.INHERITED, [Severity.INFO]),
        (DECLARED, Origin.DEFAULT, [Severity.WARNING]),
    ],
)
def test_a_retry_without_503_is_a_warning_where_somebody_drains(
    profile: Profile, origin: Origin, severities: list[Severity]
) -> None:
    there = route(pool(UP, UP), retries_503=setting(False, origin))
    assert [problem.severity for problem in say("LB410", there, profile)] == severities


@pytest.mark.parametrize(
    ("vendor", "origin", "cause"),
    [
        (Vendor.NGINX, Origin.SET, "`retry` hands the 503 of a draining target to the client,"),
        (
            Vendor.NGINX,
            Origin.DEFAULT,
            "`retry`, left at its default, hands the 503 of a draining target to the client,",
        ),
        (Vendor.HAPROXY, Origin.SET, "`retry` hands the 503 of a draining target to the client,"),
        (
            Vendor.HAPROXY,
            Origin.DEFAULT,
            "no `retry-on 503` is in force: the 503 of a draining target goes to the client,",
        ),
    ],
)
def test_a_retry_that_nobody_wrote_is_not_blamed(
    vendor: Vendor, origin: Origin, cause: str
) -> None:
    retry = Setting("retry", False, origin, TEXT.at("the setting"))
    there = replace(route(pool(UP, UP), retries_503=retry), vendor=vendor)
    (problem,) = say("LB410", there)
    share = "and its share of new WebSockets fails while other targets are free"
    assert problem.message == f"{cause} {share}"


def test_a_retry_that_stays_at_its_target_names_what_would_move_it() -> None:
    retry = Setting("option redispatch", False, Origin.SET, TEXT.at("the setting"))
    (problem,) = say(
        "LB410", replace(route(pool(UP, UP), retries_503=retry), vendor=Vendor.HAPROXY)
    )
    assert problem.message == (
        "without `option redispatch` the 503 of a draining target is tried at the same one, "
        "and its share of new WebSockets fails while other targets are free"
    )


def test_a_retry_is_not_missed_with_one_target_an_http_check_or_no_retry_at_all() -> None:
    off = setting(False)
    asked = HealthCheck(CheckKind.HTTP, TEXT.at("the setting"))
    assert say("LB410", route(pool(UP), retries_503=off)) == []
    assert say("LB410", route(pool(UP, UP, check=asked), retries_503=off)) == []
    assert say("LB410", route(pool(UP, UP), retries_503=off, retries=off)) == []
    assert len(say("LB214", route(pool(UP, UP), retries=off))) == 1
    assert say("LB214", route(pool(UP), retries=off)) == []


@pytest.mark.parametrize(
    ("seconds", "profile", "severities"),
    [
        (0.0, Profile(), [None]),
        (20.0, Profile(), [Severity.WARNING]),
        (30.0, Profile(), []),
        (30.0, DECLARED, [Severity.WARNING]),
        (40.0, DECLARED, []),
        (0.0, Profile(drain=Drain(time_s=0.0)), []),
    ],
)
def test_the_drain_time_is_compared_with_what_the_service_needs(
    seconds: float, profile: Profile, severities: list[Severity | None]
) -> None:
    problems = say("LB412", pool(UP, drain_time=setting(seconds)), profile)
    assert [problem.severity for problem in problems] == severities


@pytest.mark.parametrize(
    ("vendor", "belief", "mode", "profile", "severity"),
    [
        (Vendor.NGINX, CERTAIN, "http", DECLARED, Severity.WARNING),
        (Vendor.NGINX, CERTAIN, "http", None, Severity.INFO),
        (Vendor.HAPROXY, CERTAIN, "http", None, Severity.WARNING),
        (Vendor.HAPROXY, CERTAIN, "tcp", None, Severity.INFO),
        (Vendor.HAPROXY, Belief(Level.LIKELY, ""), "http", None, Severity.INFO),
    ],
)
def test_a_drain_without_end_is_a_warning_where_sockets_surely_stay(
    vendor: Vendor, belief: Belief, mode: str, profile: Profile | None, severity: Severity
) -> None:
    endless = pool(UP, drain_time=setting(math.inf), belief=belief, mode=mode)
    endless = replace(endless, vendor=vendor)
    profile = profile or Profile(websocket=WebSocket(paths=("/ws",)))
    assert [problem.severity for problem in say("LB413", endless, profile)] == [severity]


@pytest.mark.parametrize(
    ("address", "level", "severity"),
    [
        ("http://edge-1.eu-west-1.elb.amazonaws.com:80", Level.POSSIBLE, Severity.ERROR),
        ("chat.internal:80", Level.LIKELY, Severity.WARNING),
        ("pages.internal:80", Level.POSSIBLE, Severity.INFO),
    ],
)
def test_a_stale_name_is_as_bad_as_what_stands_behind_it(
    address: str, level: Level, severity: Severity
) -> None:
    place = TEXT.at("the setting")
    once = Target("t", address, place, setting(1), resolution=Resolution.ONCE)
    named = replace(pool(), targets=(once,), belief=Belief(level, ""))
    problems = say("LB418", Topology(pools=(named,)))
    assert [problem.severity for problem in problems] == [severity]


def test_stickiness_is_missed_only_where_it_is_needed_and_there_is_a_choice() -> None:
    needs = Profile(stickiness=Stickiness(need="required"))
    assert len(say("LB501", pool(UP, UP), needs)) == 1
    assert say("LB501", pool(UP, UP)) == []
    assert say("LB501", pool(UP, LEAVING), needs) == []
    assert say("LB501", pool(UP, UP, stickiness=setting("source")), needs) == []
