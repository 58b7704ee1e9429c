"""`lbcheck audit --live`: what may be asked, what is shown, which exit code it has."""

import json
import pathlib

import pytest

from lbcheck.cli import execute
from lbcheck.lab.target import Target, dead, serving

Captured = pytest.CaptureFixture[str]
CONFIG = """\
global
    hard-stop-after 30m
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
frontend edge
    bind :8080
    default_backend ws
backend ws
    option httpchk GET /readyz
    server a 10.255.255.1:80 check
"""


@pytest.fixture
def config(tmp_path: pathlib.Path) -> str:
    (tmp_path / "edge.cfg").write_text(CONFIG)
    return str(tmp_path / "edge.cfg")


def told(capsys: Captured, *words: str) -> tuple[int, dict]:
    code = execute(["audit", *words, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_each_finding_of_the_configuration_has_a_verdict(config: str, capsys: Captured) -> None:
    with serving(Target()) as (target,):
        code, report = told(capsys, config, "--live", f"ws://127.0.0.1:{target.port}/ws")
    trials = {finding["code"]: finding["trial"] for finding in report["findings"]}
    assert trials["LB303"] == {
        "verdict": "not tried",
        "detail": "silence was not waited for (--live-idle 32s)",
    }
    assert trials["LB711"] is None
    assert [source["kind"] for source in report["sources"]] == ["haproxy", "live"]
    assert (code, report["complete"]) == (1, True)


def test_without_live_there_is_no_trial(config: str, capsys: Captured) -> None:
    _, report = told(capsys, config)
    assert {finding["trial"] for finding in report["findings"]} == {None}


class Listening(Target):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def _answer(self, head: bytes) -> tuple[int | None, dict[str, str]]:
        self.heard.append(head.decode())
        return super()._answer(head)


@pytest.mark.parametrize(("words", "asked"), [((), 3), (("--live-bearer", "sesame"), 0)])
def test_an_address_in_a_file_is_sent_no_token(
    words: tuple[str, ...], asked: int, tmp_path: pathlib.Path, capsys: Captured
) -> None:
    """Whoever may propose a configuration could have it brought to a place of their own."""
    with serving(Target()) as (service,), serving(Listening()) as (elsewhere,):
        config = tmp_path / "edge.cfg"
        config.write_text(CONFIG.replace("10.255.255.1:80", f"127.0.0.1:{elsewhere.port}"))
        told(capsys, str(config), "--live", f"ws://127.0.0.1:{service.port}/ws", *words)
    assert len(elsewhere.heard) == asked
    assert "sesame" not in "".join(elsewhere.heard)


def test_headers_are_sent_and_secrets_are_not_shown(config: str, capsys: Captured) -> None:
    with serving(Target()) as (target,):
        url = f"ws://127.0.0.1:{target.port}/ws?token=sesame"
        code = execute(["audit", config, "--live", url, "--live-header", "X-One: 1",
                        "--live-bearer", "sesame"])  # fmt: skip
    said = capsys.readouterr()
    assert code == 1
    assert "sesame" not in said.out + said.err
    assert "token=***" in said.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--live", "chat.example"], "is no URL such as wss://chat.example/ws"),
        (["--live", "ws://user:sesame@chat.example/"], "a password in a URL"),
        (["--live-idle", "9s"], "--live-idle says how to try a service: add --live URL"),
        (["--live", "haproxy=unix:/s", "--live-ca", "f"], "--live-ca says how to try a service"),
        (["--live", "ws://h/", "--live-header", "No"], "--live-header: write NAME:VALUE"),
        (["--live", "haproxy=ftp://u:sesame@h"], "--live haproxy=...: write haproxy="),
    ],
)
def test_what_cannot_be_asked_is_wrong_usage(
    config: str, words: list[str], message: str, capsys: Captured
) -> None:
    assert execute(["audit", config, *words]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert "sesame" not in said


def test_who_does_not_answer_makes_the_result_incomplete(
    tmp_path: pathlib.Path, capsys: Captured
) -> None:
    (tmp_path / "well.cfg").write_text(
        CONFIG.replace("timeout server", "timeout tunnel 1h\n    timeout server")
    )
    with dead() as port:
        code, report = told(
            capsys, str(tmp_path / "well.cfg"), "--live", f"ws://127.0.0.1:{port}/ws"
        )
        assert (code, report["complete"]) == (3, False)
        code, report = told(capsys, "--live", f"haproxy=tcp:127.0.0.1:{port}")
    assert (code, report["complete"]) == (3, False)
    assert report["sources"] == [
        {
            "name": f"haproxy tcp:127.0.0.1:{port}",
            "kind": "live",
            "status": "unread",
            "detail": "cannot be asked: Connection refused",
        }
    ]
