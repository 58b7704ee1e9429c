"""Health checks that are repeated: HAProxy's own verdicts, and disagreements that were planted."""

import json
import os
import pathlib
import socket
import time

import pytest

from lbcheck.cli import execute
from lbcheck.lab import proxy as lab
from lbcheck.lab.target import Target, dead, serving
from tests import binaries

CONFIG = """\
global
    stats socket /tmp/admin.sock

defaults
    mode http
    timeout connect 1s
    timeout client 30s
    timeout server 30s
    timeout tunnel 1h

frontend edge
    bind 127.0.0.1:8080
    use_backend ws_chat if {{ path_beg /ws }}

backend ws_chat
{check}
    default-server check inter 200ms fall 1 rise 1
    server well 127.0.0.1:9101
    server refuses 127.0.0.1:9102
    server thrown-out 127.0.0.1:9103
    server leaving 127.0.0.1:9104
    server pages 127.0.0.1:9105
    server hung 127.0.0.1:9106
    server dead 127.0.0.1:9107
"""
USUAL = {"refuses", "thrown-out", "pages", "hung"}
# Without `Host` the targets, which go by RFC 9112, answer 400: each that works is thrown out.
CHECKS = {
    "HTTP/1.0": ("    option httpchk GET /readyz", USUAL),
    "HTTP/1.1, with Host": (
        "    option httpchk\n"
        "    http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host chat.example\n"
        "    http-check expect status 200",
        USUAL,
    ),
    "HTTP/1.1, no Host": (
        "    option httpchk OPTIONS /readyz HTTP/1.1",
        {"well", "thrown-out", "pages"},
    ),
}
NAMES = ("well", "refuses", "thrown-out", "leaving", "pages", "hung", "dead")


def states(served: lab.Running) -> dict[str, bool]:
    """What HAProxy thinks of each server: does it take it for healthy?"""
    with socket.socket(socket.AF_UNIX) as admin:
        admin.settimeout(3)
        admin.connect(os.path.join(served.folder, "admin.sock"))
        admin.sendall(b"show stat ws_chat 4 -1\n")
        rows = b"".join(iter(lambda: admin.recv(65_536), b"")).decode().splitlines()
    names = rows[0].removeprefix("# ").split(",")
    found = [dict(zip(names, row.split(","), strict=False)) for row in rows[1:] if row]
    return {each["svname"]: each["status"].startswith("UP") for each in found}


@pytest.mark.parametrize(("check", "planted"), CHECKS.values(), ids=CHECKS)
@pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda proxy: proxy.text)
def test_every_planted_disagreement_is_found_and_no_other(
    haproxy: binaries.Haproxy,
    check: str,
    planted: set[str],
    tmp_path: pathlib.Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    targets = (
        Target("well"),
        Target("refuses", takes=False),
        Target("thrown-out", ready=503),
        Target("leaving", ready=503, takes=False),
        Target("pages", pages=True),
        Target("hung", mute=True),
    )
    with serving(*targets), dead() as nobody:
        ports = {9101 + number: target.port for number, target in enumerate(targets)}
        ports[9107] = nobody
        with lab.running(haproxy, CONFIG.format(check=check), str(tmp_path), ports) as served:
            time.sleep(1.5)
            own = states(served)
            execute([
                "probe", f"ws://127.0.0.1:{served.port}/ws/chat", "--timeout", "1",
                "--rate", "1000", "--checks", str(tmp_path / "haproxy.cfg"), "--format", "json",
            ])  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    (service,) = told["services"]
    by_port = dict(zip(map(str, ports.values()), NAMES, strict=True))
    seen = {by_port[each["name"].rpartition(":")[2]]: each for each in service["targets"]}
    assert seen.keys() == set(NAMES)
    assert {name: each["passes"] for name, each in seen.items()} == own
    assert {name for name, each in seen.items() if not each["agree"]} == planted
    assert {name for name, each in seen.items() if each["cannot_fail"]} == {"pages"}
    codes = [(found["code"], by_port[found["resource"].rpartition(":")[2]])
             for found in told["findings"] if found["code"] in ("LB703", "LB708")]  # fmt: skip
    assert sorted(codes) == sorted([*(("LB703", name) for name in planted), ("LB708", "pages")])
