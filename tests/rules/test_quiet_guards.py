"""What a rule does not say, or says more softly, of configurations that are well run."""

import pathlib

import pytest

from lbcheck.finding import Severity
from lbcheck.run import Options, run

WHOLE = """\
events {}
http {
    upstream nodes {
        server 10.20.0.1:8000;
        server 10.20.0.2:8000;
    }
    server {
        listen 80;
        server_name app.example;
        location PATH {
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            LINES
            proxy_pass http://nodes;
        }
    }
}
"""
UPGRADE = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"


def said(path: str, lines: str, folder: pathlib.Path, profile: str = "default") -> dict[str, str]:
    """Severities by code, but for LB413 and the answers to them all."""
    (folder / "site.conf").write_text(WHOLE.replace("PATH", path).replace("LINES", lines))
    options = Options(profiles=(profile,), today="2026-11-23")
    found = run([str(folder / "site.conf")], options).findings
    return {each.code: each.severity.value for each in found if each.code != "LB413"}


@pytest.mark.parametrize(
    "lines",
    [
        "proxy_buffering off;",
        "proxy_read_timeout 24h;",
        'proxy_set_header Connection ""; proxy_buffering off; proxy_read_timeout 1h;',
    ],
)
@pytest.mark.parametrize("path", ["/events", "/stream/", "/api/v1/notifications"])
def test_an_event_stream_is_no_websocket(path: str, lines: str, tmp_path: pathlib.Path) -> None:
    assert said(path, lines, tmp_path) == {}


def test_a_chat_with_a_long_timeout_is_likely_one(tmp_path: pathlib.Path) -> None:
    assert said("/chat/", "proxy_read_timeout 1h;", tmp_path)["LB101"] == "error"


def test_a_chat_that_clears_connection_keeps_connections_alive(tmp_path: pathlib.Path) -> None:
    lines = 'proxy_set_header Connection ""; proxy_read_timeout 1h;'
    assert said("/chat/", lines, tmp_path) == {}


@pytest.mark.parametrize(
    ("retry", "severity"),
    [
        ("", Severity.INFO),
        ("proxy_next_upstream error;", Severity.INFO),
        ("proxy_next_upstream error timeout http_502;", Severity.WARNING),
    ],
)
def test_a_list_of_statuses_without_503_is_a_warning(
    retry: str, severity: Severity, tmp_path: pathlib.Path
) -> None:
    lines = f"{UPGRADE} proxy_read_timeout 90s; {retry}"
    assert said("/ws", lines, tmp_path) == {"LB410": severity.value}


def test_a_cut_when_the_service_gives_up_itself_costs_nothing(tmp_path: pathlib.Path) -> None:
    retry = "proxy_next_upstream error http_503;"
    for seconds, wanted in (("", {}), ("proxy_read_timeout 59s;", {"LB301": "warning"})):
        lines = f"{UPGRADE} {retry} {seconds}"
        assert said("/socket", lines, tmp_path, "phoenix-channels") == wanted


def test_other_timeouts_that_were_raised_are_told_once(tmp_path: pathlib.Path) -> None:
    others = "proxy_connect_timeout 300;\n proxy_send_timeout 300;\n send_timeout 300;"
    lines = f"{UPGRADE} proxy_next_upstream error http_503;\n{others}"
    (tmp_path / "site.conf").write_text(WHOLE.replace("PATH", "/ws").replace("LINES", lines))
    report = run([str(tmp_path / "site.conf")], Options(today="2026-11-23"))
    (found,) = (each for each in report.findings if each.family == "idle")
    assert found.message == (
        "`proxy_send_timeout` does not help: the silence of a WebSocket is limited by "
        "`proxy_read_timeout`, left at 60s"
    )
    places = [found.location.line, *(each.location.line for each in found.related)]
    assert (found.code, places) == ("LB306", [15, 14, 16])


def test_a_check_on_another_port_may_ask_for_the_root(tmp_path: pathlib.Path) -> None:
    text = """\
global
    hard-stop-after 10m
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout tunnel 1h
listen ws
    bind :80
    option httpchk GET /
    server a 10.0.0.1:9001 check{}
    server b 10.0.0.2:9001 check{}
"""
    for port, wanted in (("", ["LB218"]), (" port 15672", ["LB209"])):
        (tmp_path / "haproxy.cfg").write_text(text.format(port, port))
        report = run([str(tmp_path / "haproxy.cfg")], Options(today="2026-11-23"))
        assert [each.code for each in report.findings] == wanted
