"""The health differential finds every planted disagreement, and no other."""

import json
from collections.abc import Iterator

import pytest

from lbcheck.cli import execute
from lbcheck.lab.target import Target, dead, serving

Captured = pytest.CaptureFixture[str]
STATUS = ("--health-status", "200")


class NeverFails(Target):
    """200 to every plain request, and a WebSocket where one is asked for."""

    def _answer(self, head: bytes) -> tuple[int | None, dict[str, str]]:
        return super()._answer(head) if b"pgrade: websocket" in head else (200, {})


@pytest.fixture
def service() -> Iterator[str]:
    with serving(Target()) as (front,):
        yield f"ws://127.0.0.1:{front.port}/ws"


def compared(
    capsys: Captured, service: str, ports: list[int], *more: str
) -> tuple[dict, list[tuple[str, str, str]]]:
    """What was seen of each target, and the findings about them."""
    targets = [word for port in ports for word in ("--target", f"127.0.0.1:{port}")]
    more = more or ("--health", "/readyz", *STATUS)
    execute(["probe", service, *targets, *more, "--rate", "1000", "--format", "json"])
    told = json.loads(capsys.readouterr().out)
    seen = {target["name"]: target for target in told["services"][0]["targets"]}
    found = [
        (f["code"], f["resource"], f["message"]) for f in told["findings"] if f["code"] != "LB711"
    ]
    return seen, found


def test_a_well_target_and_a_dead_one_and_one_that_is_leaving_agree(
    service: str, capsys: Captured
) -> None:
    with serving(Target(), Target(ready=503, takes=False)) as (well, leaving), dead() as gone:
        seen, found = compared(capsys, service, [well.port, leaving.port, gone])
    assert found == []
    assert [(each["passes"], each["handshake"]["good"]) for each in seen.values()] == [
        (True, True), (False, False), (False, False),
    ]  # fmt: skip
    assert all(each["agree"] for each in seen.values())


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_target_that_cannot_be_reached_from_here_is_not_compared(
    version: str, service: str, capsys: Captured
) -> None:
    """Its check and its WebSocket fail alike, which is no agreement of theirs."""
    asked = ["probe", service, "--target", "no-such-name.invalid:8080", "--health", "/readyz"]
    asked += ["--health-http", version, "--rate", "1000"]
    assert execute([*asked, "--format", "json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert [each["agree"] for each in told["services"][0]["targets"]] == [None]
    (message,) = [f["message"] for f in told["findings"] if f["code"] == "LB901"]
    assert message.startswith(
        "target no-such-name.invalid:8080 cannot be reached from here: its name has no address ("
    )
    assert execute(asked) == 3
    out = capsys.readouterr().out.splitlines()
    row = next(line for line in out if line.startswith("  target"))
    assert row.split(maxsplit=2)[2] == "no address  cannot be reached from here"
    assert out[-1] == "read: 1 of 1 URL (1 in part)"


def test_a_target_that_is_called_well_and_takes_no_sockets(service: str, capsys: Captured) -> None:
    with serving(Target(), Target(takes=False)) as (well, full):
        seen, found = compared(capsys, service, [well.port, full.port])
    assert [each["agree"] for each in seen.values()] == [True, False]
    ((code, resource, message),) = found
    assert (code, resource) == ("LB703", f"target 127.0.0.1:{full.port}")
    assert message.startswith(
        "the health check `GET /readyz` is answered 200, and a handshake is answered 503: a target "
        "that takes no WebSockets stays in rotation (no target takes new sockets"
    )


def test_a_target_that_works_and_is_thrown_out(service: str, capsys: Captured) -> None:
    with serving(Target(ready=404)) as (target,):
        _, found = compared(capsys, service, [target.port])
    assert found == [(
        "LB703", f"target 127.0.0.1:{target.port}",
        "the health check `GET /readyz` is answered 404, and a handshake is answered 101: a target "
        "that works is thrown out",
    )]  # fmt: skip


def test_the_check_that_people_leave_at_its_default_throws_every_websocket_server_out(
    service: str, capsys: Captured
) -> None:
    with serving(Target()) as (target,):
        seen, found = compared(capsys, service, [target.port], "--health", "/", *STATUS)
        assert [code for code, _, _ in found] == ["LB703"]
        widened = ("--health", "/", "--health-status", "200-499")
        seen, found = compared(capsys, service, [target.port], *widened)
    assert [code for code, _, _ in found] == ["LB708"]
    assert [each["cannot_fail"] for each in seen.values()] == [True]


def test_a_check_that_any_path_passes_cannot_fail(service: str, capsys: Captured) -> None:
    with serving(NeverFails()) as (target,):
        _, found = compared(capsys, service, [target.port])
    assert found == [(
        "LB708", f"target 127.0.0.1:{target.port}",
        "the health check `GET /readyz` is answered 200, and so is a path that nobody has: the "
        "check cannot fail",
    )]  # fmt: skip


def test_a_check_is_made_as_a_balancer_makes_it(service: str, capsys: Captured) -> None:
    """Its own Host and method, and none of the client's credentials; the handshake has them."""
    heard: list[bytes] = []

    class Listening(Target):
        def _answer(self, head: bytes) -> tuple[int | None, dict[str, str]]:
            heard.append(head)
            return super()._answer(head)

    how = ("--health", "/readyz", "--health-method", "HEAD", "--health-host", "check.example")
    with serving(Listening()) as (target,):
        compared(capsys, service, [target.port], *how, "--header", "X-Secret: 1")
    handshake, check, elsewhere = (head.decode().split("\r\n") for head in heard)
    assert check[0] == "HEAD /readyz HTTP/1.1"
    assert "Host: check.example" in check
    assert "X-Secret: 1" not in check
    assert elsewhere[0].startswith("HEAD /lbcheck-")
    assert handshake[0] == "GET /ws HTTP/1.1"
    assert f"Host: {service.split('/')[2]}" in handshake
    assert "X-Secret: 1" in handshake


def test_the_path_of_the_profile_is_asked_and_the_table_says_who_disagrees(
    service: str, capsys: Captured
) -> None:
    with serving(Target(takes=False)) as (target,):
        code = execute([
            "probe", service, "--target", f"127.0.0.1:{target.port}", "--rate", "1000",
            "--param", "health.path=/readyz",
        ])  # fmt: skip
    assert code == 1
    row = next(r for r in capsys.readouterr().out.splitlines() if r.startswith("  target"))
    assert row.split(maxsplit=2)[2] == "503  GET /readyz 200: yes; THEY DISAGREE"
