"""Channels: secrets are named, errors say nothing of them, busy services are asked again."""

import json
import pathlib

import httpx
import pytest
import stamina
from pytest_httpx import HTTPXMock

from lbcheck.errors import UsageError
from lbcheck.history.digest import decoded
from lbcheck.history.outbox import NotSentError
from lbcheck.notify.channels import channels
from tests.notify.digests import digest

# Apprise 2.2 imports imghdr, which Python 3.11 and 3.12 call deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")
HOOK = "https://hooks.example.com/services/T0/S3CRET"


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOOK", f" {HOOK}\n")
    with stamina.set_testing(True, attempts=3):
        yield


def test_a_chat_is_posted_its_form(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=HOOK, method="POST", text="ok")
    (channel,) = channels(["slack=env:HOOK", "slack=env:HOOK"])
    assert channel.name == "slack=env:HOOK"
    channel.send(digest("cuts"), again=False)
    (request,) = httpx_mock.get_requests()
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content)["text"] == "lbcheck: 1 new (1 error)"


def test_a_webhook_is_posted_the_digest_with_headers_and_a_key_of_its_own(
    httpx_mock: HTTPXMock, tmp_path: pathlib.Path
) -> None:
    held = tmp_path / "hook"
    held.write_text(f"{HOOK}\nAuthorization: Bearer abc\nX-Team: edge\n")
    httpx_mock.add_response(status_code=204, is_reusable=True)
    (channel,) = channels([f"webhook=file:{held}"])
    for run in (digest("cuts"), digest("cuts"), digest("cuts", "again")):
        channel.send(run, again=False)
    first, second, _ = httpx_mock.get_requests()
    assert decoded(first.content) == digest("cuts")
    assert (first.headers["authorization"], first.headers["x-team"]) == ("Bearer abc", "edge")
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert len(first.headers["idempotency-key"]) == 32


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_service_is_asked_again(httpx_mock: HTTPXMock, status: int) -> None:
    httpx_mock.add_response(status_code=status, headers={"retry-after": "1"})
    httpx_mock.add_exception(httpx.ConnectError("refused"))
    httpx_mock.add_response(status_code=200)
    channels(["discord=env:HOOK"])[0].send(digest("cuts"), again=False)
    assert len(httpx_mock.get_requests()) == 3


@pytest.mark.parametrize(
    ("answer", "said", "asked"),
    [
        (404, "hooks.example.com answered 404", 1),
        (302, "hooks.example.com answered 302", 1),
        (500, "hooks.example.com answered 500", 3),
        (httpx.ReadTimeout("slow"), "hooks.example.com did not answer within 15s", 1),
        (httpx.ConnectTimeout("slow"), "hooks.example.com did not answer within 15s", 3),
        (httpx.ConnectError(f"no {HOOK}"), "hooks.example.com cannot be reached", 3),
        (httpx.RemoteProtocolError("no"), "hooks.example.com: RemoteProtocolError", 1),
    ],
)
def test_what_is_not_sent_is_said_without_the_secret(
    httpx_mock: HTTPXMock, answer: int | Exception, said: str, asked: int,
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if isinstance(answer, int):
        httpx_mock.add_response(status_code=answer, is_reusable=True)
    else:
        httpx_mock.add_exception(answer, is_reusable=True)
    with pytest.raises(NotSentError) as raised:
        channels(["teams=env:HOOK"])[0].send(digest("cuts"), again=False)
    assert str(raised.value) == said
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert len(httpx_mock.get_requests()) == asked
    assert "S3CRET" not in caplog.text + "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("slack", "--notify wants one of slack, teams, discord, webhook, mail, apprise, then "
                  "`=env:NAME` or `=file:PATH`"),
        ("pager=env:HOOK", "--notify wants one of slack, teams, discord, webhook, mail, apprise, "
                           "then `=env:NAME` or `=file:PATH`"),
        (f"slack={HOOK}", "--notify slack: a secret is named, not written: `slack=env:NAME` or "
                          "`slack=file:PATH`"),
        ("slack=env:NONE", "--notify slack: the environment variable NONE is not set"),
        ("slack=env:EMPTY", "--notify slack=env:EMPTY: is empty"),
        ("slack=file:no/such", "--notify slack=file:no/such: cannot be read: No such file or "
                               "directory"),
        ("slack=env:CLEAR", "--notify slack=env:CLEAR holds no https:// address"),
        ("slack=env:ODD", "--notify slack=env:ODD holds no https:// address"),
        ("webhook=env:HEADER", "--notify webhook=env:HEADER: lines behind the address are "
                               "headers, `Name: value`"),
        ("webhook=env:ACCENT", "--notify webhook=env:ACCENT: lines behind the address are "
                               "headers, `Name: value`"),
        ("mail=env:HOOK", "--notify mail=env:HOOK holds no address such as "
                          "smtps://user:password@host/?from=a@example.com&to=b@example.com"),
        ("apprise=env:ODD", "--notify apprise=env:ODD: line 1 is no address that Apprise knows"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_before_the_run_and_without_the_secret(
    written: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMPTY", " \n")
    monkeypatch.setenv("CLEAR", "http://hooks.example.com/S3CRET")
    monkeypatch.setenv("ODD", "S3CRET://[")
    monkeypatch.setenv("HEADER", f"{HOOK}\nno header S3CRET")
    monkeypatch.setenv("ACCENT", f"{HOOK}\nX-Team: S3CRET-\u00e9")
    with pytest.raises(UsageError) as raised:
        channels([written])
    assert str(raised.value) == said
    assert "S3CRET" not in said


def test_a_service_of_this_machine_may_be_asked_in_clear(
    httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL", "http://127.0.0.1:9/hook")
    httpx_mock.add_response(url="http://127.0.0.1:9/hook")
    channels(["webhook=env:LOCAL"])[0].send(digest(), again=False)


def test_apprise_tells_what_it_knows(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[tuple[str, str]] = []
    import apprise

    def notify(self: object, title: str, body: str, **_: object) -> bool:
        told.append((title, body))
        return len(told) == 1

    monkeypatch.setattr(apprise.Apprise, "notify", notify)
    monkeypatch.setenv("MANY", "json://127.0.0.1:9/S3CRET\n\njsons://example.com/\n")
    (channel,) = channels(["apprise=env:MANY"])
    channel.send(digest("cuts"), again=False)
    assert told == [
        (
            "lbcheck: 1 new (1 error)",
            "new error: LB301 edge/a.conf:3:5: cuts\n"
            "run 7, 2026-11-23T07:00:00Z: lbcheck report show 7",
        )
    ]
    with pytest.raises(NotSentError, match="Apprise could not tell every service"):
        channel.send(digest("cuts"), again=False)
    assert "S3CRET" not in caplog.text


def test_without_apprise_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(UsageError, match=r"needs Apprise: pip install 'lbcheck\[notify\]'"):
        channels(["apprise=env:HOOK"])
