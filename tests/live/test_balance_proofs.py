"""Faults of LB5xx that need more than the laboratory has: certificates."""

import contextlib
import pathlib
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from lbcheck.lab.experiment import shown
from lbcheck.lab.target import Target
from tests import binaries
from tests.binaries import Nginx
from tests.certificates import self_signed
from tests.live.proxies import running
from tests.live.targets import names, statuses

nginxes = pytest.mark.parametrize("nginx", binaries.nginx(), ids=lambda each: each.text)


@contextlib.contextmanager
def named_tls(name: str, folder: pathlib.Path, *, strict: bool) -> Iterator[int]:
    """A target behind TLS. `strict`: it refuses clients that do not ask for `name`."""
    (folder / "target.pem").write_bytes(self_signed(name))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "target.pem")

    def judge(_: ssl.SSLObject, asked: str | None, __: ssl.SSLContext) -> int | None:
        refused = strict and asked != name
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME if refused else None

    context.sni_callback = judge
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with contextlib.suppress(ssl.SSLError):
                    Target().serve(context.wrap_socket(connection, True))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(2)


@nginxes
def test_a_target_of_several_names_refuses_tls_that_names_none(
    nginx: Nginx, tmp_path: pathlib.Path
) -> None:
    """A server with one certificate for everything takes it: it cannot be told from here."""
    example = shown("LB506", "nginx")
    for strict, wanted in ((True, {"bad": 502, "good": 101}), (False, {"bad": 101, "good": 101})):
        with named_tls("chat.example", tmp_path, strict=strict) as port, names() as dns:
            for which, status in wanted.items():
                config = getattr(example, which)
                config = config.replace("chat.example:9000", f"chat.example:{port}")
                config = config.replace("resolver 127.0.0.1;", f"resolver 127.0.0.1:{dns};")
                with running(nginx, config, tmp_path, {}) as here:
                    assert statuses(here, 2) == [status] * 2
