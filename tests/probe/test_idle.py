"""The idle ladder: what it measures of a server, and what is judged of it by a profile."""

import json
import pathlib
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from lbcheck.cli import execute
from lbcheck.finding import Severity
from lbcheck.lab.target import Target, serving
from lbcheck.model import Pointer, Source
from lbcheck.probe import idle, ladder
from lbcheck.probe.access import Access
from lbcheck.probe.frames import End, How
from lbcheck.probe.handshake import Answer
from lbcheck.probe.live import Prober
from lbcheck.probe.plan import Plan, look
from lbcheck.probe.problems import source
from lbcheck.probe.result import Handshake, Ladder, Rung, Seen
from lbcheck.profile import Heartbeat, Idle, Profile
from lbcheck.reporters.probe import service

FIN = End(How.FIN)
PLACE = Pointer(Source("ws://h/", "live", None), (), "held")


def climbed(pings: tuple[float, ...], window_s: float, **manners: Any) -> Ladder:
    with serving(Target(**manners)) as (target,), Prober(Access(rate=1000)) as prober:
        return held(prober, f"ws://127.0.0.1:{target.port}/ws", pings, window_s)


def held(prober: ladder.Holder, url: str, pings: tuple[float, ...], window_s: float) -> Ladder:
    feet = [ladder.Foot(url), *(ladder.Foot(url, ping_s) for ping_s in pings)]
    return Ladder(window_s, ladder.climb(prober, feet, window_s))


def cut(after_s: float, ping_s: float | None = None, end: End = FIN) -> Rung:
    return Rung(ping_s, end=end, lasted_s=after_s, silent_s=after_s)


def kept(ping_s: float | None, pongs: int = 1, **more: Any) -> Rung:
    return Rung(ping_s, lasted_s=90, sent=1 if ping_s else 0, pongs=pongs, **more)


def told(profile: Profile, *rungs: Rung) -> list[tuple[str, str | None, str]]:
    seen = Ladder(90, rungs)
    return [
        (code, problem.severity.value if problem.severity else None, problem.message)
        for judge in (idle.cuts, idle.beats)
        for code, problem in judge(seen, PLACE, profile)
    ]


def beating(interval_s: float, sender: str = "client", **more: Any) -> Profile:
    return Profile(heartbeat=Heartbeat(sender=sender, interval_s=interval_s, **more))  # type: ignore[arg-type]


def test_a_server_that_never_cuts_leaves_every_rung_open() -> None:
    seen = climbed((0.2,), 0.8)
    assert [rung.survived for rung in seen.rungs] == [True, True]
    assert (seen.idle_timeout_s, seen.longest_safe_ping_s, seen.cut_anyway) == (None, None, False)
    assert seen.rungs[1].sent >= 2
    assert seen.rungs[1].pongs >= 1


def test_the_service_s_own_pings_are_counted_and_their_interval_measured() -> None:
    silent = climbed((), 1.6, pings_every_s=0.3).silent
    assert silent.survived
    assert silent.beats >= 3
    assert silent.beat_s == pytest.approx(0.3, abs=0.2)


def test_a_close_frame_of_the_service_is_no_timeout() -> None:
    seen = climbed((0.2,), 1.0, closes_with=1001)
    assert [rung.end for rung in seen.rungs] == [End(How.CLOSE_FRAME, 1001)] * 2


def test_a_refused_socket_is_a_rung_that_was_not_held() -> None:
    seen = climbed((0.2,), 0.5, takes=False)
    assert [rung.refused.status for rung in seen.rungs if rung.refused] == [503, 503]
    assert told(beating(25), *seen.rungs) == []


@pytest.mark.parametrize(
    ("window_s", "tried"),
    [
        (5.0, (1.0, 2.0, 3.0, 4.0)),
        (30.0, (5, 10, 15, 20, 25)),
        (90.0, (10, 15, 20, 25, 30, 45, 50, 55, 59, 65)[-9:]),
        (4000.0, (55, 59, 65, 90, 110, 170, 290, 340, 590, 890, 1790, 3590)[-9:]),
    ],
)
def test_the_intervals_that_are_tried_fit_into_the_window(
    window_s: float, tried: tuple[float, ...]
) -> None:
    assert ladder.intervals(window_s) == tried


NOBODY = Profile(heartbeat=Heartbeat(sender="none"))
SEEN = "a silent WebSocket is cut after 60s by a bare FIN; a ping every 55s keeps it open"


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (Profile(), ("warning", "no heartbeat is declared (`--param heartbeat.interval_s=25`)")),
        (beating(65), ("error", "the next ping comes after 65s")),
        (beating(60), ("error", "the next ping comes after 60s")),
        (beating(45), ("warning", "pings every 45s need 95s")),
        (NOBODY, ("error", "the profile says that nobody pings")),
        (beating(25), None),
    ],
)  # fmt: skip
def test_a_cut_is_judged_by_the_heartbeat_that_is_promised(
    profile: Profile, expected: tuple[str, str] | None
) -> None:
    rungs = (cut(60.02), kept(50), kept(55), cut(60.02, 65))
    wanted = [("LB704", expected[0], f"{SEEN}; {expected[1]}")] if expected else []
    assert told(profile, *rungs) == wanted


def test_nothing_is_said_where_nothing_was_cut() -> None:
    assert told(Profile(), kept(None), kept(25)) == []


def test_a_timeout_below_every_ping_that_was_tried_is_told() -> None:
    ((_, _, message),) = told(beating(25), cut(3), cut(3, 5), cut(3, 10))
    assert message == (
        "a silent WebSocket is cut after 3s by a bare FIN; a ping every 5s comes too late; the "
        "next ping comes after 25s"
    )


def test_sockets_that_are_all_cut_in_spite_of_pings_are_not_called_idle() -> None:
    gone = End(How.CLOSE_FRAME, 1001)
    rungs = (cut(30, None, gone), cut(30, 5, gone), cut(31, 10, gone))
    ((code, _, message),) = told(beating(25), *rungs)
    assert code == "LB704"
    assert message == (
        "every WebSocket was cut, pings or not, so that silence is not the reason: the last one "
        "after 31s by a close frame (1001)"
    )
    assert Ladder(90, rungs).idle_timeout_s is None


def test_a_service_whose_data_the_probe_does_not_answer_closes_by_itself() -> None:
    ends = (cut(45.1), cut(45.2, 5), cut(45.0, 10))
    data = beating(25, "server", kind="data", timeout_s=20)
    told_ = [code for code, _ in idle.cuts(Ladder(90, ends), PLACE, data)]
    assert told_ == ["LB704"]
    declared = replace(data, idle=Idle(server_timeout_s=45))
    assert list(idle.cuts(Ladder(90, ends), PLACE, declared)) == []


@pytest.mark.parametrize(
    ("direct", "whose"),
    [
        (kept(None), " of the balancer, as the targets themselves keep one open"),
        (cut(60), ", and by a target itself as well"),
        (Rung(None, refused=Answer(503)), ""),
    ],
)
def test_a_target_that_is_asked_directly_tells_who_cuts(direct: Rung, whose: str) -> None:
    seen = Ladder(90, (cut(60.02), kept(55)), (("t:1", direct),))
    ((_, problem),) = idle.cuts(seen, PLACE, beating(65))
    assert problem.message == SEEN.replace(";", f"{whose};", 1) + "; the next ping comes after 65s"


def test_a_promised_ping_that_does_not_come_is_lost() -> None:
    assert told(beating(25, "server"), kept(None, beats=3), kept(20)) == []
    assert told(beating(25, "server"), kept(None), kept(20)) == [
        ("LB705", None, "no ping came in 90s; the profile promises one every 25s")
    ]
    assert told(beating(80, "server"), kept(None), kept(20)) == []
    assert told(beating(25, "server", kind="data"), kept(None), kept(20)) == []


def test_pings_that_nobody_answers_are_lost() -> None:
    assert told(beating(25), kept(None, pongs=0), kept(20, pongs=0), kept(30, pongs=0)) == [
        ("LB705", None, "2 pings were sent, and none was answered with a pong")
    ]


class Strict(Target):
    """Pings every 200 ms, and closes with 1011 where the pong takes longer than that."""

    def _converse(self, connection: socket.socket) -> None:
        connection.settimeout(0.2)
        while True:
            connection.sendall(b"\x89\x00")
            try:
                answer = connection.recv(1000)
            except TimeoutError:
                connection.sendall(b"\x88\x02\x03\xf3")
                return
            if not answer or answer[0] & 0x0F != 10:
                return
            time.sleep(0.2)


def looked(target: Target, window_s: float) -> Ladder:
    url = f"ws://127.0.0.1:{target.port}/ws"
    with Prober(Access(rate=1000)) as prober:
        seen = look(prober, url, url, "h", Plan(window_s=window_s)).ladder
    assert seen is not None
    return seen


def test_a_service_that_gets_no_pong_is_seen_to_close() -> None:
    with serving(Strict()) as (target,):
        seen = looked(target, 1.2)
    assert seen.silent.survived
    assert seen.deaf is not None
    assert seen.deaf.end == End(How.CLOSE_FRAME, 1011)
    assert seen.deaf.lasted_s < 1.1


def test_a_service_that_keeps_who_gives_no_pong_is_told() -> None:
    with serving(Target(pings_every_s=0.2)) as (target,):
        seen = looked(target, 1.0)
    promised = beating(0.2, "server", timeout_s=0.2)
    ((code, problem),) = idle.beats(seen, PLACE, promised)
    assert (code, problem.severity) == ("LB705", Severity.WARNING)
    assert re.fullmatch(
        r"[3-5] pings were left without a pong, and the WebSocket is open after 1s; the profile "
        r"says that this is noticed after 400ms: dead clients keep their places",
        problem.message,
    )
    for other in (beating(0.2, "server"), beating(0.2, "client", timeout_s=0.2),
                  beating(0.5, "server", timeout_s=0.5)):  # fmt: skip
        assert list(idle.beats(seen, PLACE, other)) == []


@pytest.mark.parametrize(
    ("timeouts", "window_s"),
    [((60.0,), 71.0), ((3.0, 60.0, 3600.0), 71.0), ((3600.0,), None), ((), None), ((900,), 995)],
)
def test_the_window_is_longer_than_the_timeouts_that_can_be_waited_for(
    timeouts: tuple[float, ...], window_s: float | None
) -> None:
    assert ladder.window(timeouts) == window_s


NGINX = """\
events {{}}
http {{
    server {{
        listen 8080;
        location /ws/ {{
            proxy_pass http://127.0.0.1:9000;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
            {limit}
        }}
    }}
}}
"""


def audited(folder: pathlib.Path, limit: str, *more: str) -> int:
    (folder / "nginx.conf").write_text(NGINX.format(limit=limit))
    with serving(Target()) as (target,):
        url = f"ws://127.0.0.1:{target.port}/ws"
        return execute(["probe", url, "--rate", "1000", "--idle", "auto", *more])


def test_the_window_comes_from_the_audited_configuration(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    named = ("--checks", str(tmp_path / "nginx.conf"), "--format", "json")
    monkeypatch.setattr(ladder, "climb", lambda holder, feet, *more: (Rung(None),) * len(feet))
    assert audited(tmp_path, "proxy_read_timeout 10s;", *named) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["services"][0]["idle"]["window_s"] == 16.0
    assert "--idle 16s: the audited idle timeouts are 10s" in err


def test_the_window_comes_from_the_paths_of_the_configuration_file_as_well(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".lbcheck.yaml").write_text("paths: [nginx.conf]\n")
    monkeypatch.chdir(tmp_path)
    assert audited(tmp_path, "proxy_read_timeout 1h;") == 3
    assert "no idle timeout of at most 900s is known (1h): say how long" in capsys.readouterr().err


def test_a_window_that_nobody_names_is_a_usage_error(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert audited(tmp_path, "") == 2
    assert "--idle auto: name the configuration in force" in capsys.readouterr().err


def test_a_probe_that_is_interrupted_does_not_wait_for_its_window() -> None:
    def interrupt(elapsed_s: float) -> None:
        raise KeyboardInterrupt

    with serving(Target()) as (target,), Prober(Access(rate=1000)) as prober:
        started = time.monotonic()
        feet = [ladder.Foot(f"ws://127.0.0.1:{target.port}/ws")]
        with pytest.raises(KeyboardInterrupt):
            ladder.climb(prober, feet, 60.0, shown=interrupt)
        assert time.monotonic() - started < 10


class Scripted:
    """A line that floods, or says nonsense, as long as anybody listens."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def receive(self, within_s: float) -> bytes | End | None:
        return self.data

    def send(self, data: bytes) -> End | None:
        return None


@pytest.mark.parametrize(
    ("data", "how"),
    [(b"\x82\x7e\xff\xff" + b"a" * 65_535, None), (b"\x89\x00" * 1000, None),
     (b"HTTP/1.1 200 OK\r\n", How.GARBAGE)],
    ids=["a flood", "a flood of pings", "garbage"],
)  # fmt: skip
def test_a_line_that_means_no_good_ends_with_the_window(data: bytes, how: How | None) -> None:
    from contextlib import contextmanager

    class Holder:
        @contextmanager
        def hold(self, url: str, request: object) -> Iterator[tuple[Answer, Scripted]]:
            yield Answer(101), Scripted(data)

    seen = held(Holder(), "ws://h/", (), 0.3)
    assert seen.silent.lasted_s < 5
    assert (seen.silent.end.how if seen.silent.end else None) is how


def test_a_service_that_closes_before_any_ping_may_have_another_reason() -> None:
    """It may wait for a login in the first message, and says 1008."""
    said = End(How.CLOSE_FRAME, 1008)
    silent = Rung(None, end=said, lasted_s=4.0, silent_s=4.0)
    ladder = Ladder(9.0, (silent, replace(silent, ping_s=5.0)))
    ((_, problem),) = idle.cuts(ladder, PLACE, Profile())
    assert problem.message.startswith(
        "a silent WebSocket is cut after 4s by a close frame (1008); a ping every 5s comes too "
        "late, and silence may not be the reason; "
    )


def test_garbage_is_no_idle_timeout() -> None:
    """However soon it came: what is no WebSocket says nothing of silence."""
    garbage = Rung(None, end=End(How.GARBAGE, reason="x"), lasted_s=0.1, silent_s=0.1)
    ladder = Ladder(3.0, (garbage, replace(garbage, ping_s=1.0)))
    assert (ladder.idle_timeout_s, ladder.cut_anyway) == (None, True)
    ((code, problem),) = idle.cuts(ladder, PLACE, Profile())
    assert (code, problem.severity) == ("LB704", None)
    assert problem.message == (
        "every WebSocket was cut, pings or not, so that silence is not the reason: the last one "
        "after 0.1s by bytes that are no frames (x)"
    )


def test_the_command_shows_the_ladder_as_a_table_and_as_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving(Target()) as (target,):
        asked = ["probe", f"ws://127.0.0.1:{target.port}/ws", "--rate", "1000", "--idle", "0.6s"]
        assert execute([*asked, "--ping", "0.2s"]) == 0
        rows = [line.split(maxsplit=3) for line in capsys.readouterr().out.splitlines()]
        assert ["no", "ping", "open", "after 600ms"] in rows
        assert execute([*asked, "--format", "json"]) == 0
    held = json.loads(capsys.readouterr().out)["services"][0]["idle"]
    assert list(held) == [
        "window_s", "idle_timeout_s", "longest_safe_ping_s", "cut_by", "heartbeat_s", "rungs",
        "direct", "no_pong",
    ]  # fmt: skip
    assert (held["window_s"], held["idle_timeout_s"], held["cut_by"]) == (0.6, None, None)
    assert [rung["ping_s"] for rung in held["rungs"]] == [None, 0.12, 0.24, 0.36, 0.48]
    assert all(rung["open"] for rung in held["rungs"])


def test_what_was_not_opened_was_not_held_and_is_no_pass() -> None:
    """A limit of connections leaves the ladder without its silent rung: nothing is known then."""
    full = Rung(None, refused=Answer(429))
    ladder = Ladder(9.0, (full, replace(full, ping_s=5.0)), (("t:1", Rung(None, lasted_s=9.0)),))
    seen = Seen("ws://h/", Handshake(Answer(101)), ladder=ladder)
    told = [trouble.message for trouble in source(seen).troubles]
    assert told == ["idle ladder: 2 of 3 WebSockets were not opened (429: 2)"]
    assert [rung["refused"] for rung in service(seen)["idle"]["rungs"]] == [429, 429]
