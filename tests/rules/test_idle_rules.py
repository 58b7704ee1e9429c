"""LB3xx against hand-built routes: one fault, one finding, at the line a person looks at."""

import math

import pytest
from msgspec.structs import replace

from lbcheck.finding import Problem, Severity
from lbcheck.model import (
    Belief,
    Effect,
    Forward,
    Ineffective,
    Level,
    Origin,
    Route,
    Setting,
    Vendor,
)
from lbcheck.profile import Heartbeat, Idle, Profile, WebSocket
from lbcheck.rules import BY_CODE
from tests.rules.hand_built import Text

IDLE_RULES = [code for code in BY_CODE if code.startswith("LB3")]
UNDECLARED = Profile()
SILENT = Profile(heartbeat=Heartbeat(sender="none"))
SOCKETIO = Profile(heartbeat=Heartbeat("server", "data", interval_s=25, timeout_s=20))

NGINX = Text("""\
server {
    proxy_read_timeout 300s;
    location /ws {
        proxy_read_timeout 10s;
    }
}
""")
HAPROXY = Text(
    """\
defaults
    timeout client 50s
    timeout tunnel 3600
backend ws
    server a 10.0.0.1:80
""",
    Vendor.HAPROXY,
)
ALB = Text("idle_timeout.timeout_seconds", Vendor.AWS)


def told(route: Route, profile: Profile) -> list[tuple[str, Problem]]:
    found = []
    for code in IDLE_RULES:
        rule = BY_CODE[code]
        if rule.check is not None and route.vendor in rule.vendors:
            found += [(code, problem) for problem in rule.check(route, profile)]
    return found


def codes(route: Route, profile: Profile) -> list[tuple[str, Severity | None]]:
    return [(code, problem.severity) for code, problem in told(route, profile)]


def nginx(value: float, origin: Origin = Origin.SET, targets: int = 1) -> Route:
    words = {Origin.SET: "proxy_read_timeout 10s;", Origin.INHERITED: "proxy_read_timeout 300s;"}
    place = NGINX.at(words.get(origin, "location /ws {"))
    idle = Setting("proxy_read_timeout", value, origin, place)
    forwards = (Forward(NGINX.pool(targets)),)
    return NGINX.route("location /ws {", idle=idle, forwards=forwards)


W = Severity.WARNING


@pytest.mark.parametrize(
    ("value", "origin", "profile", "wanted"),
    [
        (25, Origin.SET, SOCKETIO, [("LB301", None)]),
        (49, Origin.SET, SOCKETIO, [("LB301", W)]),
        (55, Origin.SET, SOCKETIO, []),
        (60, Origin.DEFAULT, SOCKETIO, []),
        (30, Origin.SET, UNDECLARED, [("LB301", W)]),
        (31, Origin.SET, UNDECLARED, []),
        (60, Origin.DEFAULT, UNDECLARED, [("LB302", None)]),
        (60, Origin.SET, UNDECLARED, []),
        (300, Origin.INHERITED, UNDECLARED, []),
        (300, Origin.INHERITED, SILENT, [("LB301", W)]),
        (600, Origin.INHERITED, SILENT, []),
        (60, Origin.SET, SILENT, []),
        (59, Origin.SET, SILENT, [("LB301", W)]),
        (60, Origin.DEFAULT, SILENT, [("LB302", None)]),
        (0, Origin.SET, SOCKETIO, [("LB305", None)]),
        (0, Origin.SET, UNDECLARED, [("LB305", None)]),
        (350, Origin.DEFAULT, UNDECLARED, []),
        (86400, Origin.SET, UNDECLARED, []),
        (86401, Origin.SET, UNDECLARED, []),
    ],
)
def test_what_is_said_about_one_idle_timeout(
    value: float, origin: Origin, profile: Profile, wanted: list[tuple[str, Severity | None]]
) -> None:
    assert codes(nginx(value, origin), profile) == wanted


def test_an_inherited_timeout_is_told_at_the_location_that_inherits_it() -> None:
    ((_, problem),) = told(nginx(300, Origin.INHERITED), SILENT)
    assert problem.place == NGINX.at("location /ws {")
    assert [note.place for note in problem.related] == [NGINX.at("proxy_read_timeout 300s;")]


def test_where_the_profile_names_paths_only_those_are_judged_by_an_inherited_timeout() -> None:
    named = Profile(websocket=WebSocket(paths=("/ws",)))
    other, silent = nginx(300, Origin.INHERITED), replace(named, heartbeat=SILENT.heartbeat)
    declared = replace(other, belief=Belief(Level.CERTAIN, "the profile says so", declared=True))
    assert codes(other, named) == codes(other, silent) == []
    assert codes(declared, named) == codes(declared, silent) == [("LB301", W)]


def test_the_mended_timeout_is_the_next_full_minute_that_survives_a_lost_ping() -> None:
    ((_, problem),) = told(nginx(10), SOCKETIO)
    assert problem.fix is not None
    assert problem.fix.safe
    (edit,) = problem.fix.edits
    assert (edit.start, edit.end) == (
        NGINX.at("proxy_read_timeout 10s").start,
        NGINX.at("proxy_read_timeout 10s").end,
    )
    assert edit.text == "proxy_read_timeout 60s"


def test_a_long_timeout_hides_hung_targets_only_where_there_is_another_target() -> None:
    assert codes(nginx(86401, targets=2), UNDECLARED) == [("LB307", None)]
    assert codes(nginx(601, targets=2), Profile(idle=Idle(max_s=600))) == [("LB307", None)]


def haproxy(idle: Setting[float], **fields: object) -> Route:
    return HAPROXY.route("backend ws", idle=idle, **fields)


CLIENT = HAPROXY.set("timeout client", 50.0, "timeout client 50s", origin=Origin.INHERITED)
HEARTBEAT_60 = Profile(heartbeat=Heartbeat("server", interval_s=60))
HEARTBEAT_50 = Profile(heartbeat=Heartbeat("server", interval_s=50))
HEARTBEAT_45 = Profile(heartbeat=Heartbeat("server", interval_s=45))
HEARTBEAT_10 = Profile(heartbeat=Heartbeat("server", interval_s=10))


@pytest.mark.parametrize(
    ("profile", "severity"),
    [
        (HEARTBEAT_60, None),
        (HEARTBEAT_50, None),
        (UNDECLARED, None),
        (HEARTBEAT_45, W),
        (Profile(heartbeat=Heartbeat("server", interval_s=23)), W),
    ],
)
def test_a_missing_tunnel_timeout_is_told_where_the_shorter_timeout_stands(
    profile: Profile, severity: Severity | None
) -> None:
    ((code, problem),) = told(haproxy(CLIENT, tunnel_missing=True), profile)
    assert (code, problem.severity) == ("LB303", severity)
    assert problem.place == HAPROXY.at("timeout client 50s")


@pytest.mark.parametrize(
    ("seconds", "profile"), [(50.0, HEARTBEAT_10), (125.0, HEARTBEAT_60), (3600.0, UNDECLARED)]
)
def test_timeouts_that_pings_outlive_or_of_an_hour_need_no_tunnel_timeout(
    seconds: float, profile: Profile
) -> None:
    client = HAPROXY.set("timeout client", seconds, "timeout client 50s")
    assert codes(haproxy(client, tunnel_missing=True), profile) == []


@pytest.mark.parametrize(("seconds", "severity"), [(119.0, None), (120.0, W), (3599.0, W)])
def test_two_minutes_without_tunnel_timeout_are_a_warning_where_nobody_tells_of_pings(
    seconds: float, severity: Severity | None
) -> None:
    client = HAPROXY.set("timeout client", seconds, "timeout client 50s")
    ((code, problem),) = told(haproxy(client, tunnel_missing=True), UNDECLARED)
    assert (code, problem.severity) == ("LB303", severity)


def test_an_hour_without_tunnel_timeout_is_too_short_for_rarer_pings() -> None:
    client = HAPROXY.set("timeout client", 3600.0, "timeout client 50s")
    rare = Profile(heartbeat=Heartbeat("server", interval_s=3600))
    assert codes(haproxy(client, tunnel_missing=True), rare) == [("LB303", None)]


def test_no_timeouts_at_all_are_too_long_and_not_too_short() -> None:
    idle = Setting("timeout client", math.inf, Origin.DEFAULT, HAPROXY.at("backend ws"))
    assert codes(haproxy(idle, tunnel_missing=True), UNDECLARED) == [("LB307", None)]


@pytest.mark.parametrize("profile", [UNDECLARED, SILENT, SOCKETIO])
def test_a_tunnel_timeout_without_unit_is_a_unit_fault_only(profile: Profile) -> None:
    idle = HAPROXY.set("timeout tunnel", 3.6, "timeout tunnel 3600", unitless=True)
    ((code, problem),) = told(haproxy(idle), profile)
    assert code == "LB304"
    assert "3.6s" in problem.message
    assert problem.fix is not None
    assert problem.fix.edits[0].text == "timeout tunnel 3600s"
    assert not problem.fix.safe


@pytest.mark.parametrize("number", [10000, 14400, 50000, 59999])
def test_ten_to_sixty_thousand_are_short_and_nobodys_hours(number: int) -> None:
    idle = HAPROXY.set("timeout tunnel", number / 1000, "timeout tunnel 3600", unitless=True)
    ((code, problem),) = told(haproxy(idle), UNDECLARED)
    assert (code, problem.severity, problem.fix) == ("LB304", W, None)
    assert problem.message == (
        f"`timeout tunnel {number}` is {number / 1000:g}s, which is short for a tunnel: "
        "a number without unit counts milliseconds"
    )


def test_a_declared_heartbeat_judges_ten_to_sixty_thousand() -> None:
    idle = HAPROXY.set("timeout tunnel", 20.0, "timeout tunnel 3600", unitless=True)
    assert codes(haproxy(idle), SOCKETIO) == [("LB301", None)]


@pytest.mark.parametrize(("number", "code"), [(9999, "LB304"), (86400, "LB304"), (60000, "")])
def test_a_number_of_seconds_without_unit_is_called_so(number: int, code: str) -> None:
    idle = HAPROXY.set("timeout tunnel", number / 1000, "timeout tunnel 3600", unitless=True)
    found = [
        (code, f"not {number} seconds" in p.message) for code, p in told(haproxy(idle), SILENT)
    ]
    assert found == ([(code, True)] if code else [])


def test_the_condition_of_a_set_timeout_is_not_edited_away() -> None:
    name = "http-request set-timeout tunnel"
    for more, edits in (("", 1), (" if { path /ws }", 0)):
        text = Text(f"backend ws\n    {name} 3600{more}\n", Vendor.HAPROXY)
        idle = text.set(name, 3.6, f"{name} 3600{more}", unitless=True)
        ((_, problem),) = told(text.route("backend ws", idle=idle), UNDECLARED)
        assert len(problem.fix.edits if problem.fix else ()) == edits


@pytest.mark.parametrize(("value", "wanted"), [(50.0, []), (5.0, []), (0.03, [("LB304", W)])])
def test_milliseconds_are_the_usual_way_to_write_other_timeouts(
    value: float, wanted: list[tuple[str, Severity]]
) -> None:
    tunnel = HAPROXY.set("timeout tunnel", 3600.0, "timeout tunnel 3600")
    client = HAPROXY.set("timeout client", value, "timeout client 50s", unitless=True)
    assert codes(haproxy(tunnel, timeouts=(client,)), UNDECLARED) == wanted


def test_a_tunnel_timeout_of_zero_is_told_once() -> None:
    zero = HAPROXY.set("timeout tunnel", 0.0, "timeout tunnel 3600")
    route = haproxy(CLIENT, tunnel_missing=True, timeouts=(zero,))
    ((code, problem),) = told(route, UNDECLARED)
    assert code == "LB305"
    assert problem.place == zero.place
    assert "50s" in problem.message


def test_an_ignored_tunnel_timeout_is_told_once() -> None:
    ignored = HAPROXY.set("timeout tunnel", 3600.0, "timeout tunnel 3600")
    record = Ineffective(Effect.TIMEOUT_INEFFECTIVE, ignored, "it stands in a frontend")
    route = haproxy(CLIENT, tunnel_missing=True, ineffective=(record,))
    assert codes(route, UNDECLARED) == [("LB306", Severity.ERROR)]


def test_an_inherited_tunnel_timeout_was_meant_for_websockets() -> None:
    five = HAPROXY.set("timeout tunnel", 300.0, origin=Origin.INHERITED)
    assert codes(haproxy(five), SILENT) == []


def test_a_load_balancers_default_is_told_and_a_longer_one_is_not() -> None:
    def alb(value: float) -> Route:
        idle = ALB.set("idle_timeout.timeout_seconds", value, origin=Origin.DEFAULT)
        return ALB.route("idle", idle=idle)

    assert codes(alb(60), UNDECLARED) == [("LB302", None)]
    assert codes(alb(350), UNDECLARED) == []


def test_a_timeout_that_is_too_long_is_told_with_the_limit() -> None:
    ((_, problem),) = told(nginx(86401, targets=2), Profile(idle=Idle(max_s=600)))
    assert "(the default profile allows 600s); it also is" in problem.message
