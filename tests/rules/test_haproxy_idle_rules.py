"""LB3xx rules that HAProxy alone has: what they say of a text, and their silence."""

import pytest

from lbcheck.profile import Heartbeat, Profile, Versions
from tests.rules.haproxy_text import BACK, DEFAULTS, FRONT, UNDECLARED, say

ALONE = "    option independent-streams\n"
SERVER = "    server a 10.0.0.1:80\n"
RAILS = Profile(heartbeat=Heartbeat("server", "data", 3))
PHOENIX = Profile(heartbeat=Heartbeat("client", "data", 30))
PINGING = Profile(heartbeat=Heartbeat("server", "ping", 20, 20))


@pytest.mark.parametrize(
    ("text", "side", "limit"),
    [
        (DEFAULTS + ALONE + FRONT + BACK + SERVER, "client", "`timeout tunnel` after 1h"),
        (DEFAULTS + FRONT + ALONE + BACK + SERVER, "client", "`timeout tunnel` after 1h"),
        (DEFAULTS + FRONT + BACK + ALONE + SERVER, "server", "`timeout tunnel` after 1h"),
        (
            DEFAULTS.replace("    timeout tunnel 1h\n", "") + FRONT + BACK + ALONE + SERVER,
            "server",
            "`timeout server`",
        ),
    ],
)
def test_independent_streams_cut_the_side_that_only_listens(
    text: str, side: str, limit: str
) -> None:
    other = "server" if side == "client" else "client"
    assert say("LB308", text) == [
        (
            "option independent-streams",
            "error",
            f"`option independent-streams` counts the silence of each side alone: a {side} that "
            f"only listens is cut by {limit} while the {other} is sending",
        )
    ]


@pytest.mark.parametrize(
    ("front", "back", "profile", "severities"),
    [
        (ALONE, "", PINGING, []),
        ("", ALONE, PINGING, []),
        ("", ALONE, RAILS, []),
        (ALONE, "", PHOENIX, []),
        (ALONE, "", RAILS, ["warning"]),
        ("", ALONE, PHOENIX, ["warning"]),
        (ALONE, "", Profile(heartbeat=Heartbeat("server", "ping", 7200)), ["error"]),
        (ALONE, "", Profile(heartbeat=Heartbeat("none")), ["error"]),
    ],
)
def test_a_heartbeat_that_both_sides_take_part_in_makes_independent_streams_harmless(
    front: str, back: str, profile: Profile, severities: list[str]
) -> None:
    text = DEFAULTS + FRONT + front + BACK + back + SERVER
    assert [severity for _, severity, _ in say("LB308", text, profile)] == severities


@pytest.mark.parametrize(
    "text",
    [
        DEFAULTS + ALONE + FRONT + "    no option independent-streams\n" + BACK
        + "    no option independent-streams\n" + SERVER,
        DEFAULTS + FRONT + BACK + "    # option independent-streams\n" + SERVER,
        "defaults\n    mode http\n" + ALONE + FRONT + BACK + SERVER,
        DEFAULTS + ".if defined(X)\n" + ALONE + ".endif\n" + FRONT + BACK + SERVER,
        FRONT + ALONE + BACK + SERVER,
    ],
    ids=["switched off", "comment", "no timeout", "undecided", "timeouts elsewhere"],
)  # fmt: skip
def test_independent_streams_that_cut_nothing_are_not_told(text: str) -> None:
    assert say("LB308", text, UNDECLARED) == []


def test_a_server_timeout_below_five_seconds_is_told() -> None:
    text = DEFAULTS.replace("server 30s", "server 2s") + FRONT + BACK + SERVER
    assert say("LB310", text) == [
        (
            "timeout server 2s",
            "info",
            "`timeout server` answers 504 where a target needs more than 2s for the handshake; "
            "`timeout tunnel` counts only after it",
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        DEFAULTS + FRONT + BACK + SERVER,
        DEFAULTS.replace("server 30s", "server 5s") + FRONT + BACK + SERVER,
        DEFAULTS.replace("server 30s", "server 500") + FRONT + BACK + SERVER,
        DEFAULTS.replace("server 30s", "server 0") + FRONT + BACK + SERVER,
        DEFAULTS.replace("server 30s", "server 2s") + FRONT + BACK + "    mode tcp\n" + SERVER,
        DEFAULTS.replace("server 30s", "server 2s").replace("tunnel 1h", "tunnel 0")
        + FRONT + BACK + SERVER,
        DEFAULTS.replace("client 30s", "client 2s") + FRONT + BACK + SERVER,
        DEFAULTS.replace("server 30s", "server 2s") + FRONT + BACK
        + "    http-request set-timeout server 30s\n" + SERVER,
    ],
    ids=["usual", "five", "unit", "never", "tcp", "no tunnel", "client", "set"],
)  # fmt: skip
def test_where_another_timeout_decides_or_another_rule_tells_the_handshake_has_time(
    text: str,
) -> None:
    assert say("LB310", text) == []


NOBODY_PINGS = Profile(heartbeat=Heartbeat("none"))


def test_without_heartbeat_and_keepalive_a_vanished_client_stays() -> None:
    assert say("LB311", DEFAULTS + FRONT + BACK + SERVER, NOBODY_PINGS) == [
        (
            "frontend web",
            "info",
            "nobody pings and no `option clitcpka` is set: a client that vanished without a word "
            "keeps its socket for 1h",
        )
    ]
    on_servers = DEFAULTS + "    option srvtcpka\n" + FRONT + BACK + SERVER
    assert len(say("LB311", on_servers, NOBODY_PINGS)) == 1


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        (DEFAULTS + FRONT + BACK + SERVER, UNDECLARED),
        (DEFAULTS + FRONT + BACK + SERVER, PINGING),
        (DEFAULTS + "    option tcpka\n" + FRONT + BACK + SERVER, NOBODY_PINGS),
        (DEFAULTS + FRONT + "    option clitcpka\n" + BACK + SERVER, NOBODY_PINGS),
        (DEFAULTS.replace("1h", "5m") + FRONT + BACK + SERVER, NOBODY_PINGS),
        (FRONT + BACK + "    timeout tunnel 1h\n" + SERVER, NOBODY_PINGS),
        (DEFAULTS + ".if defined(X)\n    option tcpka\n.endif\n" + FRONT + BACK + SERVER,
         NOBODY_PINGS),
    ],
    ids=["undeclared", "pinging", "both", "client", "short", "fragment", "undecided"],
)  # fmt: skip
def test_where_somebody_asks_or_it_is_not_known_nothing_is_told(
    text: str, profile: Profile
) -> None:
    assert say("LB311", text, profile) == []


RECENT = Profile(versions=Versions(haproxy="2.9"))
FIN = DEFAULTS + "    timeout client-fin 30s\n" + FRONT + BACK + SERVER


@pytest.mark.parametrize("version", ["2.8.25", "2.9", "3.2.1"])
def test_a_half_close_timeout_is_told_for_versions_that_ignore_it(version: str) -> None:
    assert say("LB309", FIN, Profile(versions=Versions(haproxy=version))) == [
        (
            "timeout client-fin 30s",
            "info",
            "`timeout client-fin` does not end a WebSocket that its client has half closed: since "
            "HAProxy 2.9 (and in 2.8.25) only `timeout tunnel` does, after 1h",
        )
    ]


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        (FIN, UNDECLARED),
        (FIN, Profile(versions=Versions(haproxy="2.6.12"))),
        (FIN, Profile(versions=Versions(haproxy="2.8.5"))),
        (FIN.replace("tunnel 1h", "tunnel 5m"), RECENT),
        (FIN.replace("mode http", "mode tcp"), RECENT),
        (FIN.replace("client-fin 30s", "client-fin 2h"), RECENT),
        (DEFAULTS + FRONT + BACK + SERVER, RECENT),
    ],
    ids=["unknown", "2.6", "2.8", "short", "tcp", "longer", "none"],
)
def test_a_half_close_timeout_that_acts_or_does_no_harm_is_not_told(
    text: str, profile: Profile
) -> None:
    assert say("LB309", text, profile) == []
