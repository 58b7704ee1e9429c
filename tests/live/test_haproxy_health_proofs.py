"""Which health checks HAProxy really makes: in clear or with TLS, or none."""

import pathlib
import time

import pytest

from lbcheck.rules import BY_CODE
from tests import binaries
from tests.binaries import Haproxy
from tests.certificates import self_signed
from tests.live.proxies import running
from tests.live.targets import Node, node, statuses

TLS = BY_CODE["LB209"].examples[1].good.replace(" check-ssl port 9001", "")
haproxies = pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda each: each.text)


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    path = tmp_path_factory.mktemp("tls") / "node.pem"
    path.write_bytes(self_signed("chat.example"))
    return path


CONNECT = "    http-check {}\n    http-check send"


def after_tls_checks(
    haproxy: Haproxy, config: str, folder: pathlib.Path, a: Node, b: Node
) -> set[int | None]:
    """An interval is the time a check has for its TLS handshake, too: not too short."""
    patient = "    retries 0\n    default-server inter 600ms fall 1\n"
    config = config.replace("    option redispatch\n", patient)
    with running(haproxy, config, folder, {9001: a.port, 9002: b.port}) as port:
        time.sleep(1.5)
        return set(statuses(port, 2))


@haproxies
@pytest.mark.parametrize(
    ("config", "answers"),
    [
        (BY_CODE["LB209"].examples[1].bad, {503}),
        (BY_CODE["LB209"].examples[1].good, {101}),
        (BY_CODE["LB209"].examples[1].bad.replace("port 900", "addr 127.0.0.1 #"), {503}),
        (TLS.replace("    http-check send", CONNECT.format("connect")), {503}),
        (TLS.replace("    http-check send", CONNECT.format("connect ssl")), {101}),
        (TLS.replace("    http-check send", CONNECT.format("connect default")), {101}),
        (TLS, {101}),
    ],
    ids=["port", "check-ssl", "addr", "connect", "connect ssl", "connect default", "nothing"],
)
def test_a_check_in_clear_of_a_tls_port_takes_healthy_servers_out(
    haproxy: Haproxy, tmp_path: pathlib.Path, pem: pathlib.Path, config: str, answers: set[int]
) -> None:
    with node("a", pem) as a, node("b", pem) as b:
        config = config.replace("port 9001", f"port {a.port}").replace(
            "port 9002", f"port {b.port}"
        )
        assert after_tls_checks(haproxy, config, tmp_path, a, b) == answers


@haproxies
def test_a_check_of_a_neighbour_in_clear_is_no_fault(
    haproxy: Haproxy, tmp_path: pathlib.Path, pem: pathlib.Path
) -> None:
    config = BY_CODE["LB209"].examples[1].bad
    with node("a", pem) as a, node("b", pem) as b, node("sidecar") as sidecar:
        config = config.replace("port 9001", f"port {sidecar.port}")
        config = config.replace("port 9002", f"port {sidecar.port}")
        assert after_tls_checks(haproxy, config, tmp_path, a, b) == {101}
