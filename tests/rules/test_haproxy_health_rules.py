"""LB2xx rules that HAProxy alone has: what they say of a text, and their silence."""

import pytest

from tests.rules.haproxy_text import BACK, DEFAULTS, FRONT, say

WHOLE = DEFAULTS + FRONT + BACK
B = "    server b 10.0.0.2:80 check\n"
NOBODY = "`a` has no `check`, so nothing asks it, and only a person marks it down"


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ("inter 2s", "`inter` has"),
        ("rise 2 inter 2s fall 3", "`inter`, `rise`, `fall` have"),
        ("on-marked-down shutdown-sessions", "`on-marked-down` has"),
        ("ssl verify none check-ssl", "`check-ssl` has"),
        ("port 8081 observe layer7", "`port`, `observe` have"),
    ],
)
def test_parameters_without_a_check_are_named(parameters: str, named: str) -> None:
    server = f"server a 10.0.0.1:80 {parameters}"
    assert say("LB217", f"{WHOLE}    {server}\n{B}") == [
        (server, "warning", f"{named} no effect: {NOBODY}")
    ]


def test_a_default_server_of_the_same_proxy_is_meant_too() -> None:
    default = "default-server inter 5s"
    servers = "    server a 10.0.0.1:80\n    server c 10.0.0.3:80\n"
    assert say("LB217", f"{WHOLE}    {default}\n{servers}") == [
        (default, "warning", f"`inter` has no effect: {NOBODY}")
    ]


@pytest.mark.parametrize(
    "lines",
    [
        "    server a 10.0.0.1:80 check inter 2s\n",
        "    server a 10.0.0.1:80 track other/b inter 2s\n",
        "    server a 10.0.0.1:80 agent-check agent-port 9101 inter 2s\n",
        "    server a 10.0.0.1:80 disabled inter 2s\n",
        "    server a 10.0.0.1:80 no-check inter 2s\n",
        "    server a 10.0.0.1:80 slowstart 10s maxconn 100 weight 5\n",
        "    default-server check\n    server a 10.0.0.1:80 inter 2s\n",
        "    option httpchk GET /healthz\n    server a 10.0.0.1:80 inter 2s\n",
        "    server a 10.0.0.1:80 inter 2s {{ options }}\n" + B,
        ".if defined(X)\n    default-server check\n.endif\n    server a 10.0.0.1:80 fall 2\n",
    ],
)
def test_parameters_that_act_or_are_explained_are_not_told(lines: str) -> None:
    assert say("LB217", WHOLE + lines) == []


def test_parameters_in_defaults_that_some_proxies_use_are_not_told() -> None:
    defaults = DEFAULTS + "    default-server inter 3s fall 3\n"
    assert say("LB217", defaults + FRONT + BACK + "    server a 10.0.0.1:80\n" + B) == []


def test_a_server_that_only_an_agent_watches_is_told_once() -> None:
    servers = [f"server {n} 10.0.0.1:80 agent-check agent-port 91 inter 2s" for n in "ac"]
    lines = "".join(f"    {server}\n" for server in servers)
    assert say("LB216", WHOLE + lines + B) == [
        (
            servers[0],
            "warning",
            "`a` has an agent and no `check`: when the machine dies the agent is silent too, which "
            "changes nothing, and it keeps getting its share of handshakes",
        )
    ]
    assert say("LB201", WHOLE + lines + B) == []


@pytest.mark.parametrize(
    "lines",
    [
        "    server a 10.0.0.1:80 check agent-check agent-port 91\n",
        "    server a 10.0.0.1:80 agent-check agent-port 91 track other/b\n",
        "    server a 10.0.0.1:80 agent-check agent-port 91 disabled\n",
        "    default-server agent-check agent-port 91 check\n    server a 10.0.0.1:80\n",
        "    server a 10.0.0.1:80 agent-check agent-port 91 {{ options }}\n",
    ],
)
def test_an_agent_beside_a_check_is_right(lines: str) -> None:
    assert say("LB216", WHOLE + lines) == []


CHECKED = "    option httpchk GET /healthz\n"
ELSEWHERE = "the health check of `ws` asks {}, not the one of the traffic: "
ALONE = "a service that dies alone stays in rotation"
IN_CLEAR = (
    "the health check of `ws` goes in clear to a port that expects TLS (`{}` drops the server's "
    "`ssl`): it fails, and every server is taken out"
)
TLS_SERVER = "server a 10.0.0.1:443 ssl verify none check"


@pytest.mark.parametrize(
    ("lines", "place", "severity", "what"),
    [
        ("", "server a 10.0.0.1:80 check port 8081", "warning", "port 8081"),
        ("", "server a 10.0.0.1:80 check addr 10.0.0.9", "warning", "address 10.0.0.9"),
        ("    option httpchk\n", "server a 10.0.0.1:80 check port 81", "warning", "port 81"),
        (CHECKED, "server a 10.0.0.1:80 check port 8081", "info", "port 8081"),
        (CHECKED, "server a 10.0.0.1:80 check addr 10.0.0.9", "warning", "address 10.0.0.9"),
        (CHECKED, "server a 10.0.0.1:443 ssl check port 8081", "info", "port 8081"),
    ],
)
def test_a_check_that_goes_elsewhere_is_told(
    lines: str, place: str, severity: str, what: str
) -> None:
    assert say("LB209", f"{WHOLE}{lines}    {place}\n") == [
        (place, severity, ELSEWHERE.format(what) + ALONE)
    ]


@pytest.mark.parametrize(
    ("lines", "place", "name"),
    [
        (CHECKED, TLS_SERVER + " port 443", "port"),
        (CHECKED, TLS_SERVER + " addr 10.0.0.1", "addr"),
        (CHECKED + f"    {TLS_SERVER}\n", "http-check connect", "http-check connect"),
        (CHECKED + f"    {TLS_SERVER} check-ssl\n", "http-check connect", "http-check connect"),
        (CHECKED + f"    {TLS_SERVER}\n", "http-check connect port 443", "http-check connect"),
    ],
)
def test_a_check_in_clear_of_a_tls_port_is_an_error(lines: str, place: str, name: str) -> None:
    assert say("LB209", f"{WHOLE}{lines}    {place}\n") == [(place, "error", IN_CLEAR.format(name))]


@pytest.mark.parametrize(
    "lines",
    [
        f"    {TLS_SERVER}\n",
        f"    {TLS_SERVER} check-ssl port 443\n",
        f'    {TLS_SERVER} port "${{PORT}}"\n',
        f"    http-check connect ssl\n    {TLS_SERVER}\n",
        f"    http-check connect default\n    {TLS_SERVER}\n",
        f"    http-check connect port 443 ssl\n    {TLS_SERVER}\n",
        f"    http-check connect default\n    http-check connect port 81\n    {TLS_SERVER}\n",
        "    server a 10.0.0.1:80 check port 80\n",
        "    server a 10.0.0.1:80 check check-ssl verify none\n",
        "    server a 10.0.0.1 check port 80\n",
        "    server a 10.0.0.1:+100 check port 180\n",
        "    server a chat.example:80 check addr 10.0.0.1\n",
        '    server a 10.0.0.1:80 check port "${PORT}"\n',
        "    server a 10.0.0.1:80 port 81\n",
    ],
)
def test_a_check_of_the_traffic_or_of_what_is_not_known_is_passed_over(lines: str) -> None:
    assert say("LB209", WHOLE + CHECKED + lines) == []


def test_a_check_by_another_protocol_may_ask_anything() -> None:
    server = "    server a 10.0.0.1:80 check port 6379\n"
    assert say("LB209", f"{WHOLE}    option redis-check\n{server}") == []


@pytest.mark.parametrize(
    ("parameters", "seconds"),
    [
        ("inter 20s rise 4", "80s"),
        ("inter 10s downinter 1m rise 2", "70s"),
        ("inter 5s downinter 50s fastinter 10s rise 3", "70s"),
        ("inter 50s", "100s"),
    ],
)
def test_a_target_that_comes_back_late_is_told(parameters: str, seconds: str) -> None:
    server = f"server a 10.0.0.1:80 check {parameters}"
    ((place, severity, message),) = say("LB211", f"{WHOLE}    {server}\n")
    assert (place, severity) == (server, "info")
    assert f"gets handshakes after {seconds} only" in message


@pytest.mark.parametrize(
    "parameters",
    [
        "check",
        "check inter 20s rise 3",
        "check inter 30s fastinter 2s rise 10",
        "check inter 1m downinter 5s fastinter 5s rise 5",
        'check inter "${INTER}" rise 100',
        "inter 20s rise 10",
    ],
)
def test_a_target_that_comes_back_in_time_is_not(parameters: str) -> None:
    assert say("LB211", f"{WHOLE}    server a 10.0.0.1:80 {parameters}\n") == []


@pytest.mark.parametrize(
    ("parameters", "seconds"),
    [
        ("inter 10s init-state down", "10s"),
        ("inter 2s init-state fully-down", "4s"),
        ("inter 10s fastinter 4s init-state down", "4s"),
    ],
)
def test_servers_that_wait_for_slow_checks_at_each_start_are_told(
    parameters: str, seconds: str
) -> None:
    server = f"server a 10.0.0.1:80 check {parameters}"
    state = parameters.rpartition(" ")[2]
    assert say("LB219", f"{WHOLE}    {server}\n") == [
        (
            server,
            "error",
            f"`init-state {state}` keeps every server of `ws` down until it was checked: at each "
            f"start handshakes are answered 503 for up to {seconds}",
        )
    ]


@pytest.mark.parametrize(
    "lines",
    [
        "    server a 10.0.0.1:80 check inter 10s\n",
        "    server a 10.0.0.1:80 check inter 10s init-state up\n",
        "    server a 10.0.0.1:80 check inter 3s init-state down\n",
        "    server a 10.0.0.1:80 check inter 10s fastinter 500ms init-state fully-down\n",
        "    server a 10.0.0.1:80 check inter 10s init-state down\n" + B,
        "    server a 10.0.0.1:80 check inter 10s init-state down\n    server b 10.0.0.2:80\n",
        '    server a 10.0.0.1:80 check inter "${INTER}" init-state down\n',
    ],
)
def test_where_a_server_is_up_soon_nothing_is_told(lines: str) -> None:
    assert say("LB219", WHOLE + lines) == []
