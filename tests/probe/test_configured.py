"""Targets and health checks that are taken from a configuration, and repeated as they are there."""

import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbcheck.cli import execute
from lbcheck.lab.target import Target, dead, serving, silent
from lbcheck.probe import by_hand
from lbcheck.probe.access import Access
from lbcheck.probe.handshake import Answer, Request
from lbcheck.probe.live import Prober
from tests.aws import answers

Captured = pytest.CaptureFixture[str]
HAPROXY = """\
defaults
    mode http
    timeout connect 3s
    timeout client 30s
    timeout server 30s
    timeout tunnel 1h
frontend edge
    bind :8080
    use_backend sockets if {{ hdr(Upgrade) -i websocket }}
backend sockets
{lines}
"""


def audited(
    tmp_path: pathlib.Path, capsys: Captured, front: Target, lines: list[str]
) -> tuple[int, list[dict], list[tuple[str, str]], str]:
    """Exit code, targets, findings and what was said on standard error."""
    path = tmp_path / "haproxy.cfg"
    path.write_text(HAPROXY.format(lines="\n".join(f"    {line}" for line in lines)))
    url = f"ws://127.0.0.1:{front.port}/ws"
    code = execute(["probe", url, "--checks", str(path), "--rate", "1000", "--format", "json",
                    "--ignore", "LB711"])  # fmt: skip
    said = capsys.readouterr()
    told = json.loads(said.out) if said.out else {"services": [{"targets": []}], "findings": []}
    found = [(finding["code"], finding["resource"]) for finding in told["findings"]]
    return code, told["services"][0]["targets"], found, said.err


def test_each_target_is_asked_what_its_balancer_asks_it(
    tmp_path: pathlib.Path, capsys: Captured
) -> None:
    with serving(Target(), Target(takes=False), Target(ready=503)) as (well, full, ill):
        code, seen, found, said = audited(tmp_path, capsys, well, [
            "option httpchk",
            "http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host chat.example",
            "http-check expect status 200",
            f"server a 127.0.0.1:{well.port} check",
            f"server b 127.0.0.1:{full.port} check",
            f"server c 127.0.0.1:{ill.port} check",
            "server d 127.0.0.1:1",
            "server e 127.0.0.1:2 ssl verify none check",
        ])  # fmt: skip
    assert code == 1
    assert [each["check"]["asked"] for each in seen] == ["GET /readyz"] * 3
    assert [(each["passes"], each["handshake"]["good"]) for each in seen] == [
        (True, True), (True, False), (False, True),
    ]  # fmt: skip
    assert found == [
        ("LB703", f"target 127.0.0.1:{full.port}"), ("LB703", f"target 127.0.0.1:{ill.port}"),
    ]  # fmt: skip
    assert said.splitlines() == [
        "lbcheck: 127.0.0.1:1: not compared: nobody checks it",
        "lbcheck: 127.0.0.1:2: not compared: it is spoken to in TLS",
    ]


def test_targets_and_checks_of_a_saved_target_group_are_asked_as_an_alb_asks(
    tmp_path: pathlib.Path, capsys: Captured
) -> None:
    """Path, matcher and `Host`, its own address; where an instance is, its id does not tell."""
    heard: list[bytes] = []

    class Listening(Target):
        def _answer(self, head: bytes) -> tuple[int | None, dict[str, str]]:
            heard.append(head)
            return super()._answer(head)

    with serving(Target(), Listening()) as (front, target):
        here = answers.target("127.0.0.1", "healthy")
        here["Target"]["Port"] = target.port
        instance = answers.target("i-0123456789abcdef0", "healthy")
        group = answers.group("chat", Matcher={"HttpCode": "200"}, HealthCheckPath="/other")
        rules = [answers.rule(10, answers.forward("chat"), "/ws/*")]
        path = tmp_path / "state.json"
        path.write_text(
            json.dumps(
                answers.document(
                    *rules, groups=[group], TargetHealth={answers.arn("chat"): [here, instance]}
                )
            )
        )
        url = f"ws://127.0.0.1:{front.port}/ws/chat"
        execute(["probe", url, "--checks", str(path), "--rate", "1000", "--format", "json"])
        said = capsys.readouterr()
    (seen,) = json.loads(said.out)["services"][0]["targets"]
    assert (seen["check"]["asked"], seen["check"]["status"], seen["passes"]) == (
        "GET /other", 426, False,
    )  # fmt: skip
    assert seen["handshake"]["good"]
    assert heard[1].split(b"\r\n")[0] == b"GET /other HTTP/1.1"
    assert f"Host: 127.0.0.1:{target.port}".encode() in heard[1]
    assert "i-0123456789abcdef0:8080: not compared: an instance's address is not known" in said.err


def test_the_default_check_of_haproxy_is_made_in_http_1_0(
    tmp_path: pathlib.Path, capsys: Captured
) -> None:
    """`OPTIONS / HTTP/1.0`, which WebSocket servers refuse: the target is thrown out."""
    heard: list[bytes] = []

    class Listening(Target):
        def _answer(self, head: bytes) -> tuple[int | None, dict[str, str]]:
            heard.append(head)
            return super()._answer(head)

    with serving(Target(), Listening()) as (front, target):
        lines = ["option httpchk", f"server a 127.0.0.1:{target.port} check"]
        _, seen, found, _ = audited(tmp_path, capsys, front, lines)
    assert heard[1].split(b"\r\n")[0] == b"OPTIONS / HTTP/1.0"
    assert b"Host" not in heard[1]
    assert [each["check"]["status"] for each in seen] == [505]
    assert found == [("LB703", f"target 127.0.0.1:{target.port}")]


def test_a_check_that_only_connects_says_yes_to_a_target_that_takes_no_sockets(
    tmp_path: pathlib.Path, capsys: Captured
) -> None:
    with serving(Target(), Target(takes=False)) as (front, full), dead() as gone:
        _, seen, found, _ = audited(tmp_path, capsys, front, [
            f"server a 127.0.0.1:{full.port} check", f"server b 127.0.0.1:{gone} check",
        ])  # fmt: skip
    assert [(each["check"]["asked"], each["passes"]) for each in seen] == [
        ("connect", True), ("connect", False),
    ]  # fmt: skip
    assert found == [("LB703", f"target 127.0.0.1:{full.port}")]


def test_a_check_of_another_port_is_made_there(tmp_path: pathlib.Path, capsys: Captured) -> None:
    with serving(Target(ready=404), Target()) as (target, beside):
        _, seen, found, _ = audited(tmp_path, capsys, target, [
            "option httpchk GET /readyz", "http-check expect status 200",
            f"server a 127.0.0.1:{target.port} check port {beside.port}",
        ])  # fmt: skip
    assert [each["name"] for each in seen] == [f"127.0.0.1:{target.port}"]
    assert [each["passes"] for each in seen] == [True]
    assert found == []


def test_nothing_to_compare_is_said_and_is_not_success(
    tmp_path: pathlib.Path, capsys: Captured
) -> None:
    with serving(Target()) as (front,):
        code, _, _, said = audited(tmp_path, capsys, front, ["server a ${HOST}:80 check"])
    assert code == 3
    assert said.endswith("no target with a health check that can be repeated\n")


def test_the_profile_says_which_routes_are_websockets(
    tmp_path: pathlib.Path, capsys: Captured
) -> None:
    path = tmp_path / "haproxy.cfg"
    with serving(Target()) as (target,):
        path.write_text(
            "listen app\n    mode http\n    bind :80\n    option httpchk GET /readyz\n"
            f"    server a 127.0.0.1:{target.port} check\n"
        )
        asked = ["probe", f"ws://127.0.0.1:{target.port}/", "--checks", str(path)]
        asked += ["--rate", "1000", "--ignore", "LB711"]
        assert execute(asked) == 3
        capsys.readouterr()
        assert execute([*asked, "--param", "websocket.paths=/"]) == 0
    assert f"target 127.0.0.1:{target.port}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("data", "status", "kind"),
    [
        (b"HTTP/1.0 200 OK\r\nServer: x\r\n\r\nfine", 200, None),
        (b"HTTP/1.1 503 \r\n\r\n", 503, None),
        (b"HTTP/1.1 404\r\n\r\n", 404, None),
        (b"", None, "closed"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", None, "closed"),
        (b"SSH-2.0\r\n", None, "malformed"),
        (b"HTTP/2 200\r\n\r\n", None, "malformed"),
    ],
)
def test_an_answer_in_http_1_0_is_read(data: bytes, status: int | None, kind: str | None) -> None:
    answer = by_hand.parsed(data)
    assert answer.status == status
    assert (answer.failure.kind if answer.failure else None) == kind


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_none(data: bytes) -> None:
    answer = by_hand.parsed(b"HTTP/1.1 200" + data)
    assert isinstance(answer, Answer)


def test_nobody_is_told_in_http_1_0_as_well() -> None:
    asked = Request(path="/ws", version="1.0")
    with dead() as port, silent() as mute, Prober(Access(rate=1000, timeout_s=0.3)) as prober:
        urls = (f"ws://127.0.0.1:{port}/", f"ws://127.0.0.1:{mute}/", "ws://name.invalid/")
        answers = [prober.ask(url, asked) for url in urls]
    assert [(each.failure.kind, each.status) for each in answers if each.failure] == [
        ("connect", None), ("connect", None), ("dns", None),
    ]  # fmt: skip
