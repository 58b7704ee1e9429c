"""What the LB2xx rules say about hand-built pools, and what they keep silent about."""

from typing import Any

import pytest
from msgspec.structs import replace

from lbcheck.finding import Problem, Severity
from lbcheck.model import (
    CheckKind,
    Effect,
    HealthCheck,
    Ineffective,
    Origin,
    Pool,
    Setting,
    State,
    StatusSet,
    Vendor,
)
from lbcheck.profile import Health, Profile, WebSocket
from lbcheck.rules import BY_CODE
from tests.rules.hand_built import Text

TEXT = Text("option httpchk\nserver a\nserver b\n", Vendor.HAPROXY)


def say(code: str, pool: Pool, profile: Profile | None = None) -> list[Problem]:
    check = BY_CODE[code].check
    assert check is not None
    return list(check(pool, profile or Profile()))


def setting(value: Any, origin: Origin = Origin.SET) -> Setting[Any]:
    return TEXT.set("httpchk", value, origin=origin)


def checked(kind: CheckKind = CheckKind.HTTP, *, targets: int = 2, **fields: Any) -> Pool:
    return replace(TEXT.pool(targets), check=HealthCheck(kind, TEXT.at("option httpchk"), **fields))


def unchecked(targets: int, **fields: Any) -> Pool:
    pool = checked(CheckKind.NONE, targets=targets)
    each = tuple(replace(target, checked=False, **fields) for target in pool.targets)
    return replace(pool, targets=each)


def test_several_unchecked_targets_are_an_error_and_a_single_one_a_warning() -> None:
    assert [problem.severity for problem in say("LB201", unchecked(2))] == [Severity.ERROR]
    assert [problem.severity for problem in say("LB201", unchecked(1))] == [Severity.WARNING]


@pytest.mark.parametrize(
    "pool",
    [
        unchecked(2, state=State.DOWN),
        unchecked(2, unreadable=True),
        unchecked(1, address="unix@/run/next-hop.sock"),
        checked(CheckKind.PASSIVE),
        checked(CheckKind.OTHER),
    ],
)
def test_a_target_that_needs_no_check_or_is_not_known_is_passed_over(pool: Pool) -> None:
    assert say("LB201", pool) == []


def test_a_check_without_effect_is_said_once() -> None:
    lost = Ineffective(Effect.CHECK_INEFFECTIVE, setting(None), "no server has `check`")
    pool = replace(unchecked(2), ineffective=(lost,))
    assert say("LB201", pool) == []
    assert [problem.message for problem in say("LB202", pool)] == [
        "`httpchk` has no effect: no server has `check`"
    ]
    only_connects = replace(checked(CheckKind.CONNECT), ineffective=(lost,))
    assert say("LB204", only_connects) == []


def test_a_connect_check_in_mode_tcp_is_right() -> None:
    pool = checked(CheckKind.CONNECT)
    assert len(say("LB204", pool)) == 1
    assert say("LB204", replace(pool, mode="tcp")) == []


@pytest.mark.parametrize(
    ("path", "reported"),
    [
        ("/ws", True),
        ("/rt", True),
        ("/socket.io/?EIO=4&transport=polling", False),
        ("/ws/health", False),
        ("/news", False),
        ("/wss", False),
    ],
)
def test_a_plain_check_of_the_websocket_path_is_told_by_its_words(
    path: str, reported: bool
) -> None:
    profile = Profile(websocket=WebSocket(paths=("/rt/*",)), health=Health(allow_paths=("/wss",)))
    assert bool(say("LB205", checked(path=setting(path)), profile)) is reported


def test_a_check_that_takes_the_refusal_for_healthy_takes_nothing_out() -> None:
    lax = setting(StatusSet(((200, 499),), "200-499"))
    pool = checked(path=setting("/ws"), accepts=lax)
    assert say("LB205", pool) == []
    assert len(say("LB207", pool)) == 1


@pytest.mark.parametrize(
    ("ranges", "severity"),
    [
        (((200, 399),), None),
        (((200, 499),), Severity.WARNING),
        (((426, 426),), Severity.WARNING),
        (((200, 599),), Severity.ERROR),
    ],
)
def test_accepting_the_draining_status_is_an_error_and_any_4xx_a_warning(
    ranges: tuple[tuple[int, int], ...], severity: Severity | None
) -> None:
    problems = say("LB207", checked(accepts=setting(StatusSet(ranges, "it"))))
    assert [problem.severity for problem in problems] == ([severity] if severity else [])


def test_grpc_codes_are_no_http_statuses() -> None:
    assert say("LB208", checked(accepts=setting(StatusSet(((0, 99),), "0-99")))) == []
    assert len(say("LB208", checked(accepts=setting(StatusSet(((101, 101),), "101"))))) == 1


def test_101_without_an_upgrade_is_an_incomplete_handshake() -> None:
    pool = checked(accepts=setting(StatusSet(((101, 101),), "101")))
    assert [problem.message for problem in say("LB206", pool)] == [
        "the handshake check of `chat` lacks `Connection: Upgrade`, `Upgrade: websocket`: "
        "it fails on healthy targets, and all are taken out"
    ]


@pytest.mark.parametrize(
    ("vendor", "interval", "origin", "severities"),
    [
        (Vendor.HAPROXY, 20.0, Origin.SET, [None]),
        (Vendor.HAPROXY, 20.0, Origin.DEFAULT, []),
        (Vendor.AWS, 20.0, Origin.SET, [Severity.INFO]),
        (Vendor.AWS, 60.0, Origin.SET, [None]),
        (Vendor.HAPROXY, 2.0, Origin.SET, []),
    ],
)
def test_slow_detection_is_what_somebody_chose(
    vendor: Vendor, interval: float, origin: Origin, severities: list[Severity | None]
) -> None:
    pool = checked(interval=setting(interval, origin), fall=setting(3, Origin.DEFAULT))
    problems = say("LB210", replace(pool, vendor=vendor))
    assert [problem.severity for problem in problems] == severities


@pytest.mark.parametrize(
    ("method", "path", "severities"),
    [
        (("OPTIONS", Origin.DEFAULT), ("/", Origin.DEFAULT), [None]),
        (("OPTIONS", Origin.DEFAULT), ("/ready", Origin.SET), [None]),
        (("GET", Origin.SET), ("/", Origin.SET), [Severity.INFO]),
        (("GET", Origin.SET), ("/ready", Origin.SET), []),
    ],
)
def test_a_default_request_is_a_warning_and_a_chosen_one_is_not(
    method: tuple[str, Origin], path: tuple[str, Origin], severities: list[Severity | None]
) -> None:
    pool = checked(method=setting(*method), path=setting(*path))
    assert [problem.severity for problem in say("LB218", pool)] == severities
    allowed = Profile(health=Health(path="/", allow_paths=("/ready",)))
    assert say("LB218", pool, allowed) == []


@pytest.mark.parametrize(
    ("version", "fields", "said"),
    [
        ("1.1", {}, 1),
        ("1.0", {}, 0),
        ("1.1", {"host": setting("chat.example")}, 0),
        ("1.1", {"accepts": setting(StatusSet(((200, 499),), "200-499"))}, 0),
        ("1.1", {"kind": CheckKind.HANDSHAKE, "handshake_lacks": ("Upgrade: websocket",)}, 0),
        ("1.1", {"kind": CheckKind.CONNECT}, 0),
    ],
)
def test_a_check_in_http_1_1_names_a_host(
    version: str, fields: dict[str, object], said: int
) -> None:
    assert len(say("LB222", checked(version=setting(version), **fields))) == said
