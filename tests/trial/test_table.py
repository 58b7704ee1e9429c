"""What a probe has to show to confirm or refute a finding: answers, silence, health checks."""

import math

import pytest
from msgspec.structs import replace

from lbcheck.model import Belief, Level, Origin, Route, Setting, Source, Span, Vendor, Visit
from lbcheck.probe.diagnosis import diagnose
from lbcheck.probe.frames import End, How
from lbcheck.probe.handshake import Answer, Failure
from lbcheck.probe.result import CONNECT, Handshake, Ladder, Rung, Seen, Target
from lbcheck.rules import BY_CODE
from lbcheck.trial.looked import Page, Service, Tried
from lbcheck.trial.table import TABLE

PLACE = Span(Source("edge.cfg", "haproxy", "x"), 0, 1)
ROUTE = Route(Vendor.HAPROXY, "frontend[edge]", PLACE, "default", Belief(Level.CERTAIN, "said"))
GOOD = Handshake(Answer(101))


def refused(status: int | None, body: str = "", failure: str | None = None) -> Handshake:
    answer = Answer(status, body=body, failure=Failure(failure) if failure else None)
    return Handshake(answer, diagnosis=diagnose(answer))


def tried(
    handshake: Handshake = GOOD,
    *targets: Target,
    ladder: Ladder | None = None,
    anonymous: bool = True,
) -> Tried:
    service = Service("ws://h/", "ws://h/", Visit("h", 80, "/", False))
    return Tried(service, (ROUTE,), Seen("ws://h/", handshake, targets, ladder), anonymous)


def verdict(code: str, what: Tried, idle_s: float | None = None) -> tuple[str, str]:
    idle = None if idle_s is None else Setting("timeout tunnel", idle_s, Origin.SET, PLACE)
    trial = TABLE[code](replace(ROUTE, idle=idle), what)
    return trial.verdict.value, trial.detail


def target(
    handshake: Handshake, status: int | None, *, passes: bool, asked: str = "GET /"
) -> Target:
    failure = None if status else Failure("connect")
    return Target("t:1", asked, Answer(status, failure=failure), passes, False, handshake)


OWN = "with the `Origin` of the service's own page the handshake is answered"
UPGRADES = ["LB101", "LB102", "LB105", "LB106", "LB110", "LB111"]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (None, ("refuted", "a foreign `Origin` is answered 101: it is compared with nothing")),
        (Page(Answer(101), None), ("refuted", f"{OWN} 101")),
        (Page(Answer(403), None), ("not tried", f"{OWN} 403, which may have another cause")),
        (Page(Answer(403), Answer(403)), ("not tried", f"{OWN} 403, which may have another cause")),
        (
            Page(Answer(403), Answer(101)),
            ("confirmed", f"{OWN} 403, and at a target that is asked by the service's name 101"),
        ),
    ],
)
def test_a_lost_host_is_confirmed_only_where_the_name_alone_makes_the_difference(
    page: Page | None, expected: tuple[str, str]
) -> None:
    assert verdict("LB114", replace(tried(), page=page)) == expected


def test_a_handshake_that_reaches_nobody_is_said_so() -> None:
    nobody = tried(refused(None, failure="connect"))
    assert verdict("LB101", nobody) == (
        "not tried",
        "the handshake reaches nobody: the connection is not taken, which has another cause",
    )  # fmt: skip


def test_of_a_lost_host_nothing_is_known_where_no_handshake_works() -> None:
    told = "the handshake is answered 403"
    assert verdict("LB114", tried(refused(403))) == ("not tried", told)


def test_every_rule_of_the_table_exists_and_is_no_live_one() -> None:
    assert {code for code in TABLE if code not in BY_CODE or code[2] in "79"} == set()


@pytest.mark.parametrize("code", [*UPGRADES, "LB103", "LB104", "LB108", "LB401", "LB402", "LB419"])
def test_a_handshake_that_works_refutes_what_says_that_it_fails(code: str) -> None:
    told = "the handshake was answered 101 with `Upgrade` through this route"
    assert verdict(code, tried()) == ("refuted", told)


@pytest.mark.parametrize("code", UPGRADES)
def test_the_answer_of_a_target_that_saw_no_upgrade_confirms_that_it_was_lost(code: str) -> None:
    assert verdict(code, tried(refused(426))) == ("confirmed", "the handshake is answered 426")


@pytest.mark.parametrize(
    ("code", "status", "body"),
    [
        ("LB103", 505, ""),
        ("LB103", 426, "use HTTP/1.1"),
        ("LB108", 301, ""),
        ("LB118", 401, ""),
        ("LB118", 302, ""),
        ("LB305", 504, ""),
        ("LB401", 503, ""),
        ("LB402", 503, ""),
        ("LB419", 502, ""),
        ("LB104", 502, ""),
    ],
)
def test_each_refusal_confirms_the_rule_that_it_speaks_of(
    code: str, status: int, body: str
) -> None:
    assert verdict(code, tried(refused(status, body))) == (
        "confirmed",
        f"the handshake is answered {status}",
    )


@pytest.mark.parametrize(
    ("code", "status"), [("LB101", 502), ("LB103", 426), ("LB108", 404), ("LB402", 426)]
)
def test_a_refusal_with_another_cause_says_nothing(code: str, status: int) -> None:
    assert verdict(code, tried(refused(status))) == (
        "not tried",
        f"the handshake is answered {status}, which has another cause",
    )


def test_a_404_confirms_a_lost_upgrade_only_where_the_target_itself_answers_101() -> None:
    assert verdict("LB101", tried(refused(404))) == (
        "not tried",
        "the handshake is answered 404, which may have another cause",
    )
    well = target(GOOD, 200, passes=True)
    assert verdict("LB101", tried(refused(404), well)) == (
        "confirmed",
        "the handshake is answered 404, and at the target t:1 itself 101",
    )


def test_a_service_that_nobody_reaches_says_nothing() -> None:
    for code in TABLE:
        assert verdict(code, tried(refused(None, failure="connect")), 2.0)[0] == "not tried", code


def test_a_101_that_clients_refuse_confirms_altered_headers() -> None:
    seen = Handshake(Answer(101), ("the 101 has no `Upgrade: websocket`",))
    assert verdict("LB111", tried(seen)) == ("confirmed", "the 101 has no `Upgrade: websocket`")
    assert verdict("LB103", tried(seen))[0] == "not tried"


def test_credentials_open_a_door_that_others_find_closed() -> None:
    assert verdict("LB118", tried())[0] == "refuted"
    assert verdict("LB118", tried(anonymous=False))[0] == "not tried"


def test_a_timeout_of_zero_is_never_refuted_by_one_good_answer() -> None:
    assert verdict("LB305", tried())[0] == "not tried"


IDLE = ["LB301", "LB302", "LB303", "LB304", "LB306"]


def held(silent: Rung, *others: Rung, direct: Rung | None = None) -> Tried:
    beside = (("t:1", direct),) if direct else ()
    return tried(ladder=Ladder(silent.lasted_s, (silent, *others), beside))


def cut(after_s: float, how: How = How.FIN, ping_s: float | None = None) -> Rung:
    code = 1001 if how is How.CLOSE_FRAME else None
    return Rung(ping_s, end=End(how, code), lasted_s=after_s, silent_s=after_s)


KEPT = Rung(1.0, lasted_s=90, silent_s=1)


@pytest.mark.parametrize("code", IDLE)
def test_a_cut_after_the_very_silence_confirms_an_idle_timeout(code: str) -> None:
    assert verdict(code, held(cut(60.2), KEPT), 60.0) == (
        "confirmed",
        "cut after 60.2s with a bare FIN",
    )


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (
            held(cut(30.0), KEPT),
            ("not tried", "cut after 30s with a bare FIN, before the 60s of this setting"),
        ),
        (
            held(cut(80.0), KEPT),
            ("refuted", "cut after 80s with a bare FIN, and 60s of silence did not end it"),
        ),
        (held(cut(60.0, How.RST), KEPT), ("confirmed", "cut after 60s with a RST")),
        (
            held(cut(60.0, How.CLOSE_FRAME), KEPT),
            ("not tried", "cut after 60s with a close frame (1001) by the target itself"),
        ),
        (
            held(cut(60.0), KEPT, direct=cut(60.0)),
            ("not tried", "cut after 60s with a bare FIN by the target itself"),
        ),
        (held(cut(60.0), KEPT, direct=cut(80.0)), ("confirmed", "cut after 60s with a bare FIN")),
        (
            held(cut(60.0), cut(60.0, ping_s=5.0)),
            ("not tried", "cut after 60s with a bare FIN, but so were those with pings"),
        ),
        (held(Rung(None, lasted_s=90, silent_s=90)), ("refuted", "open after 90s of silence")),
        (
            held(Rung(None, lasted_s=90, silent_s=20, beats=4, beat_s=20.02)),
            ("refuted", "open for 90s: a ping of the service came every 20s"),
        ),
        (
            held(Rung(None, lasted_s=90, silent_s=20)),
            ("refuted", "open for 90s: something of the service came in time"),
        ),
        (
            held(Rung(None, lasted_s=60, silent_s=60)),
            ("not tried", "60s of silence were waited for (--live-idle 62s)"),
        ),
        (
            held(Rung(None, refused=Answer(503))),
            ("not tried", "the handshake is answered 503 the next time"),
        ),
        (tried(), ("not tried", "silence was not waited for (--live-idle 62s)")),
        (
            tried(refused(502)),
            ("not tried", "no WebSocket could be held: the handshake is answered 502"),
        ),
    ],
)
def test_what_a_socket_did_is_the_verdict_on_an_idle_timeout_of_60s(
    what: Tried, expected: tuple[str, str]
) -> None:
    assert verdict("LB301", what, 60.0) == expected


@pytest.mark.parametrize(
    ("mine_s", "expected"),
    [
        (4.0, ("confirmed", "cut after 4s with a bare FIN")),
        (5.0, ("not tried", "cut after 4s with a bare FIN, at the 4s of another hop")),
    ],
)
def test_of_several_hops_a_cut_is_that_of_the_one_with_its_timeout(
    mine_s: float, expected: tuple[str, str]
) -> None:
    hops = [
        replace(ROUTE, idle=Setting("timeout tunnel", idle_s, Origin.SET, PLACE))
        for idle_s in (4.0, 5.0)
    ]
    what = replace(held(cut(4.0), KEPT), routes=tuple(hops))
    assert verdict("LB301", what, mine_s) == expected


@pytest.mark.parametrize("idle_s", [None, 0.0, math.inf])
def test_a_timeout_that_is_none_is_not_tried(idle_s: float | None) -> None:
    assert verdict("LB301", held(cut(60.0)), idle_s)[0] == "not tried"


@pytest.mark.parametrize("code", ["LB205", "LB218"])
def test_a_check_that_working_targets_fail_is_confirmed_and_one_they_pass_refuted(
    code: str,
) -> None:
    assert verdict(code, tried(GOOD, target(GOOD, 426, passes=False))) == (
        "confirmed",
        "at t:1 `GET /` is answered 426, and a handshake is answered 101",
    )
    assert verdict(code, tried(GOOD, target(GOOD, 200, passes=True))) == (
        "refuted",
        "`GET /` is answered 200 at t:1",
    )
    for others in (
        (),
        (target(GOOD, None, passes=False),),
        (target(refused(503), 503, passes=False),),
    ):
        assert verdict(code, tried(GOOD, *others))[0] == "not tried"


def test_a_check_that_a_broken_target_passes_is_confirmed() -> None:
    shallow = target(refused(503), None, passes=True, asked=CONNECT)
    shallow = replace(shallow, check=Answer(503))
    assert verdict("LB204", tried(GOOD, shallow)) == (
        "confirmed",
        "t:1 takes connections, and the handshake is answered 503",
    )
    assert verdict("LB207", tried(GOOD, target(GOOD, 404, passes=True))) == (
        "confirmed",
        "at t:1 `GET /` is answered 404, which passes",
    )
    assert verdict("LB207", tried(GOOD, target(GOOD, 200, passes=True)))[0] == "not tried"
