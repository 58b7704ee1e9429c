"""The record of the matrix: it is of the pinned servers, and docs and profiles say what it says.

`make interop` measures anew; here nothing is started.
"""

import json
import pathlib
import re

import msgspec
import pytest
from msgspec.structs import replace

from lbcheck import profiles
from tests.interop import __main__ as command
from tests.interop import agreement, installing, page, record
from tests.interop.balancers import BALANCERS
from tests.interop.installing import SERVERS
from tests.interop.measured import Measured, Record, Returned
from tests.interop.stacks import ALL, Stack

RECORD = record.read()
KEPT = RECORD.systems
BOTH = list(zip(ALL, KEPT, strict=True))


def pinned(stack: Stack) -> str:
    """The version that the server's folder asks for."""
    if stack.place == "node":
        return json.loads((SERVERS / "node/package.json").read_text())["dependencies"][
            stack.package
        ]
    if stack.place == "spring":
        return re.findall(r"<version>(.+?)</version>", (SERVERS / "spring/pom.xml").read_text())[0]
    name = {"python": "requirements.txt", "python-11": "requirements-11.txt"}[stack.place]
    text = (SERVERS / "python" / name).read_text()
    return re.findall(rf"(?m)^{stack.package}==(.+)$", text)[0]


def named(value: object) -> str:
    return value.name if isinstance(value, Stack) else ""


def test_the_record_is_of_the_systems_of_the_matrix() -> None:
    assert [each.name for each in KEPT] == [stack.name for stack in ALL]
    named_first = {"RFC 6455, strict", "Node ws", "Python websockets 11", "Spring WebSocket"}
    assert named_first <= {stack.name for stack in ALL}


@pytest.mark.parametrize(("stack", "measured"), BOTH, ids=named)
def test_what_was_measured_is_what_is_pinned(stack: Stack, measured: Measured) -> None:
    package = "spring-boot" if stack.place == "spring" else stack.package
    assert measured.versions[package] == pinned(stack)


@pytest.mark.parametrize(("stack", "measured"), BOTH, ids=named)
def test_a_profile_says_exactly_what_was_measured(stack: Stack, measured: Measured) -> None:
    assert list(agreement.differences(stack, profiles.load([stack.profile]), measured)) == []


@pytest.mark.parametrize(("stack", "measured"), BOTH, ids=named)
def test_every_server_takes_the_probes_handshake(stack: Stack, measured: Measured) -> None:
    assert (measured.answers.handshake, measured.answers.faults, measured.wrong) == (101, (), ())
    assert measured.answers.pongs


def test_no_default_health_check_finds_a_server_well() -> None:
    for answers in (each.answers for each in KEPT):
        assert {answers.plain, answers.root, answers.options_10} <= {400, 404, 405, 426}


def test_the_page_in_docs_is_current() -> None:
    """Renew it with `make interop`."""
    assert page.PATH.read_text() == page.text()


def test_a_profile_that_says_otherwise_is_told_by_its_keys() -> None:
    stack, measured = BOTH[2]
    profile = profiles.load(
        [stack.profile],
        {
            "heartbeat.interval_s": "30",
            "drain.graceful_close": "1001",
            "handshake.checks_origin": "true",
        },
    )
    profile = replace(profile, verified=profiles.load([stack.profile]).verified)
    assert list(agreement.differences(stack, profile, measured)) == [
        "profiles/socketio-v4.yaml: handshake.checks_origin is True, measured was False",
        "profiles/socketio-v4.yaml: heartbeat.interval_s is 30.0, measured was 25.0",
        "profiles/socketio-v4.yaml: drain.graceful_close is 1001, measured was 1005",
    ]


def test_a_profile_that_leaves_unsaid_what_was_measured_is_told_as_well() -> None:
    stack, measured = BOTH[1]
    profile = profiles.load([stack.profile])
    silent = replace(profile, drain=replace(profile.drain, silent_client_wait_s=None))
    assert list(agreement.differences(stack, silent, measured)) == [
        "profiles/node-ws.yaml: drain.silent_client_wait_s is None, measured was 30.0"
    ]


def with_node(**planned: object) -> Record:
    """The record with another planned shutdown of Node ws."""
    node = replace(KEPT[1], planned=replace(KEPT[1].planned, **planned))
    return replace(RECORD, systems=(KEPT[0], node, *KEPT[2:]))


def test_busy_machines_change_nothing_and_another_close_code_does() -> None:
    assert list(record.changes(RECORD, with_node(exit_s=31.4))) == []
    assert list(record.changes(RECORD, with_node(close="1000", exit_s=12.0))) == [
        "Node ws: planned.close was '1001', is '1000'",
        "Node ws: planned.exit_s was 30.0, is 12.0",
    ]
    assert list(record.changes(RECORD, with_node(exit_s=None))) == [
        "Node ws: planned.exit_s was 30.0, is None"
    ]


def test_the_record_is_kept_in_whole_seconds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.setattr(record, "FILE", tmp_path / "measured.json")
    assert record.read() == Record()
    record.write(with_node(exit_s=30.14))
    assert record.read() == RECORD


@pytest.fixture
def measured_as_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> pathlib.Path:
    """`make interop` where everything measured is as kept, with a record and a page of its own."""
    monkeypatch.setattr(installing, "check", lambda names: None)
    monkeypatch.setattr(installing, "install", lambda name: None)
    monkeypatch.setattr(command, "KEPT_S", 0.0)
    monkeypatch.setattr(command, "returned", lambda: RECORD.returns)
    monkeypatch.setattr(command, "measure", lambda stack: KEPT[ALL.index(stack)])
    monkeypatch.setattr(record, "FILE", tmp_path / "measured.json")
    monkeypatch.setattr(page, "PATH", tmp_path / "interop.md")
    record.write(RECORD)
    page.write()
    return tmp_path


def test_the_check_is_content_with_what_is_kept(
    measured_as_kept: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--check"]) == 0
    assert " was " not in capsys.readouterr().out


def test_the_check_tells_of_a_stale_page_and_leaves_it(
    measured_as_kept: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page.PATH.write_text("old")
    assert command.main(["--check"]) == 1
    assert "docs/interop.md is stale: run `make interop`" in capsys.readouterr().out
    assert page.PATH.read_text() == "old"


def test_a_changed_server_fails_the_check_and_is_written_without_it(
    measured_as_kept: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    systems = with_node(close="1000").systems
    monkeypatch.setattr(command, "measure", lambda stack: systems[ALL.index(stack)])
    assert command.main(["--check"]) == 1
    told = capsys.readouterr().out
    assert "Node ws: planned.close was '1001', is '1000'\n" in told
    assert "profiles/node-ws.yaml: drain.graceful_close is 1001, measured was 1000\n" in told
    assert record.read() == RECORD
    assert command.main([]) == 1
    assert record.read().systems[1].planned.close == "1000"
    assert "| 1000 at once |" in page.PATH.read_text()


def test_what_is_missing_is_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert command.main(["--check"]) == 2
    assert capsys.readouterr().err == (
        "make interop: not found: java, javac, mvn, node, npm (`java` comes with a JDK, 17 or "
        "newer; `javac` comes with a JDK, 17 or newer; `mvn` comes with Apache Maven 3.6.3 or "
        "newer; `node` comes with Node.js 18 or newer; `npm` comes with Node.js with npm)\n"
    )


def returns(balancer: str) -> dict[str, Returned]:
    return {each.manner: each for each in RECORD.returns if each.balancer.startswith(balancer)}


def test_what_the_page_says_of_returning_clients_was_measured() -> None:
    assert [each.balancer for each in RECORD.returns[::3]] == [each.name for each in BALANCERS]
    assert {(each.ends, each.landed) for each in RECORD.returns} == {(("a close frame (1001)",), 0)}
    for second_try in ("nginx", "HAProxy, `option redispatch"):
        for each in returns(second_try).values():
            assert (each.answers, each.away) == ((), 0)
        herd, apart = returns(second_try)["at-once"], returns(second_try)["backoff"]
        assert herd.peak > apart.peak
        assert herd.longest_s < apart.longest_s
    for each in returns("HAProxy, `check").values():
        assert (each.answers, each.away) == (("503",), 0)
    alone = returns("HAProxy, no checks")
    assert {each.answers for each in alone.values()} == {("503",)}
    assert alone["health"].away > alone["backoff"].away + record.FEW


def test_how_clients_come_back_may_differ_a_little_and_what_they_are_answered_may_not() -> None:
    first, *others = RECORD.returns
    late = replace(first, longest_s=9.9, peak=1, away=record.FEW)
    assert list(record.changes(RECORD, replace(RECORD, returns=(late, *others)))) == []
    other = replace(first, answers=("503",), landed=1, away=record.FEW + 1)
    assert list(record.changes(RECORD, replace(RECORD, returns=(other, *others)))) == [
        "nginx, backoff: answers was (), is ('503',)",
        "nginx, backoff: landed was 0, is 1",
        "nginx, backoff: away was 0, is 5",
    ]
    assert list(record.changes(RECORD, replace(RECORD, returns=tuple(others)))) == [
        "nginx, backoff: is only in the record"
    ]


def test_times_are_kept_as_numbers_and_codes_as_words() -> None:
    for each in KEPT:
        for leaving in (each.default, each.planned):
            assert leaving.close in {"none", "1001", "1005", "1012"}
            assert leaving.exit_s is not None
            assert leaving.again == ("refused",)
    assert msgspec.json.decode(record.FILE.read_bytes())
