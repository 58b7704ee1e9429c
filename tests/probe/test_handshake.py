"""The handshake without a network: what is asked, what is wrong with an answer, what it means."""

import pytest
from wsproto.utilities import generate_accept_token

from lbcheck.probe.diagnosis import _FAILURES, _PAGE, _REDIRECT, _ROWS, Diagnosis, diagnose
from lbcheck.probe.handshake import Answer, Failure, faults, new_key, opening
from lbcheck.rules import BY_CODE

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # both of RFC 6455, section 1.3


def switching(**changed: str | None) -> Answer:
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": ACCEPT}
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    return Answer(101, tuple((k, v) for k, v in headers.items() if v is not None))


def test_the_example_of_the_rfc_is_a_good_answer() -> None:
    assert generate_accept_token(KEY.encode()).decode() == ACCEPT
    assert list(faults(switching(), KEY)) == []


def test_header_names_and_tokens_are_compared_without_case_and_in_lists() -> None:
    answer = Answer(
        101,
        (("UPGRADE", "WebSocket"), ("connection", "keep-alive, UPGRADE"),
         ("sec-websocket-accept", ACCEPT)),
    )  # fmt: skip
    assert list(faults(answer, KEY)) == []


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (switching(Upgrade=None), "the 101 has no `Upgrade: websocket`"),
        (switching(Upgrade="h2c"), "the 101 has no `Upgrade: websocket`"),
        (switching(Connection="close"), "the 101 has no `Connection: Upgrade`"),
        (switching(Sec_WebSocket_Accept=None), "the 101 has no `Sec-WebSocket-Accept`"),
        (
            switching(Sec_WebSocket_Accept=ACCEPT.lower()),
            "`Sec-WebSocket-Accept` does not belong to the key: something answered from a cache",
        ),
        (switching(Sec_WebSocket_Protocol="mqtt"), "the subprotocol `mqtt` was not asked for"),
        (
            switching(Sec_WebSocket_Extensions="permessage-deflate"),
            "the extension `permessage-deflate` was not asked for",
        ),
    ],
)  # fmt: skip
def test_each_fault_of_a_101_is_told(answer: Answer, fault: str) -> None:
    assert list(faults(answer, KEY, ("chat",))) == [fault]


def test_a_subprotocol_that_was_offered_may_be_chosen_or_not() -> None:
    assert list(faults(switching(Sec_WebSocket_Protocol="chat"), KEY, ("chat", "v2"))) == []
    assert list(faults(switching(), KEY, ("chat",))) == []


def test_the_request_is_the_one_of_the_rfc() -> None:
    assert opening(KEY, subprotocols=("a", "b"), origin="https://x").headers == (
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", KEY),
        ("Sec-WebSocket-Protocol", "a, b"),
        ("Origin", "https://x"),
    )
    assert "Sec-WebSocket-Key" not in dict(opening(None).headers)
    assert len(new_key()) == 24
    assert new_key() != new_key()


@pytest.mark.parametrize(
    ("status", "body", "rules"),
    [
        (426, "Upgrade Required", ("LB101", "LB102", "LB105")),
        (426, "WebSocket protocol requires at least HTTP/1.1", ("LB103",)),
        (505, "", ("LB103",)),
        (400, "did not receive a valid HTTP request", ("LB103",)),
        (400, 'Can "Upgrade" only to "WebSocket".', ("LB102", "LB110")),
        (400, '{"code":1,"message":"Session ID unknown"}', ("LB501", "LB502")),
        (400, '{"code":0,"message":"Transport unknown"}', ("LB101",)),
        (400, "The plain HTTP request was sent to HTTPS port", ()),
        (400, "", ("LB107", "LB101")),
        (401, "", ("LB118",)),
        (403, "", ("LB114", "LB107")),
        (404, "", ("LB101", "LB107")),
        (405, "", ("LB107",)),
        (301, "", ("LB108",)),
        (308, "", ("LB108",)),
        (200, "<html>", ("LB107", "LB101")),
        (204, "", ("LB107", "LB101")),
        (200, "Welcome to SockJS!\n", ()),
        (429, "", ("LB505",)),
        (502, "", ("LB410", "LB201", "LB104")),
        (503, "", ("LB402", "LB401", "LB410", "LB505")),
        (504, "", ("LB220", "LB310")),
        (418, "", ()),
    ],
)
def test_a_status_leads_to_the_rules_that_explain_it(
    status: int, body: str, rules: tuple[str, ...]
) -> None:
    assert diagnose(Answer(status, body=body)).rules == rules


@pytest.mark.parametrize("kind", ["timeout", "closed", "reset", "malformed"])
def test_no_answer_is_diagnosed_as_well(kind: str) -> None:
    assert diagnose(Answer(None, failure=Failure(kind))) is _FAILURES[kind]


ROWS = [*(row[2] for row in _ROWS), *_FAILURES.values(), _REDIRECT, _PAGE]


@pytest.mark.parametrize("diagnosis", ROWS)
def test_every_rule_that_a_diagnosis_names_is_there(diagnosis: Diagnosis) -> None:
    assert set(diagnosis.rules) <= set(BY_CODE)
    assert not diagnosis.cause.endswith(".")
