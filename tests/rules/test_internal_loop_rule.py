"""LB606: chains of frontends inside one HAProxy, and which hop ends a quiet WebSocket."""

import pytest

from lbcheck.profile import Heartbeat, Profile
from tests.rules.haproxy_text import DEFAULTS, FRONT, say

OUTER = DEFAULTS + FRONT + "backend ws\n"
APP = "    server a 10.0.0.1:80 check\n"


def chain(inner: str, address: str = "127.0.0.1:9004", more: str = "") -> str:
    return f"{OUTER}{more}    server hop {address}\nlisten rooms\n    bind {address}\n{inner}{APP}"


def told(text: str) -> list[tuple[str, str, str]]:
    return say("LB606", text)


def said(name: str, inner: str) -> str:
    return (
        f"`{name}` cuts after {inner} of silence at an inner hop of this very process; the longer "
        "time of the outer hop never counts"
    )


@pytest.mark.parametrize("address", ["127.0.0.1:9004", "unix@/run/hop.sock", "abns@hop"])
def test_a_shorter_timeout_of_the_inner_hop_is_told_at_its_place(address: str) -> None:
    assert told(chain("    timeout tunnel 1m\n", address)) == [
        ("timeout tunnel 1m", "error", said("timeout tunnel", "60s"))
    ]


def test_an_inner_hop_without_tunnel_timeout_is_told_by_the_client_timeout() -> None:
    text = chain("    timeout tunnel 0\n    timeout client 20s\n")
    assert told(text) == [("timeout client 20s", "error", said("timeout client", "20s"))]


def test_a_hop_that_lasts_ten_minutes_is_a_warning() -> None:
    assert [severity for _, severity, _ in told(chain("    timeout tunnel 10m\n"))] == ["warning"]


def test_the_shortest_of_several_hops_is_told() -> None:
    text = (
        f"{OUTER}    server hop abns@one\nlisten one\n    bind abns@one\n    timeout tunnel 2h\n"
        f"    server hop abns@two\nlisten two\n    bind abns@two\n    timeout tunnel 30s\n{APP}"
    )
    both_outer_hops = [("timeout tunnel 30s", "error", said("timeout tunnel", "30s"))] * 2
    assert told(text) == both_outer_hops


def test_of_several_ways_the_one_that_lasts_longest_counts() -> None:
    def ways(one: str, two: str) -> str:
        return (
            f"{OUTER}    server hop abns@hop\nfrontend hop\n    bind abns@hop\n"
            "    use_backend one if { src 10.0.0.0/8 }\n    default_backend two\n"
            f"backend one\n    timeout tunnel {one}\n{APP}"
            f"backend two\n    timeout tunnel {two}\n{APP}"
        )

    assert [place for place, _, _ in told(ways("1m", "2m"))] == ["timeout tunnel 2m"]
    assert told(ways("2h", "2m")) == []


@pytest.mark.parametrize(
    "text",
    [
        chain(""),
        chain("    timeout tunnel 2h\n"),
        chain("    timeout tunnel 1m\n", more="    timeout tunnel 30s\n"),
        chain("    timeout tunnel 1m\n", more="    timeout tunnel 0\n"),
        chain("    timeout tunnel 1m\n").replace("bind 127.0.0.1:9004", "bind 127.0.0.1:9005"),
        chain('    http-request set-timeout tunnel "${TUNNEL}"\n'),
        chain(".if defined(X)\n    timeout tunnel 1m\n.endif\n"),
        OUTER + "    server hop 127.0.0.1:80\n",
    ],
    ids=["inherited", "longer", "outer shorter", "outer none", "elsewhere", "variable",
         "undecided", "itself"],
)  # fmt: skip
def test_a_chain_whose_outer_hop_ends_first_or_that_is_none_is_not_told(text: str) -> None:
    assert told(text) == []


def test_a_heartbeat_that_the_inner_hop_outlives_cuts_nothing() -> None:
    text = chain("    timeout tunnel 1m\n")
    assert say("LB606", text, Profile(heartbeat=Heartbeat("server", "ping", 20, 20))) == []
    assert len(say("LB606", text, Profile(heartbeat=Heartbeat("server", "ping", 50, 20)))) == 1


def test_frontends_that_lead_to_each_other_end_the_search() -> None:
    circle = "".join(
        f"listen l{n}\n    bind abns@l{n}\n    timeout tunnel 1m\n"
        + "".join(f"    server s{m} abns@l{m}\n" for m in range(30))
        for n in range(30)
    )
    assert told(f"{OUTER}    server hop abns@l0\n{circle}") == []
