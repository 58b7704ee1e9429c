"""HAProxy backends: targets, health checks as performed, persistence, draining."""

import math

import pytest

from lbcheck.model import (
    CheckKind,
    Declared,
    Effect,
    Origin,
    Place,
    Pool,
    Resolution,
    Source,
    Span,
    State,
)
from lbcheck.sources import haproxy
from lbcheck.sources.files import Files


def pool(backend: str, defaults: str = "", head: str = "") -> Pool:
    text = (
        f"{head}defaults\n    mode http\n{defaults}"
        "frontend web\n    bind :80\n    default_backend ws\nbackend ws\n" + backend
    )
    topology = haproxy.read([[Source("x.cfg", "haproxy", text)]], Files(), Declared())
    (found,) = topology.pools
    return found


def line(place: Place | None) -> str:
    assert isinstance(place, Span)
    assert place.source.text is not None
    return place.source.text[place.start : place.end]


def reasons(found: Pool, effect: Effect) -> list[tuple[str, str]]:
    return [(line(i.setting.place), i.reason) for i in found.ineffective if i.effect is effect]


TWO = "    server a 127.0.0.1:9001 check\n    server b 127.0.0.1:9002 check\n"


def test_a_server_without_check_is_always_taken_for_alive() -> None:
    found = pool("    server a 127.0.0.1:9001\n    server b 127.0.0.1:9002 check\n")
    assert [t.checked for t in found.targets] == [False, True]
    assert line(found.check.place) == "server b 127.0.0.1:9002 check"


def test_default_server_acts_on_later_lines_and_no_check_takes_it_back() -> None:
    found = pool(
        "    server a 127.0.0.1:1\n    default-server check\n    server b 127.0.0.1:2\n"
        "    server c 127.0.0.1:3 no-check\n"
    )
    assert [t.checked for t in found.targets] == [False, True, False]
    assert found.ineffective == ()


def test_default_server_below_all_servers_does_nothing() -> None:
    found = pool("    server a 127.0.0.1:1\n    default-server check inter 2s\n")
    assert reasons(found, Effect.CHECK_INEFFECTIVE) == [
        (
            "default-server check inter 2s",
            "it acts on later lines only, and no server stands below it",
        )
    ]
    assert found.check.kind is CheckKind.NONE


def test_default_server_is_inherited_from_defaults() -> None:
    found = pool("    server a 127.0.0.1:1\n", "    default-server check inter 7s fall 2\n")
    assert found.targets[0].checked
    assert found.check.interval is not None
    assert (found.check.interval.value, found.check.interval.origin) == (7.0, Origin.INHERITED)
    assert line(found.check.interval.place) == "default-server check inter 7s fall 2"
    assert found.check.detection_s == 14.0


def test_fastinter_shortens_detection() -> None:
    found = pool("    server a 127.0.0.1:1 check inter 10s fall 3 fastinter 1s\n")
    assert found.check.detection_s == 12.0


FILE = "    server-state-file /s\n"
LOAD = "load-server-state-from-file"
NAME = "server-state-file-name"
NOT_HANDED_DOWN = "`defaults` hand it down to no backend, and `ws` looks for a file of its own name"


@pytest.mark.parametrize(
    ("head", "defaults", "backend", "lost"),
    [
        (f"global\n{FILE}", f"    {LOAD} global\n", "", []),
        (f"global\n{FILE}", "", "", [("server-state-file /s", f"no proxy has `{LOAD}`")]),
        (
            f"global\n{FILE}listen other\n    stats enable\n    {LOAD} local\n",
            "",
            "",
            [("server-state-file /s", f"`ws`, unlike others, has no `{LOAD}`")],
        ),
        (
            "global\n    maxconn 9\n",
            f"    {LOAD} global\n",
            "",
            [(f"{LOAD} global", "`global` has no `server-state-file`")],
        ),
        (f"global\n{FILE}", "", f"    {LOAD} none\n", []),
        ("global\n    maxconn 9\n", f"    {LOAD} global\n", f"    {LOAD} local\n", []),
        ("global\n    maxconn 9\n", "", f"    {LOAD} local\n", []),
        (
            "global\n    maxconn 9\n",
            f"    {LOAD} local\n    {NAME} s\n",
            "",
            [(f"{NAME} s", NOT_HANDED_DOWN)],
        ),
        (
            "global\n    maxconn 9\n",
            f"    {LOAD} local\n    {NAME} s\n",
            f"    {NAME} t\n",
            [],
        ),
        ("global\n    maxconn 9\n", f"    {LOAD} local\n    {NAME} ws\n", "", []),
        ("global\n    maxconn 9\n", f"    {LOAD} local\n    {NAME} use-backend-name\n", "", []),
        ("", f"    {LOAD} global\n", "", []),
        ("global\n    maxconn 9\n", "", "", []),
    ],
)
def test_a_saved_state_needs_a_file_and_a_proxy_that_loads_it(
    head: str, defaults: str, backend: str, lost: list[tuple[str, str]]
) -> None:
    found = pool(f"{backend}    server a 127.0.0.1:1 check\n", defaults, head)
    assert reasons(found, Effect.STATE_NOT_KEPT) == lost


def test_states_of_servers() -> None:
    found = pool(
        "    server a 127.0.0.1:1 check weight 0\n    server b 127.0.0.1:2 check disabled\n"
        "    server c 127.0.0.1:3 check backup\n"
    )
    assert [(t.state, t.backup, t.reason) for t in found.targets] == [
        (State.DRAINING, False, "weight 0"),
        (State.DOWN, False, "disabled"),
        (State.HEALTHY, True, ""),
    ]
    assert [line(mark.place) for mark in found.drain_marks] == [
        "server a 127.0.0.1:1 check weight 0"
    ]


def test_ignore_persist_takes_the_drain_mark_of_weight_0_away() -> None:
    found = pool(
        "    cookie S insert\n    ignore-persist if { req.cook(S) -m str a }\n"
        "    server a 127.0.0.1:1 check weight 0 cookie a\n"
    )
    assert found.drain_marks == ()


def test_a_disabled_backend_has_no_usable_target() -> None:
    assert pool("    disabled\n" + TWO).usable == ()


@pytest.mark.parametrize(
    ("address", "extra", "expected"),
    [
        ("127.0.0.1:80", "", Resolution.ADDRESS),
        ("[::1]:80", "", Resolution.ADDRESS),
        ("unix@/run/x.sock", "", Resolution.ADDRESS),
        ("localhost:80", "", Resolution.ADDRESS),
        ("app.example:80", "", Resolution.ONCE),
        ("app.example:80", "resolvers dns", Resolution.DYNAMIC),
        ("app.example:80", "init-addr last,libc,none", Resolution.ONCE),
        ("app.example:80", "init-addr none", Resolution.DYNAMIC),
    ],
)
def test_when_names_are_resolved(address: str, extra: str, expected: Resolution) -> None:
    assert pool(f"    server a {address} check {extra}\n").targets[0].resolution is expected


def test_a_server_template_is_more_than_one_target() -> None:
    found = pool("    server-template web 1-8 app.example:80 check resolvers dns\n")
    assert [t.name for t in found.targets] == ["web1", "web2"]
    assert not found.complete


def test_an_unknown_variable_makes_a_target_unreadable() -> None:
    found = pool("    server a ${HOST}:80 check\n    server b 127.0.0.1:80 check\n")
    assert [t.unreadable for t in found.targets] == [True, False]


def test_the_default_http_check_is_options_http_1_0() -> None:
    check = pool("    option httpchk\n" + TWO).check
    assert check.kind is CheckKind.HTTP
    assert check.method is not None
    assert check.path is not None
    assert check.version is not None
    assert check.accepts is not None
    seen = check.method.value, check.path.value, check.version.value, check.accepts.value.text
    assert seen == ("OPTIONS", "/", "1.0", "2xx and 3xx")
    assert check.path.origin is Origin.DEFAULT
    assert (check.interval and check.interval.value, check.fall and check.fall.value) == (2.0, 3)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("    option httpchk /x\n", ("OPTIONS", "/x", "1.0", None)),
        ("    option httpchk GET /x HTTP/1.1\n", ("GET", "/x", "1.1", None)),
        (
            "    option httpchk GET /x HTTP/1.1\\r\\nHost:\\ a.example\n",
            ("GET", "/x", "1.1", "a.example"),
        ),
        (
            "    option httpchk GET /a\n    http-check send uri /b ver HTTP/1.1 hdr Host h\n",
            ("GET", "/b", "1.1", "h"),
        ),
        ("    http-check send uri /b\n    option httpchk GET /a\n", ("GET", "/a", "1.0", None)),
        ("    http-check connect\n    option httpchk GET /a\n", ("GET", "/a", "1.0", None)),
    ],
)
def test_the_request_of_a_check(lines: str, expected: tuple[str | None, ...]) -> None:
    check = pool(lines + TWO).check
    parts = check.method, check.path, check.version, check.host
    assert tuple(part and part.value for part in parts) == expected


def test_own_check_rules_replace_the_inherited_request() -> None:
    """Measured on 2.6 and 2.8: `http-check send hdr` alone asks OPTIONS /."""
    defaults = "    option httpchk GET /up\n    http-check expect status 418\n"
    check = pool("    http-check send hdr X y\n" + TWO, defaults).check
    assert (check.path and check.path.value, check.accepts and check.accepts.value.text) == (
        "/",
        "2xx and 3xx",
    )


def test_own_expectations_without_a_request_send_nothing() -> None:
    """Measured on 2.6 and 2.8: nothing is sent, and every check runs into its timeout."""
    found = pool("    http-check expect status 200\n" + TWO, "    option httpchk GET /up\n")
    assert found.check.kind is CheckKind.UNKNOWN
    assert reasons(found, Effect.CHECK_INEFFECTIVE) == [
        (
            "http-check expect status 200",
            "the `http-check` rules of `ws` replace the inherited request and send none: every "
            "check times out",
        )
    ]


@pytest.mark.parametrize(
    ("expect", "accepted", "refused"),
    [
        ("status 200", [200], [201, 404]),
        ("status 200,204,300-310", [204, 305], [203, 311]),
        ("! status 503", [200, 404], [503]),
        ("rstatus ^2..", [200, 299], [300, 120]),
        ("! rstatus ^5", [200, 426], [500, 503]),
        ("comment x status 200", [200], [204]),
    ],
)
def test_the_statuses_a_check_takes(expect: str, accepted: list[int], refused: list[int]) -> None:
    accepts = pool(f"    option httpchk\n    http-check expect {expect}\n" + TWO).check.accepts
    assert accepts is not None
    assert [s in accepts.value for s in accepted + refused] == [True] * len(accepted) + [
        False
    ] * len(refused)


def test_an_expectation_about_the_body_says_nothing_about_the_status() -> None:
    check = pool("    option httpchk\n    http-check expect string OK\n" + TWO).check
    assert (check.kind, check.accepts) == (CheckKind.HTTP, None)


HANDSHAKE = (
    "    option httpchk GET /ws HTTP/1.1\n    http-check send hdr Host h hdr Connection Upgrade"
    " hdr Upgrade websocket hdr Sec-WebSocket-Version 13 hdr Sec-WebSocket-Key x\n"
    "    http-check expect status 101\n"
)


def test_a_whole_handshake_check_lacks_nothing() -> None:
    check = pool(HANDSHAKE + TWO).check
    assert (check.kind, check.handshake_lacks) == (CheckKind.HANDSHAKE, ())


@pytest.mark.parametrize(
    ("drop", "lacks"),
    [
        (" HTTP/1.1", "HTTP/1.1"),
        (" hdr Connection Upgrade", "Connection: upgrade"),
        (" hdr Upgrade websocket", "Upgrade: websocket"),
        (" hdr Sec-WebSocket-Key x", "Sec-WebSocket-Key"),
        (" hdr Sec-WebSocket-Version 13", "Sec-WebSocket-Version"),
        ("    http-check expect status 101\n", "expect status 101"),
    ],
)
def test_a_handshake_check_says_what_it_lacks(drop: str, lacks: str) -> None:
    assert pool(HANDSHAKE.replace(drop, "") + TWO).check.handshake_lacks == (lacks,)


def test_a_check_that_no_server_performs_is_ineffective() -> None:
    found = pool("    option httpchk GET /up\n    server a 127.0.0.1:1\n")
    assert found.check.kind is CheckKind.NONE
    assert reasons(found, Effect.CHECK_INEFFECTIVE) == [
        ("option httpchk GET /up", "no server of `ws` has `check`, so nothing is asked")
    ]


def test_check_rules_without_their_option_are_ineffective() -> None:
    found = pool("    http-check expect status 200\n" + TWO)
    assert found.check.kind is CheckKind.CONNECT
    assert reasons(found, Effect.CHECK_INEFFECTIVE) == [
        ("http-check expect status 200", "`option httpchk` is missing")
    ]


def test_a_later_check_type_replaces_httpchk() -> None:
    found = pool("    option tcp-check\n" + TWO, "    option httpchk GET /up\n")
    assert found.check.kind is CheckKind.CONNECT
    assert reasons(found, Effect.CHECK_OVERRIDDEN) == [
        (
            "option httpchk GET /up",
            "a proxy has one check type, and `option tcp-check` replaces it",
        )
    ]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [("port 9001", None), ("port 8080", ("port", "8080")), ("addr 10.0.0.9", ("addr", "10.0.0.9"))],
)
def test_a_check_elsewhere(parameters: str, expected: tuple[str, str] | None) -> None:
    port = pool(f"    server a 127.0.0.1:9001 check {parameters}\n").check.port
    assert (port and (port.name, port.value)) == expected


@pytest.mark.parametrize(
    ("lines", "kinds", "sticky"),
    [
        ("    cookie S insert\n    server a 127.0.0.1:1 check cookie a\n", ["cookie"], "cookie"),
        ("    cookie S insert\n    server a 127.0.0.1:1 check\n", [], None),
        ("    stick on src\n" + TWO, ["stick-table"], "stick-table"),
        ("    balance source\n" + TWO, ["source"], "source"),
        ("    balance hdr(X-User)\n" + TWO, ["hash"], "hash"),
        ("    balance leastconn\n" + TWO, [], None),
        ("    option persist\n" + TWO, [], None),
        (
            "    stick on src\n    option persist\n" + TWO,
            ["stick-table", "option persist"],
            "stick-table",
        ),
        ("    option persist\n    no option persist\n" + TWO, [], None),
    ],
)
def test_persistence(lines: str, kinds: list[str], sticky: str | None) -> None:
    found = pool(lines)
    assert [p.kind for p in found.persistence] == kinds
    assert (found.stickiness and found.stickiness.value) == sticky


@pytest.mark.parametrize(
    ("condition", "narrow"),
    [
        ("if TRUE", False),
        ("if { path_beg / }", False),
        ("if { hdr(Upgrade) -i websocket }", False),
        ("if { src 10.0.0.0/8 }", True),
        ("if { req.cook(debug) -m found }", True),
    ],
)
def test_force_persist_is_narrow_where_few_clients_meet_it(condition: str, narrow: bool) -> None:
    _, found = pool(f"    stick on src\n    force-persist {condition}\n" + TWO).persistence
    assert (found.kind, found.narrow) == ("force-persist", narrow)


@pytest.mark.parametrize(
    ("lines", "name", "expected"),
    [
        ("", "retry-on", False),
        ("    retry-on conn-failure 503\n", "option redispatch", False),
        ("    option redispatch\n    retry-on conn-failure 503\n", "retry-on", True),
        ("    option redispatch\n    retry-on all-retryable-errors\n", "retry-on", True),
        ("    option redispatch\n    retry-on conn-failure\n", "retry-on", False),
    ],
)
def test_a_503_is_tried_elsewhere_with_redispatch_only(
    lines: str, name: str, expected: bool
) -> None:
    text = (
        "defaults\n    mode http\nfrontend web\n    bind :80\n    default_backend ws\nbackend ws\n"
        + lines
        + TWO
    )
    source = Source("x.cfg", "haproxy", text)
    (route,) = haproxy.read([[source]], Files(), Declared()).routes
    assert route.retries_503 is not None
    assert (route.retries_503.name, route.retries_503.value) == (name, expected)


def test_disable_on_404_is_a_drain_mark_where_a_check_runs() -> None:
    rule = "    option httpchk GET /r\n    http-check disable-on-404\n"
    assert [m.name for m in pool(rule + TWO).drain_marks] == ["http-check disable-on-404"]
    assert pool(rule + "    server a 127.0.0.1:1\n").drain_marks == ()


def test_hard_stop_after_ends_old_processes() -> None:
    written = pool(TWO, head="global\n    hard-stop-after 30m\n").drain_time
    unset = pool(TWO, head="global\n    maxconn 5\n").drain_time
    assert written is not None
    assert unset is not None
    assert (written.value, line(written.place)) == (1800.0, "hard-stop-after 30m")
    assert (unset.value, line(unset.place)) == (math.inf, "global")
    assert pool(TWO).drain_time is None


@pytest.mark.parametrize(
    ("parameters", "version"),
    [
        ("", "1.1"),
        ("proto h2", "2"),
        ("proto h2 ws h1", "1.1"),
        ("proto h2 ws h2", None),
        ("ssl alpn h2 ws h2", None),
        ("ws h2", "2"),
        ("ssl alpn h2", "2"),
        ("ssl alpn h2,http/1.1", "1.1"),
    ],
)
def test_the_protocol_in_which_handshakes_reach_the_server(
    parameters: str, version: str | None
) -> None:
    text = (
        "defaults\n    mode http\nfrontend web\n    bind :80\n    default_backend ws\nbackend ws\n"
        f"    server a 127.0.0.1:1 check {parameters}\n"
    )
    (route,) = haproxy.read([[Source("x.cfg", "haproxy", text)]], Files(), Declared()).routes
    spoken = route.forwards[0].http_version
    assert (spoken.value if spoken else None) == version
