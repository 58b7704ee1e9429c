"""States of running proxies joined with a configuration: what rules then say."""

import pathlib

import pytest
from pytest_httpx import HTTPXMock

from lbcheck.audit import Report
from lbcheck.finding import Confidence
from lbcheck.run import Options, run
from lbcheck.runtime.where import parsed
from tests.runtime.test_haproxy import table
from tests.runtime.test_nginx_plus import upstreams

URL = "haproxy=http://127.0.0.1:8404/stats;csv"
HAPROXY = """\
global
    hard-stop-after 30m
defaults
    mode http
    option redispatch
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout tunnel 1h
frontend edge
    bind 127.0.0.1:8080
    default_backend ws_chat
backend ws_chat
    option httpchk GET /readyz
    retry-on 503 conn-failure
    server a 10.0.0.1:80 check
    server b 10.0.0.2:80 check
"""
STICKY = HAPROXY.replace(
    "    option httpchk", "    cookie NODE insert indirect nocache\n    option httpchk"
).replace(
    " check\n    server b 10.0.0.2:80 check",
    " check cookie a\n    server b 10.0.0.2:80 check cookie b",
)
NGINX = """\
events {}
http {
    worker_shutdown_timeout 30m;
    upstream chat {
        zone chat 64k;
        server node0.example:80;
        server node1.example;
    }
    server {
        listen 80;
        location /ws/ {
            proxy_pass http://chat;
        }
    }
}
"""


def audited(folder: pathlib.Path, config: str | None, *urls: str, name: str = "edge.cfg") -> Report:
    paths = []
    if config is not None:
        (folder / name).write_text(config)
        paths = [str(folder / name)]
    processes = tuple(where for where in map(parsed, urls or (URL,)) if where is not None)
    return run(paths, Options(processes=processes, min_confidence=Confidence.POSSIBLE))


def told(report: Report, *codes: str) -> list[tuple[str, int | None, str]]:
    return [
        (finding.code, finding.location.line, finding.message)
        for finding in report.findings
        if finding.code in codes
    ]


DEAD = ("LB401", "LB402", "LB408", "LB425", "LB901")


@pytest.mark.parametrize("status", ["UP", "UP 1/3", "no check"])
def test_targets_that_are_used_are_no_finding(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock, status: str
) -> None:
    httpx_mock.add_response(
        text=table(
            f"ws_chat,a,{status},1,0,2,,", "ws_chat,b,DOWN,1,0,2,,", "ws_chat,BACKEND,UP,1,0,1,,"
        )
    )
    report = audited(tmp_path, HAPROXY)
    assert told(report, *DEAD) == []
    assert report.complete


def test_all_targets_drained_or_in_maintenance_is_lb401_at_the_process(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(text=table("ws_chat,a,DRAIN,1,0,2,,", "ws_chat,b,MAINT,1,0,2,,"))
    report = audited(tmp_path, HAPROXY)
    assert told(report, *DEAD) == [
        (
            "LB401",
            None,
            "every target of `ws_chat` is draining or down: new WebSockets have nowhere to go",
        )
    ]
    (finding,) = [each for each in report.findings if each.code == "LB401"]
    assert finding.location.path == "haproxy http://127.0.0.1:8404/stats;csv"
    assert finding.location.resource == "ws_chat/a"
    assert [
        (r.location.path.rpartition("/")[2], r.location.line, r.message) for r in finding.related
    ] == [
        ("stats;csv", None, "`b` is down (MAINT)"),
        ("edge.cfg", 12, "leads here"),
    ]


def test_all_targets_dead_is_lb402_at_the_backend(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(text=table("ws_chat,a,DOWN,1,0,2,,", "ws_chat,b,DOWN 1/2,1,0,2,,"))
    report = audited(tmp_path, HAPROXY)
    assert told(report, *DEAD) == [
        ("LB402", 13, "`ws_chat` has no usable target: every handshake is answered with 503")
    ]


@pytest.mark.parametrize(
    ("row", "word"),
    [("DRAIN,1", "state DRAIN"), ("NOLB,1", "state NOLB"), ("UP,0", "weight 0")],
)
def test_a_cookie_to_a_target_that_drains_now_is_lb408(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock, row: str, word: str
) -> None:
    httpx_mock.add_response(text=table(f"ws_chat,a,{row},0,2,,a", "ws_chat,b,UP,1,0,2,,b"))
    assert told(audited(tmp_path, STICKY), *DEAD) == [
        (
            "LB408",
            None,
            f"`{word}` drains, but `cookie` leads returning clients back to the draining target: "
            "told to go away, they reconnect to the same one",
        )
    ]


def test_maintenance_moves_clients_and_is_no_lb408(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(text=table("ws_chat,a,MAINT,1,0,2,,a", "ws_chat,b,UP,1,0,2,,b"))
    assert told(audited(tmp_path, STICKY), *DEAD) == []


IGNORING = "    ignore-persist if { req.cook(NODE) -m str a } { srv_weight(ws_chat/a) eq 0 }\n"


@pytest.mark.parametrize(("row", "codes"), [("UP,0", []), ("DRAIN,1", ["LB408"])])
def test_ignore_persist_helps_against_weight_0_only(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock, row: str, codes: list[str]
) -> None:
    httpx_mock.add_response(text=table(f"ws_chat,a,{row},0,2,,a", "ws_chat,b,UP,1,0,2,,b"))
    report = audited(tmp_path, STICKY + IGNORING)
    assert [code for code, _, _ in told(report, *DEAD)] == codes


def test_a_written_drain_that_is_over_counts_no_more(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock
) -> None:
    config = STICKY.replace("check cookie a", "check cookie a weight 0")
    httpx_mock.add_response(text=table("ws_chat,a,UP,100,0,2,,a", "ws_chat,b,UP,1,0,2,,b"))
    assert told(audited(tmp_path, config), *DEAD) == []


def test_servers_of_a_template_are_known_by_the_process(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock
) -> None:
    config = HAPROXY.partition("    server a")[0] + (
        "    server-template node 1-3 chat.internal:80 check resolvers dns init-addr none\n"
        "resolvers dns\n    nameserver one 10.0.0.53:53\n"
    )
    rows = [f"ws_chat,node{n},MAINT (resolution),1,0,2,," for n in (1, 2, 3)]
    httpx_mock.add_response(text=table(*rows))
    assert [code for code, _, _ in told(audited(tmp_path, config), *DEAD)] == ["LB401"]


def test_a_target_that_only_the_file_has_is_not_known_and_said(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(text=table("ws_chat,a,MAINT,1,0,2,,"))
    report = audited(tmp_path, HAPROXY)
    assert told(report, *DEAD) == []
    assert "`b` of `ws_chat` (the process does not have them)" in report.not_asked


def test_a_pool_that_the_process_does_not_tell_of_is_not_read(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(text=table("other,a,UP,1,0,2,,"))
    report = audited(tmp_path, HAPROXY)
    assert told(report, *DEAD) == [
        (
            "LB901",
            1,
            "the state of `ws_chat` is not known: nobody tells of it; another process may serve "
            "it, or `stats scope` hide it",
        )
    ]
    assert report.exit_code == 3


def test_one_name_in_two_configurations_is_joined_with_neither(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(text=table("ws_chat,a,MAINT,1,0,2,,", "ws_chat,b,MAINT,1,0,2,,"))
    (tmp_path / "other.cfg").write_text(HAPROXY)
    (tmp_path / "edge.cfg").write_text(HAPROXY)
    where = parsed(URL)
    assert where is not None
    paths = [str(tmp_path / "edge.cfg"), str(tmp_path / "other.cfg")]
    report = run(paths, Options(processes=(where,)))
    assert told(report, "LB401", "LB901") == [
        (
            "LB901",
            1,
            "`ws_chat` is in 2 of the configurations that were read; audit one of them at a time",
        )
    ]


def test_each_of_two_processes_is_judged(tmp_path: pathlib.Path, httpx_mock: HTTPXMock) -> None:
    up = table("ws_chat,a,UP,1,0,2,,", "ws_chat,b,UP,1,0,2,,")
    httpx_mock.add_response(url="http://one/s;csv", text=up)
    httpx_mock.add_response(url="http://two/s;csv", text=up.replace("UP", "MAINT"))
    report = audited(tmp_path, HAPROXY, "haproxy=http://one/s;csv", "haproxy=http://two/s;csv")
    assert [f.location.path for f in report.findings if f.code == "LB401"] == [
        "haproxy http://two/s;csv"
    ]
    assert told(report, "LB402", "LB901") == []


def test_without_a_file_the_process_speaks_for_itself(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(
        text=table(
            "ws_chat,a,DRAIN,1,0,2,,a",
            "ws_chat,b,UP,1,0,2,,b",
            "ws_chat,BACKEND,UP,1,0,1,,NODE",
            "ws_news,BACKEND,DOWN,0,0,1,,",
        )
    )
    report = audited(tmp_path, None)
    assert [(f.code, f.location.resource) for f in report.findings] == [
        ("LB402", "ws_news"),
        ("LB408", "ws_chat/a"),
    ]


def test_an_answer_of_which_a_part_means_nothing_leaves_room_for_a_living_target(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(text=table("ws_chat,a,MAINT,1,0,2,,", "ws_chat,b,UP"))
    report = audited(tmp_path, None)
    assert [finding.code for finding in report.findings] == ["LB901"]


def test_without_a_file_healthy_targets_are_no_finding_of_any_rule(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(
        text=table("ws_chat,a,UP,1,0,2,,", "ws_chat,b,UP,1,0,2,,", "ws_chat,BACKEND,UP,1,0,1,,")
    )
    httpx_mock.add_response(url="http://h/api/9/http/upstreams", text=upstreams("up", "up"))
    report = audited(tmp_path, None, URL, "nginx-plus=http://h/api/9")
    assert report.findings == ()
    assert report.exit_code == 0


@pytest.mark.parametrize(
    ("states", "codes"),
    [
        (("up", "down"), []),
        (("draining", "unhealthy"), ["LB401"]),
        (("checking", "unavail"), ["LB401"]),
    ],
)
def test_upstreams_of_nginx_plus_are_joined_by_the_names_of_their_servers(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock, states: tuple[str, ...], codes: list[str]
) -> None:
    httpx_mock.add_response(text=upstreams(*states))
    report = audited(tmp_path, NGINX, "nginx-plus=http://h/api/9", name="nginx.conf")
    assert [code for code, _, _ in told(report, *DEAD)] == codes
    assert not any("the process" in what for what in report.not_asked)


def test_an_upstream_without_a_zone_is_not_told_by_the_api(
    tmp_path: pathlib.Path, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(text="{}")
    (tmp_path / "nginx.conf").write_text(NGINX)
    where = parsed("nginx-plus=http://h/api/9")
    assert where is not None
    report = run([str(tmp_path / "nginx.conf")], Options(processes=(where,)))
    assert told(report, "LB901") == [
        (
            "LB901",
            1,
            "the state of `chat` is not known: nobody tells of it; the API tells of upstreams with "
            "a `zone` only",
        )
    ]
