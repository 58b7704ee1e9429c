"""The faults of LB3xx that HAProxy alone has, on real proxies, with times scaled to a second."""

import pathlib

import pytest

from lbcheck.rules import BY_CODE
from tests import binaries
from tests.binaries import Haproxy
from tests.live.proxies import Client, running
from tests.live.targets import one_way

TEXT_FRAME = b"\x81\x82\x00\x00\x00\x00hi"
PAUSE_S = 1.6
"""Timeouts of a second cut within it, those of three seconds do not."""

haproxies = pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda each: each.text)


def ended(haproxy: Haproxy, config: str, folder: pathlib.Path, at: int, say: bytes = b"") -> bool:
    """Is a WebSocket ended although messages are under way all the time?"""
    config = config.replace("tunnel 1h", "tunnel 1s")
    ports = dict.fromkeys(range(9000, 9004), at)
    with running(haproxy, config, folder, ports) as port, Client(port) as client:
        assert client.answer()[0] == 101
        return client.ends_within(PAUSE_S, say)


@haproxies
def test_independent_streams_cut_a_client_that_only_listens(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    in_defaults, in_frontend = BY_CODE["LB308"].examples
    with one_way(0.3) as at:
        assert ended(haproxy, in_defaults.bad, tmp_path, at)
        assert ended(haproxy, in_frontend.bad, tmp_path, at)
        assert not ended(haproxy, in_defaults.good, tmp_path, at)
        assert not ended(haproxy, in_frontend.good, tmp_path, at)
        assert not ended(haproxy, in_defaults.bad, tmp_path, at, say=TEXT_FRAME)


@haproxies
def test_in_the_backend_independent_streams_cut_a_server_that_only_listens(
    haproxy: Haproxy, tmp_path: pathlib.Path
) -> None:
    in_defaults, in_frontend = BY_CODE["LB308"].examples
    with one_way() as at:
        assert ended(haproxy, in_frontend.good, tmp_path, at, say=TEXT_FRAME)
        assert not ended(haproxy, in_frontend.bad, tmp_path, at, say=TEXT_FRAME)
        assert not ended(haproxy, in_defaults.good, tmp_path, at, say=TEXT_FRAME)
