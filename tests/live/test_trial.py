"""Findings put to the test on real proxies: confirmed, refuted, or not tried."""

import contextlib
import pathlib
import time

import pytest

from lbcheck.audit import Report
from lbcheck.finding import Severity
from lbcheck.lab.target import Target, serving
from lbcheck.model import Vendor
from lbcheck.probe.access import Access
from lbcheck.probe.plan import Watcher
from lbcheck.rules import BY_CODE
from lbcheck.run import Options, run
from lbcheck.runtime.where import parsed
from lbcheck.trial.looked import Request, service
from tests import binaries
from tests.live.proxies import dead_port, running, target

Proxy = binaries.Nginx | binaries.Haproxy
PROXIES = [*binaries.nginx(), *binaries.haproxy()]


def named(proxy: Proxy) -> str:
    return f"{proxy.kind}-{proxy.text}"


OWN = "with the `Origin` of the service's own page the handshake is answered"

each_proxy = pytest.mark.parametrize("proxy", PROXIES, ids=named)


def audit(
    path: pathlib.Path,
    port: int,
    *,
    url_path: str = "/ws/chat",
    window_s: float | None = None,
    process: str | None = None,
) -> Report:
    """The audit of a file, tried on what listens on a port as chat.example."""
    wanted = service(f"ws://chat.example:{port}{url_path}", "the service")
    access = Access(rate=1000, resolve={f"chat.example:{port}": "127.0.0.1"})
    request = Request((wanted,), access, lambda plan: contextlib.nullcontext(Watcher()), window_s)
    where = parsed(process) if process else None
    processes = (where,) if where else ()
    return run([str(path)], Options(trial=request, processes=processes, fail_on=Severity.WARNING))


def verdicts(report: Report, *codes: str) -> list[tuple[str, str, str]]:
    return [
        (finding.code, finding.trial.verdict.value, finding.trial.detail)
        for finding in report.findings
        if finding.trial is not None and finding.code in codes
    ]


def written(proxy: Proxy, folder: pathlib.Path) -> pathlib.Path:
    """The file that the laboratory made of a configuration, with the real ports."""
    return folder / ("nginx.conf" if proxy.kind == "nginx" else "haproxy.cfg")


def example(code: str, proxy: Proxy) -> str:
    vendor = Vendor(proxy.kind)
    return next(e for e in BY_CODE[code].examples if e.vendor is vendor).bad


class Careful(Target):
    """Compares the `Origin` of a page with the `Host` that it was asked by."""

    def _answer(self, head: bytes) -> tuple[int | None, dict[str, str]]:
        said = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if line)
        origin = said.get("Origin", "").partition("://")[2]
        return (403, {}) if origin and origin != said["Host"] else super()._answer(head)


@pytest.mark.parametrize("nginx", binaries.nginx(), ids=named)
@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        (
            Careful,
            ("confirmed", f"{OWN} 403, and at a target that is asked by the service's name 101"),
        ),
        (Target, ("refuted", "a foreign `Origin` is answered 101: it is compared with nothing")),
    ],
)
def test_a_lost_host_is_tried_with_the_origin_of_the_services_own_page(
    kind: type[Target], verdict: tuple[str, str], nginx: binaries.Nginx, tmp_path: pathlib.Path
) -> None:
    with (
        serving(kind()) as (served,),
        running(
            nginx, example("LB114", nginx), tmp_path, dict.fromkeys(range(9000, 9004), served.port)
        ) as at,
    ):
        report = audit(written(nginx, tmp_path), at)
    assert verdicts(report, "LB114") == [("LB114", *verdict)]


@each_proxy
def test_lost_upgrade_headers_are_confirmed_by_the_answer(
    proxy: Proxy, tmp_path: pathlib.Path
) -> None:
    with (
        target() as port,
        running(
            proxy, example("LB101", proxy), tmp_path, dict.fromkeys(range(9000, 9004), port)
        ) as at,
    ):
        report = audit(written(proxy, tmp_path), at)
    told = verdicts(report, "LB101")
    assert told == [("LB101", "confirmed", "the handshake is answered 426")]
    assert ("LB701", None) in [(finding.code, finding.trial) for finding in report.findings]
    assert report.exit_code == 1


IDLE = {
    "nginx": """\
events {}
http {
    map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
    server {
        listen 127.0.0.1:8080;
        server_name chat.example;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        location /ws/ {
            proxy_pass http://127.0.0.1:9000;
            proxy_read_timeout 2s;
        }
        location /wss/ {
            proxy_pass http://127.0.0.1:9000;
            proxy_read_timeout 1s;
        }
    }
}
""",
    "haproxy": """\
defaults
    mode http
    timeout connect 2s
    timeout client 2s
    timeout server 5s
frontend edge
    bind 127.0.0.1:8080
    use_backend websocket_two if { path_beg /wss/ }
    default_backend ws
backend ws
    server a 127.0.0.1:9000 check
backend websocket_two
    timeout tunnel 1s
    server a 127.0.0.1:9000 check
""",
}
CODE = {"nginx": "LB301", "haproxy": "LB303"}


@each_proxy
def test_a_short_idle_timeout_is_confirmed_by_silence_and_the_other_routes_is_not_tried(
    proxy: Proxy, tmp_path: pathlib.Path
) -> None:
    with target() as port, running(proxy, IDLE[proxy.kind], tmp_path, {9000: port}) as at:
        report = audit(written(proxy, tmp_path), at, window_s=4.5)
    idle = verdicts(report, "LB301", "LB303")
    (sure,) = [told for told in idle if told[1] == "confirmed"]
    assert sure[0] == CODE[proxy.kind]
    assert sure[2].startswith("cut after ")
    assert sure[2].endswith("s with a bare FIN")
    assert 1.5 <= float(sure[2].split()[2].removesuffix("s")) <= 3.5
    assert [told for told in idle if told != sure] == [
        ("LB301", "not tried", "it is about another route than the one that the URL takes")
    ]


@each_proxy
def test_without_waiting_nothing_is_said_of_silence(proxy: Proxy, tmp_path: pathlib.Path) -> None:
    with target() as port, running(proxy, IDLE[proxy.kind], tmp_path, {9000: port}) as at:
        report = audit(written(proxy, tmp_path), at)
    assert (
        CODE[proxy.kind],
        "not tried",
        "silence was not waited for (--live-idle 4s)",
    ) in verdicts(report, CODE[proxy.kind])


@each_proxy
def test_a_service_that_pings_in_time_refutes_a_short_idle_timeout(
    proxy: Proxy, tmp_path: pathlib.Path
) -> None:
    with (
        serving(Target(pings_every_s=0.5)) as (pinging,),
        running(proxy, IDLE[proxy.kind], tmp_path, {9000: pinging.port}) as at,
    ):
        report = audit(written(proxy, tmp_path), at, window_s=4.5)
    (told,) = [told for told in verdicts(report, CODE[proxy.kind]) if told[1] == "refuted"]
    assert told[2].startswith("open for 4")
    assert ": a ping of the service came every " in told[2]
    # It is shown all the same, and fails the run as before.
    assert report.exit_code == 1


FRAGMENT = """\
server {
    listen 127.0.0.1:8080;
    server_name chat.example;
    location /ws/ {
        proxy_pass http://127.0.0.1:9000;
    }
}
"""
AROUND = """\
events {}
http {
    map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
"""


@pytest.mark.parametrize("proxy", binaries.nginx(), ids=named)
def test_headers_that_a_file_nobody_saw_sets_are_refuted_as_lost(
    proxy: Proxy, tmp_path: pathlib.Path
) -> None:
    seen = tmp_path / "seen"
    seen.mkdir()
    with target() as port, running(proxy, f"{AROUND}{FRAGMENT}}}\n", tmp_path, {9000: port}) as at:
        (seen / "chat.conf").write_text(FRAGMENT.replace("8080", str(at)))
        report = audit(seen / "chat.conf", at)
    told = verdicts(report, "LB101")
    assert told == [
        ("LB101", "refuted", "the handshake was answered 101 with `Upgrade` through this route")
    ]


HAPROXY = """\
global
    hard-stop-after 30m
    stats socket /tmp/admin.sock mode 600 level admin
defaults
    mode http
    timeout connect 2s
    timeout client 5s
    timeout server 5s
    timeout tunnel 1h
frontend edge
    bind 127.0.0.1:8080
    default_backend ws
backend ws
    option httpchk GET /readyz
    server a 127.0.0.1:9000 check inter 100ms fall 1
"""


@pytest.mark.parametrize("proxy", binaries.haproxy(), ids=named)
def test_what_a_process_says_of_its_targets_is_confirmed_by_the_service(
    proxy: Proxy, tmp_path: pathlib.Path
) -> None:
    with dead_port() as nobody, running(proxy, HAPROXY, tmp_path, {9000: nobody}) as at:
        end = time.monotonic() + 5
        told: list[tuple[str, str, str]] = []
        while not told and time.monotonic() < end:  # a check needs its time
            report = audit(
                written(proxy, tmp_path), at, process=f"haproxy=unix:{tmp_path}/admin.sock"
            )
            told = verdicts(report, "LB402")
    assert told == [("LB402", "confirmed", "the handshake is answered 503")]


@each_proxy
def test_a_service_that_is_not_there_is_not_read_and_refutes_nothing(
    proxy: Proxy, tmp_path: pathlib.Path
) -> None:
    name = "nginx.conf" if proxy.kind == "nginx" else "haproxy.cfg"
    (tmp_path / name).write_text(IDLE[proxy.kind])
    with dead_port() as nobody:
        report = audit(tmp_path / name, nobody, window_s=2)
    assert {verdict for _, verdict, _ in verdicts(report, *BY_CODE)} == {"not tried"}
    assert not report.complete
    assert [finding.location.path for finding in report.findings if finding.code == "LB901"] == [
        "the service"
    ]


@pytest.mark.parametrize("proxy", binaries.haproxy(), ids=named)
def test_a_check_that_no_working_target_passes_is_confirmed_at_the_target(
    proxy: Proxy, tmp_path: pathlib.Path
) -> None:
    config = HAPROXY.replace("GET /readyz", "GET /ws/chat")
    with target() as port, running(proxy, config, tmp_path, {9000: port}) as at:
        path = written(proxy, tmp_path)
        wanted = service(f"ws://127.0.0.1:{at}/ws/chat", "the service")
        request = Request(
            (wanted,), Access(rate=1000), lambda plan: contextlib.nullcontext(Watcher())
        )
        report = run([str(path)], Options(trial=request))
    assert verdicts(report, "LB205") == [
        (
            "LB205",
            "confirmed",
            f"at 127.0.0.1:{port} `GET /ws/chat` is answered 505, and a handshake is answered 101",
        )
    ]
