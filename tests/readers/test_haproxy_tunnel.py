"""Which of several tunnel timeouts a handshake gets: the last that runs (measured: 2.6, 2.8)."""

import pytest

from lbcheck.model import Declared, Level, Origin, Route
from tests.readers.test_haproxy_resolution import BACK, BASE, FRONT, only, resolve

SET = "    http-request set-timeout tunnel "
LATER = "    http-response set-timeout tunnel "
WS_ONLY = (
    "frontend web\n    bind :80\n    use_backend ws if { path_beg /ws } { hdr(host) a.example }\n"
)


def route(rules: str, front: str = FRONT, paths: tuple[str, ...] = ()) -> Route:
    declared = Declared(websocket_paths=paths)
    return only(resolve(BASE + front + BACK + "    timeout tunnel 2h\n" + rules, declared=declared))


def idle(rules: str, front: str = FRONT, paths: tuple[str, ...] = ()) -> float | None:
    found = route(rules, front, paths)
    assert not found.tunnel_missing
    return found.idle and found.idle.value


def test_set_timeout_tunnel_replaces_the_tunnel_timeout() -> None:
    found = route(SET + "1h if TRUE\n")
    assert found.idle is not None
    assert (found.idle.name, found.idle.value) == ("http-request set-timeout tunnel", 3600.0)
    assert found.belief.level is Level.CERTAIN


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        (SET + "1h\n" + SET + "1s\n", 1.0),
        (SET + "1h\n" + SET + "1s if FALSE\n", 3600.0),
        (SET + "1h\n" + SET + "1s if { hdr(Upgrade) -i websocket }\n", 1.0),
        (SET + "1h if { hdr(Upgrade) -i websocket }\n", 3600.0),
        (SET + "1h\n" + SET + "1s if { hdr(Upgrade) -i h2c }\n", 3600.0),
        (SET + "1h\n" + SET + "1s if { src 10.0.0.0/8 }\n", None),
        (SET + "1h if { src 10.0.0.0/8 }\n", None),
        (SET + "1h if { src 10.0.0.0/8 }\n" + SET + "1s\n", 1.0),
        (SET + "1h\n" + SET + "1h if { src 10.0.0.0/8 }\n", 3600.0),
        (SET + "1h if { path_beg /ws }\n", None),
        (SET + "req.hdr(x-limit)\n", None),
        (SET + "1h\n" + LATER + "1s\n", 1.0),
        (SET + "1h\n" + LATER + "1s if { status 101 }\n", 1.0),
        (SET + "1h\n" + LATER + "1s if { status 200 }\n", 3600.0),
        ("    http-request allow\n" + SET + "1s\n", 7200.0),
        ("    http-request allow if { path_beg /health }\n" + SET + "1s\n", None),
        ("    http-request allow if FALSE\n" + SET + "1s\n", 1.0),
        ("    .if defined(FAST)\n" + SET + "1s\n    .endif\n", None),
    ],
)
def test_the_last_one_that_provably_runs_counts(rules: str, value: float | None) -> None:
    assert idle(rules) == value


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("{ path_beg /ws }", 1.0),
        ("{ hdr(host) a.example }", 1.0),
        ("{ path_beg /ws/chat }", None),
        ("{ path_beg /api }", 7200.0),
        ("{ hdr(host) b.example }", None),
        ("unless { path_beg /ws }", 7200.0),
    ],
)
def test_the_way_that_led_there_decides_conditions(condition: str, value: float | None) -> None:
    word = "" if condition.startswith("unless") else "if "
    assert idle(f"{SET}1s {word}{condition}\n", WS_ONLY) == value


@pytest.mark.parametrize(
    ("condition", "value"), [("{ path_beg /ws }", 1.0), ("{ path_beg /api }", 7200.0)]
)
def test_a_declared_path_decides_conditions(condition: str, value: float) -> None:
    assert idle(f"{SET}1s if {condition}\n", paths=("/ws",)) == value


def test_a_path_that_was_changed_decides_nothing() -> None:
    rules = "    http-request set-path /v2 if { path_beg /ws }\n" + SET + "1s if { path_beg /ws }\n"
    assert idle(rules, WS_ONLY) is None


def test_what_is_not_known_to_run_is_kept_for_questions_about_units() -> None:
    found = route(SET + "3600 if { src 10.0.0.0/8 }\n")
    assert found.idle is None
    tunnels = [(t.name, t.value, t.unitless) for t in found.timeouts if t.name.endswith("tunnel")]
    assert tunnels == [
        ("timeout tunnel", 7200.0, False),
        ("http-request set-timeout tunnel", 3.6, True),
    ]


def test_rules_of_a_listen_section_count_for_the_backends_it_leads_to() -> None:
    listen = "listen web\n    bind :80\n" + SET + "1s\n    use_backend ws\n"
    assert idle("", listen) == 1.0
    assert idle(SET + "2s\n", listen) == 2.0


def test_rules_of_defaults_run_first_and_their_allow_ends_all() -> None:
    head = BASE.replace("defaults", "defaults shared") + SET + "1s\n"
    text = head + "backend ws from shared\n    server a 127.0.0.1:1\n"
    found = only(resolve(text))
    assert found.idle is not None
    assert (found.idle.value, found.idle.origin) == (1.0, Origin.INHERITED)
    own = only(resolve(text + SET + "2s\n")).idle
    assert own is not None
    assert own.value == 2.0
    ended = only(resolve(text.replace(SET, "    http-request allow\n" + SET) + SET + "2s\n"))
    assert ended.idle is None
