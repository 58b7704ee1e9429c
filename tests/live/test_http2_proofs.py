"""WebSockets over HTTP/2 through HAProxy: which conditions see them."""

import pathlib
import socket
import ssl

import pytest

from lbcheck.lab.experiment import shown
from lbcheck.lab.http2 import Http2RefusedError, accepted
from tests import binaries
from tests.binaries import Haproxy
from tests.certificates import self_signed
from tests.live.proxies import running
from tests.live.targets import dead, node

RULE = shown("LB116", "haproxy")
ACL = "    acl is_ws hdr(Sec-WebSocket-Key) -m found  # <- here\n"
USE = "    use_backend ws if is_ws\n"

haproxies = pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda each: each.text)


def over_tls(port: int) -> bool:
    """Is a handshake over HTTP/2 accepted by what is behind TLS? Raises: Http2RefusedError."""
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    trusting.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", port), 3) as plain,
        trusting.wrap_socket(plain, server_hostname="chat.example") as connection,
    ):
        if connection.selected_alpn_protocol() != "h2":
            raise Http2RefusedError
        return accepted(connection)


def reached(haproxy: Haproxy, config: str, folder: pathlib.Path) -> bool | None:
    """Does a WebSocket over HTTP/2 reach its target? None: HTTP/2 clients are not invited.

    The backend that takes everything else is dead.
    """
    (folder / "site.pem").write_bytes(self_signed("chat.example"))
    config = config.replace("/etc/haproxy/tls/", "/tmp/").replace("connect 5s", "connect 300ms")
    config = config.replace("    option httpchk GET /healthz\n", "    retries 0\n")
    with node("ws") as ws:
        ports = {9001: ws.port, 9002: ws.port, 9003: dead()}
        with running(haproxy, config, folder, ports) as port:
            try:
                return over_tls(port)
            except Http2RefusedError:
                return None


@haproxies
def test_the_key_misses_what_upgrade_does_not(haproxy: Haproxy, tmp_path: pathlib.Path) -> None:
    assert reached(haproxy, RULE.bad, tmp_path) is False
    assert reached(haproxy, RULE.good, tmp_path) is True


@haproxies
@pytest.mark.parametrize(
    ("acl", "use", "wanted"),
    [
        ("    acl is_ws hdr_cnt(sec-websocket-key) gt 0\n", USE, False),
        (ACL + "    acl u hdr(Upgrade) -i websocket\n", USE.replace("is_ws", "is_ws u"), False),
        (ACL + "    acl is_ws hdr(Upgrade) -i websocket\n", USE, True),
        (ACL + "    acl u hdr(Upgrade) -i websocket\n", USE.replace("is_ws", "is_ws or u"), True),
        (ACL, USE + "    use_backend ws if { path_beg /ws }\n", True),
        ("    acl is_ws hdr(Connection) -i upgrade\n", USE, True),
        ("    acl is_ws hdr(sec-websocket-version) -m found\n", USE, True),
    ],
)
def test_every_way_through_the_condition_must_ask_for_the_key(
    haproxy: Haproxy, tmp_path: pathlib.Path, acl: str, use: str, wanted: bool
) -> None:
    config = RULE.bad.replace(ACL, acl).replace(USE, use)
    assert reached(haproxy, config, tmp_path) is wanted


@haproxies
def test_tls_without_alpn_offers_http2_from_2_8_on(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    config = RULE.bad.replace(" alpn h2,http/1.1", "")
    assert reached(haproxy, config, tmp_path) is (False if haproxy.version >= (2, 8) else None)
    assert reached(haproxy, RULE.bad.replace("h2,http/1.1", "http/1.1"), tmp_path) is None


@haproxies
def test_the_workaround_invites_nobody(haproxy: Haproxy, tmp_path: pathlib.Path) -> None:
    told = "global\n    h2-workaround-bogus-websocket-clients\n"
    assert reached(haproxy, RULE.bad.replace("global\n", told), tmp_path) is None
