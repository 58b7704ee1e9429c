"""The NGINX Plus API as text, as F5 documents it: every state, and answers that are none."""

import json

import pytest

from lbcheck.errors import SourceError
from lbcheck.model import State
from lbcheck.runtime.nginx_plus import page, read, versions_page


def upstreams(*states: str) -> str:
    peers = [
        {
            "id": number,
            "server": f"10.0.0.{number}:80",
            "name": f"node{number}.example:80",
            "backup": False,
            "weight": 1,
            "state": state,
            "active": 0,
        }
        for number, state in enumerate(states)
    ]
    return json.dumps({"chat": {"peers": peers, "keepalive": 0, "zombies": 0, "zone": "chat"}})


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("up", State.HEALTHY),
        ("draining", State.DRAINING),
        ("down", State.DOWN),
        ("unavail", State.DOWN),
        ("unhealthy", State.DOWN),
        ("checking", State.DOWN),
    ],
)
def test_each_state_of_a_peer_has_its_meaning(word: str, state: State) -> None:
    (group,) = read(upstreams(word)).groups
    assert [(m.name, m.address, m.state, m.words) for m in group.members] == [
        ("node0.example:80", "10.0.0.0:80", state, word)
    ]


def test_a_state_that_nobody_knows_is_unknown_and_told() -> None:
    told = read(upstreams("asleep"))
    assert told.groups[0].members[0].state is State.UNKNOWN
    assert [trouble.message for trouble in told.troubles] == [
        "`chat/node0.example:80` is `asleep`, which is no state lbcheck knows"
    ]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", '{"chat": []}', '{"chat": {"peers": [{"server": 1, "state": "up"}]}}',
     '{"chat": {}}', "[" * 100_000, '{"error": {"status": 404}}'],
)  # fmt: skip
def test_what_is_no_answer_of_the_api_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="NGINX Plus API"):
        read(text)


def test_the_page_is_found_from_what_was_given() -> None:
    assert page("http://h/api/9/http/upstreams/") == "http://h/api/9/http/upstreams"
    assert page("http://h/api/7") == "http://h/api/7/http/upstreams"
    assert page("http://h/api/") is None
    assert page("http://h") is None
    assert versions_page("http://h") == versions_page("http://h/api") == "http://h/api/"
    assert page("http://h/api", "[1, 2, 8, 12]") == "http://h/api/8/http/upstreams"


def test_an_api_of_unknown_versions_is_refused() -> None:
    with pytest.raises(SourceError, match="no version"):
        page("http://h/api", "[77]")
