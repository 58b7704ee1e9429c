"""What happens to sockets and handshakes when a HAProxy server dies, falls ill or comes back."""

import contextlib
import pathlib
import time
from collections.abc import Callable, Iterator

import pytest

from lbcheck.model import Vendor
from lbcheck.rule import Example
from lbcheck.rules import BY_CODE
from tests import binaries
from tests.binaries import Haproxy
from tests.live.proxies import Client, running
from tests.live.targets import Node, dead, node, statuses

CHECKED_S = 0.7
"""After this time the fast checks of these tests have taken out what fails them."""

haproxies = pytest.mark.parametrize("haproxy", binaries.haproxy(), ids=lambda each: each.text)


def example(code: str, number: int = 0) -> Example:
    return [each for each in BY_CODE[code].examples if each.vendor is Vendor.HAPROXY][number]


def fast(config: str) -> str:
    """Checks every 100 ms, and no retry hides what happens."""
    return config.replace(
        "    option redispatch\n", "    retries 0\n    default-server inter 100ms rise 1\n", 1
    ).replace("connect 3s", "connect 300ms")


@haproxies
@pytest.mark.parametrize("number", [0, 1])
def test_a_backup_is_not_used_where_the_dead_primary_counts_as_alive(
    haproxy: Haproxy, tmp_path: pathlib.Path, number: int
) -> None:
    """Nor is a backup that is out itself."""
    shown = example("LB417", number)
    with node("b") as b:
        for config, wanted in ((shown.bad, 503), (shown.good, 101)):
            with running(haproxy, fast(config), tmp_path, {9001: dead(), 9002: b.port}) as port:
                time.sleep(CHECKED_S)
                assert statuses(port, 3) == [wanted] * 3


@haproxies
@pytest.mark.parametrize("primary", ["check", "disabled", "weight 0"])
def test_a_backup_takes_over_from_a_primary_that_can_be_out(
    haproxy: Haproxy, tmp_path: pathlib.Path, primary: str
) -> None:
    config = example("LB417").good.replace("9001 check", f"9001 {primary}")
    with node("b") as b:
        with running(haproxy, fast(config), tmp_path, {9001: dead(), 9002: b.port}) as port:
            time.sleep(CHECKED_S)
            assert statuses(port, 3) == [101] * 3
