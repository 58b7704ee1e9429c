"""`lbcheck probe`: what is printed, in every format, and the exit codes."""

import json
import pathlib
from collections.abc import Iterator

import pytest

from lbcheck.cli import execute
from lbcheck.lab.target import Target, dead, serving
from lbcheck.reporters import FORMATS
from tests.probe.leaving import Leaving

Captured = pytest.CaptureFixture[str]
FAST = ("--rate", "1000")


@pytest.fixture
def target() -> Iterator[Target]:
    with serving(Target()) as (served,):
        yield served


def url(target: Target, path: str = "/ws") -> str:
    return f"ws://127.0.0.1:{target.port}{path}"


def findings(capsys: Captured) -> list[tuple[str, str]]:
    told = json.loads(capsys.readouterr().out)
    return [(found["code"], found["severity"]) for found in told["findings"]]


def test_a_good_service_is_a_table_and_exit_code_0(target: Target, capsys: Captured) -> None:
    assert execute(["probe", url(target), *FAST, "--ignore", "LB711"]) == 0
    first, *rows, _, summary, read = capsys.readouterr().out.splitlines()
    assert first == f"{url(target)} (127.0.0.1:{target.port})"
    assert [row.split("  ")[1] for row in rows] == [
        "handshake", "without Upgrade", "version 12", "without a key", "foreign Origin",
        "random path",
    ]  # fmt: skip
    assert rows[1].split() == ["without", "Upgrade", "426", "no", "page,", "no", "101"]
    assert summary == "no findings (1 not shown)"
    assert read == "read: 1 of 1 URL"


def test_nobody_there_is_said_in_words(capsys: Captured) -> None:
    with dead() as port:
        assert execute(["probe", f"ws://127.0.0.1:{port}/ws"]) == 3
    table, _, rest = capsys.readouterr().out.partition("\n\n")
    assert table == f"ws://127.0.0.1:{port}/ws\n  handshake  no connection"
    assert "cannot be reached: the connection is not taken (Connection refused)" in " ".join(
        rest.replace("|", "").split()
    )


def test_a_refused_handshake_is_an_error_with_its_cause(capsys: Captured) -> None:
    with serving(Target(pages=True)) as (target,):
        assert execute(["probe", url(target), *FAST, "--format", "concise"]) == 1
        expected = (
            f"{url(target)} handshake: error LB701 the handshake is answered 200: a page answers "
            "instead of the WebSocket: another route, a cache or the fallback of an application "
            "took the request"
        )
    assert capsys.readouterr().out.splitlines()[0].startswith(expected)


def test_a_service_that_cannot_be_reached_is_incomplete(capsys: Captured) -> None:
    with dead() as port:
        assert execute(["probe", f"ws://127.0.0.1:{port}/", *FAST]) == 3
    out = capsys.readouterr().out
    assert "warning[LB901] unreadable-source" in out
    assert "read: 0 of 1 URL" in out


def test_findings_win_over_what_could_not_be_reached(capsys: Captured) -> None:
    with dead() as port, serving(Target(takes=False)) as (target,):
        assert execute(["probe", f"ws://127.0.0.1:{port}/", url(target), *FAST]) == 1


def test_json_is_lbcheck_probe_1(target: Target, capsys: Captured) -> None:
    assert execute(["probe", url(target), *FAST, "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == [
        "schema", "version", "complete", "exit_code", "services", "findings", "summary",
    ]  # fmt: skip
    assert (told["schema"], told["complete"], told["exit_code"]) == ("lbcheck-probe/1", True, 0)
    (service,) = told["services"]
    assert list(service) == ["url", "handshake", "targets", "idle", "spread", "drain"]
    assert service["url"] == url(target)
    handshake = service["handshake"]
    assert (handshake["status"], handshake["good"], handshake["cause"]) == (101, True, None)
    assert [(each["name"], each["status"]) for each in handshake["controls"]] == [
        ("without Upgrade", 426), ("version 12", 400), ("without a key", 400),
        ("foreign Origin", 101), ("random path", 101),
    ]  # fmt: skip
    (found,) = told["findings"]
    assert (found["code"], found["path"], found["resource"], found["line"]) == (
        "LB711", url(target), "handshake, foreign Origin", None,
    )  # fmt: skip


@pytest.mark.parametrize("form", ["audit-json", *FORMATS])
def test_the_formats_of_an_audit_hold_the_findings(
    form: str, target: Target, capsys: Captured
) -> None:
    execute(["probe", url(target), *FAST, "--format", form])
    out = capsys.readouterr().out
    assert "LB711" in out
    if form == "audit-json":
        assert json.loads(out)["schema"] == "lbcheck/1"


def test_a_profile_says_what_is_meant(target: Target, capsys: Captured) -> None:
    declared = ["--param", "handshake.checks_origin=true"]
    execute(["probe", url(target), *FAST, "--format", "json", *declared])
    assert findings(capsys) == [("LB711", "warning")]


def test_no_secret_is_printed(target: Target, capsys: Captured) -> None:
    secrets = [
        "--bearer",
        "hunter2hunter2",
        "--cookie",
        "session=hunter3",
        "--header",
        "X-Key: hunter4",
    ]
    for form in FORMATS:
        asked = url(target, "/ws?token=hunter5&ticket=hunter6#hunter7")
        execute(["probe", asked, *FAST, *secrets, "--format", form])
        said = "".join(capsys.readouterr())
        assert ("/ws?token=%2A%2A%2A" if form == "sarif" else "/ws?token=***") in said
        assert "hunter" not in said


def test_what_comes_back_in_a_redirect_is_not_printed(capsys: Captured) -> None:
    """A login page is told where the client wanted to go, token and all."""
    with serving(Target()) as (target,):
        back = "https://login.example/?next=%2Fws%3Ftoken%3Dhunter2&hunter3#hunter4"
        target._answer = lambda head: (302, {"Location": back})  # type: ignore[method-assign]
        for form in ("json", *FORMATS):
            assert execute(["probe", url(target), *FAST, "--format", form]) == 1
            assert "hunter" not in "".join(capsys.readouterr())
        execute(["probe", url(target), *FAST, "--format", "concise"])
    assert "302 to `https://login.example/?next=***&***`" in capsys.readouterr().out


def test_a_long_story_of_a_server_is_cut(capsys: Captured) -> None:
    with serving(Target()) as (target,):
        many = {"Sec-WebSocket-Protocol": "a" * 60_000, "Sec-WebSocket-Extensions": "b, " * 9_000}
        target._answer = lambda head: (101, many)  # type: ignore[method-assign]
        for form in ("text", "json"):
            assert execute(["probe", url(target), *FAST, "--format", form]) == 1
            assert len(capsys.readouterr().out) < 5_000


@pytest.mark.parametrize("proxy", ["bogus://u:hunter@h:1", "socks5://u:hunter@h:1"])
def test_a_proxy_that_nobody_can_ask_is_told_without_its_password(
    proxy: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert execute(["probe", "wss://chat.example/ws", "--proxy"]) == 2
    assert capsys.readouterr().err == "lbcheck: --proxy: the environment names no HTTP proxy\n"


def test_what_a_server_says_steers_no_terminal(capsys: Captured) -> None:
    with serving(Target()) as (target,):
        target._answer = lambda head: (302, {"Location": "http://x/\x1b[31m"})  # type: ignore[method-assign]
        assert execute(["probe", url(target), *FAST]) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "LB701" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ws://h/", "--header", "Upgrade: h2c"], "--header Upgrade: this one is the handshake's"),
        (["ws://h/", "--header", "a b: c"], "--header a b: write NAME:VALUE"),
        (["ws://h/", "--header", "Authorization hunter"], "--header: write NAME:VALUE"),
        (["ws://h/", "--resolve", "h:80:a..b"], "--resolve h:80:a..b: write HOST:PORT:ADDRESS"),
        (["ws://h/", "--header", "X: a\r\nY: b"], "--header X: a header takes printable ASCII"),
        (["ws://h/", "--bearer", "a\n"], "--bearer: a header takes printable ASCII"),
        (["ws://h/", "--basic", "a:b", "--bearer", "c"], "two passwords for one header"),
        (["ws://h/", "--key", "k.pem"], "--key belongs to a certificate: add --cert"),
        (["ws://h/", "--resolve", "h:1.2.3.4"], "--resolve h:1.2.3.4: write HOST:PORT:ADDRESS"),
        (["ws://h/", "--proxy"], "--proxy: a proxy is asked for a tunnel, which is for wss://"),
        (["ws://h/", "--ca", "absent.pem"], "the certificates cannot be used"),
        (["ws://h/", "--ignore", "LB999"], "no rule is called 'LB999'"),
        (["ws://h/", "--health", "/x"], "--health is asked of targets: add --target HOST:PORT"),
        (["ws://h/", "--target", "t:1"], "--target needs the path of its health check"),
        (["ws://h/", "--target", "t", "--health", "/x"], "t: write HOST:PORT"),
        (["ws://h/", "--target", "t:1", "--health", "/a b"], "--target needs the path"),
        (
            ["ws://h/", "--target", "t:1", "--health", "/", "--health-status", "2xx"],
            "--health-status 2xx: write statuses such as 200,204 or 200-299",
        ),
        (
            ["ws://h/", "ws://i/", "--target", "t:1", "--health", "/"],
            "--target and --checks belong to one URL",
        ),
        (
            ["ws://h/", "--target", "t:1", "--health", "/", "--unix-socket", "s"],
            "--target and --checks are asked directly: without --proxy, --unix-socket",
        ),
        (["ws://h/", "--ping", "5s"], "--ping is tried while WebSockets are held: add --idle TIME"),
        (["ws://h/", "--idle", "soon"], "'soon' is no time, such as 90s"),
        (["ws://h/", "--idle", "9s", *("--ping", "1s") * 50], "no more than 50 WebSockets"),
        (["ws://h/", "ws://i/", "--drain", "9s"], "--drain belongs to one URL"),
        (["ws://h/", "--drain", "9s", "--reconnect", "health"], "--reconnect health needs a path"),
        (["ws://h/", "--drain-command", "no-such-program"], "no program 'no-such-program'"),
        (["ws://h/", "--drain", "9s", "--connections", "51"], "51 WebSockets at a time, add --yes"),
        (["ws://h/", "--spread", "2", "--instance-header", "a b"], "'a b' is no name"),
        (
            ["ws://h/", "--drain", "42s", "--profile", "socketio-v4"],
            "--drain: takes 46s with all clients, and this service closes those that do not answer "
            "its data, as a probe does not, after 45s",
        ),
        (["ws://h/", "--spread", "2"], "which instance is it? Add --instance-header"),
        (["ws://h/", "--spread", "501"], "501 is not in the range"),
        ([], "Missing argument"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_a_usage_error(
    arguments: list[str], message: str, capsys: Captured
) -> None:
    assert execute(["probe", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_the_configuration_file_of_an_audit_says_which_profile(
    target: Target, capsys: Captured, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.yaml").write_text("id: own\nrules: {LB711: error}\n")
    (tmp_path / ".lbcheck.yaml").write_text("profile: own.yaml\n")
    monkeypatch.chdir(tmp_path)
    assert execute(["probe", url(target), *FAST, "--format", "json"]) == 1
    assert findings(capsys) == [("LB711", "error")]


def test_a_terminal_sees_how_far_it_is(
    target: Target, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert execute(["probe", url(target), *FAST, "--idle", "0.4s", "--ping", "0.1s"]) == 0
    assert "holding WebSockets" in capsys.readouterr().err


def test_a_terminal_is_asked_before_many_are_held(
    target: Target, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    for stream in ("stdin", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    asked: list[str] = []

    def refuse(question: str, **more: object) -> bool:
        asked.append(question)
        return False

    monkeypatch.setattr("click.confirm", refuse)
    assert execute(["probe", url(target), *FAST, "--drain", "9s", "--connections", "51"]) == 2
    assert asked == ["Hold 51 WebSockets at a time?"]
    assert "--connections: not agreed to" in capsys.readouterr().err


def test_a_drain_is_a_table_words_and_findings(capsys: Captured, tmp_path: pathlib.Path) -> None:
    drained = tmp_path / "drained"
    with serving(Leaving(told_by=drained)) as (leaving,):
        asked = ["probe", url(leaving), *FAST, "--drain", "1s", "--connections", "2"]
        asked += ["--instance-header", "X-Node", "--reconnect", "at-once"]
        asked += ["--drain-command", f"sh -c \"touch {drained}; printf 'gone\\033[31m'\""]
        assert execute(asked) == 1
        out, err = capsys.readouterr()
        assert "lbcheck: " in err
        assert "WebSockets are held: the drain command runs" in err
        rows = [line.split(maxsplit=3) for line in out.splitlines()]
        assert ["drain", "command", "exit", "code 0  sh: gone\\x1b[31m"] in rows
        assert "  = Coming back at once makes a herd" in out
        assert "error[LB706]" in out
        assert "\x1b" not in out
        drained.unlink()
        leaving.leaving.clear()
        assert execute([*asked, "--format", "json"]) == 1
    drain = json.loads(capsys.readouterr().out)["services"][0]["drain"]
    assert list(drain) == [
        "window_s", "clients", "manner", "held", "instances", "ended", "ends", "attempts",
        "peak_per_100ms", "refused", "health", "leaving", "landed", "stayed", "gaps_s", "away",
        "command", "advice",
    ]  # fmt: skip
    assert drain["leaving"] == ["a"]
    assert drain["command"] == {"program": "sh", "exit_code": 0, "output": "gone\x1b[31m"}


def test_a_service_commands_no_ci_runner(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    with serving(Target("##[error]a")) as (target,):
        execute(["probe", url(target), *FAST, "--spread", "1", "--instance-header", "X-Node"])
    out = capsys.readouterr().out
    assert "# #[error]a: 1" in out
    assert "##[" not in out


def test_a_drain_in_which_nothing_ends_is_incomplete(target: Target, capsys: Captured) -> None:
    asked = ["probe", url(target), *FAST, "--drain", "0.2s", "--connections", "60", "--yes"]
    assert execute(asked) == 3
    assert "60 held" in capsys.readouterr().out


def test_a_spread_is_told_by_instances(target: Target, capsys: Captured) -> None:
    asked = ["probe", url(target), *FAST, "--spread", "3", "--instance-header", "x-node"]
    assert execute([*asked, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["services"][0]["spread"] == {
        "without_cookies": {"handshakes": 3, "instances": {"a": 3}, "refused": {}},
        "with_cookies": {"handshakes": 3, "instances": {"a": 3}, "refused": {}},
        "cookies": [],
        "session": None,
    }


def test_a_spread_in_which_nobody_tells_who_he_is_is_incomplete(
    target: Target, capsys: Captured
) -> None:
    asked = ["probe", url(target), *FAST, "--spread", "2", "--instance-cookie", "NODE"]
    assert execute(asked) == 3
    assert "spread: no 101 says which instance it is from" in capsys.readouterr().out


def test_a_configuration_file_cannot_name_a_command(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    (tmp_path / ".lbcheck.yaml").write_text("drain-command: touch owned\n")
    monkeypatch.chdir(tmp_path)
    assert execute(["probe", "ws://h/"]) == 2
    assert "drain-command" in capsys.readouterr().err
