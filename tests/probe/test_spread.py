"""Where handshakes land, and whether sessions that begin with plain requests are found again."""

import itertools
import json

import pytest

from lbcheck.model import Pointer, Source
from lbcheck.probe import landed, session
from lbcheck.probe.handshake import Answer, Request
from lbcheck.probe.landings import Landing, Session, Spread
from lbcheck.probe.node import Node, cookies
from lbcheck.probe.spread import spread
from lbcheck.profile import Profile, Stickiness
from lbcheck.reporters.probe_drain import spread_rows

PLACE = Pointer(Source("ws://h/", "live", None), (), "spread")
URL = "wss://chat.example/socket.io/?EIO=4&transport=websocket"


class Balancer:
    """Leads requests to a and b in turn, or where the cookie says; keeps what it was asked."""

    def __init__(self, *, sticky: bool) -> None:
        self.sticky = sticky
        self.asked: list[Request] = []
        self.sessions: dict[str, set[str]] = {"a": set(), "b": set()}
        self.turn = itertools.cycle("ab")
        self.made = itertools.count()

    def ask(self, url: str, request: Request) -> Answer:
        self.asked.append(request)
        brought = dict(request.headers).get("Cookie", "")
        node = brought.removeprefix("NODE=") if self.sticky and brought else next(self.turn)
        status, body = self.answered(node, request)
        headers = [("X-Node", node), *([("Set-Cookie", f"NODE={node}; Path=/")] * self.sticky)]
        return Answer(status, tuple(headers), body)

    def answered(self, node: str, request: Request) -> tuple[int, str]:
        path, _, query = (request.path or "").partition("?")
        if "transport=polling" in query and "sid=" not in query:
            name = f"s{next(self.made)}"
            self.sessions[node].add(name)
            return 200, f"0{json.dumps({'sid': name, 'upgrades': ['websocket']})}"
        if "sid=" in query:
            known = query.partition("sid=")[2] in self.sessions[node]
            return (200, "ok") if known else (400, '{"code":1,"message":"Session ID unknown"}')
        if path.endswith("/xhr"):
            self.sessions[node].add(path.removesuffix("/xhr"))
            return 200, "o\n"
        if path.endswith("/xhr_send"):
            return (204, "") if path.removesuffix("/xhr_send") in self.sessions[node] else (404, "")
        return 101, ""


def test_without_cookies_both_are_reached_and_with_them_one() -> None:
    seen = spread(Balancer(sticky=True), URL, 4, Node("X-Node"))
    assert [each.node for each in seen.without] == ["a", "b", "a", "b"]
    assert [each.node for each in seen.sticky] == ["a"] * 4
    assert seen.cookies == ("NODE",)


def test_an_instance_is_named_by_its_cookie_as_well() -> None:
    seen = spread(Balancer(sticky=True), URL, 2, Node(cookie="NODE"))
    assert [each.node for each in seen.without] == ["a", "b"]


@pytest.mark.parametrize(
    ("opens", "protocol"), [(session.engine_io, "Engine.IO"), (session.sockjs, "SockJS")]
)
def test_a_session_is_found_again_behind_a_sticky_balancer_only(opens: type, protocol: str) -> None:
    kept = opens(Balancer(sticky=True), URL)
    assert (kept.protocol, kept.opened, kept.lost, len(kept.statuses)) == (protocol, 200, 0, 6)
    lost = opens(Balancer(sticky=False), URL)
    assert (lost.opened, lost.lost) == (200, 3)


def test_engine_io_is_asked_for_polling_and_its_session_is_closed() -> None:
    balancer = Balancer(sticky=True)
    session.engine_io(balancer, URL)
    first, *_, last = balancer.asked
    assert first.path == "/socket.io/?EIO=4&transport=polling"
    assert (last.method, last.body) == ("POST", b"1")
    assert last.path == "/socket.io/?EIO=4&transport=polling&sid=s0"


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("ws://h/chat/websocket", "/chat"),
        ("ws://h/chat/000/abc/websocket", "/chat"),
        ("ws://h/chat/?x=1", "/chat"),
        ("ws://h/", ""),
    ],
)
def test_sockjs_is_asked_below_its_base(url: str, base: str) -> None:
    balancer = Balancer(sticky=True)
    session.sockjs(balancer, url)
    path = balancer.asked[0].path or ""
    server, name, last = path.removeprefix(f"{base}/").split("/")
    assert (len(server), len(name), last) == (3, 8, "xhr")


def test_where_no_session_is_opened_none_is_looked_for() -> None:
    class Refuses(Balancer):
        def answered(self, node: str, request: Request) -> tuple[int, str]:
            return 404, "0{}"

    assert session.engine_io(Refuses(sticky=False), URL) == Session("Engine.IO", 404)
    assert session.sockjs(Refuses(sticky=False), URL) == Session("SockJS", 404)


def test_cookies_that_cannot_be_sent_back_are_not_kept() -> None:
    given = ("NODE=a; Path=/", "=x", "B=\xe9", "C=\x1b[31m", "D")
    assert cookies(Answer(101, tuple(("Set-Cookie", each) for each in given))) == {
        "NODE": "a", "D": "",
    }  # fmt: skip


def test_of_many_cookies_a_few_are_shown() -> None:
    rows = spread_rows(Spread(on("a"), on("a"), ("N" * 99, "b", "c", "d", "e")))
    assert [name for name, _, _ in rows] == [
        "spread, no cookies", f"spread, cookie {'N' * 30}, b, c and 2 more",
    ]  # fmt: skip


def told(seen: Spread, need: str = "required") -> list[tuple[str, str | None, str]]:
    profile = Profile(stickiness=Stickiness(need=need))  # type: ignore[arg-type]
    return [
        (code, problem.severity.value if problem.severity else None, problem.message)
        for code, problem in landed.problems(seen, PLACE, profile)
    ]


def on(*nodes: str) -> tuple[Landing, ...]:
    return tuple(Landing(101, node) for node in nodes)


TORN = Spread(on("a", "b"), on("a", "b", "a"), ("NODE",))


@pytest.mark.parametrize(
    ("seen", "need", "expected"),
    [
        (Spread(on("a", "b"), on("a", "a"), ("NODE",)), "required", []),
        (TORN, "none", []),
        (
            TORN, "required",
            [("LB709", None, "one client that brings its cookies back is led to 2 targets "
                             "(a: 2, b: 1)")],
        ),
        (
            Spread(on("a"), on("a", "b")), "conditional",
            [("LB709", "warning", "one client (no cookie is set) is led to 2 targets "
                                  "(a: 1, b: 1)")],
        ),
        (
            Spread(on("a"), on("a"), (), Session("Engine.IO", 200, (200, 400), 1)), "conditional",
            [("LB709", None, "1 of 2 requests of one Engine.IO session came to a target that does "
                             "not know it")],
        ),
        (Spread(on("a"), on("a", "b"), (), Session("SockJS", 200, (204,))), "required", []),
        (Spread(on("a"), on("a", "b"), (), Session("Engine.IO", 400)), "conditional", []),
        (
            Spread(on("a"), on("a", "b"), (), Session("SockJS", 400)), "required",
            [("LB709", None, "one client (no cookie is set) is led to 2 targets (a: 1, b: 1)")],
        ),
        (
            Spread((Landing(503, None), *on("a")), on("a")), "none",
            [("LB701", "warning", "1 of 3 handshakes were not answered 101 (503: 1): a target that "
                                  "takes none is in rotation, or a limit is reached")],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_depends_on_what_the_service_needs(
    seen: Spread, need: str, expected: list[tuple[str, str | None, str]]
) -> None:
    assert told(seen, need) == expected
