"""The laboratory of `lbcheck.lab`, as tests of their own use it: one proxy in a test's folder.

An experiment that shows a rule's symptom stands in `lbcheck.lab`; what else tests want to know of
real proxies is found out with these.
"""

import contextlib
import pathlib
from collections.abc import Iterator

from lbcheck.lab import proxy as lab
from lbcheck.lab.client import Client, accepted
from lbcheck.lab.proxy import free_port
from lbcheck.lab.target import Target, serving
from lbcheck.lab.target import dead as dead_port
from tests.binaries import Haproxy, Nginx

__all__ = ["Client", "accepted", "dead_port", "free_port", "hung", "pages", "running", "target"]


@contextlib.contextmanager
def target(*, host: str | None = None) -> Iterator[int]:
    """A WebSocket server that echoes; `/healthz` answers 200. `host`: another Host gets 403."""
    with serving(Target(host=host)) as (served,):
        yield served.port


@contextlib.contextmanager
def pages() -> Iterator[int]:
    """A plain web server that knows nothing of upgrades: 200 to everything."""
    with serving(Target(pages=True)) as (served,):
        yield served.port


@contextlib.contextmanager
def hung() -> Iterator[int]:
    """A target that accepts connections and never says a word."""
    with serving(Target(mute=True)) as (served,):
        yield served.port


@contextlib.contextmanager
def running(
    proxy: Nginx | Haproxy, config: str, folder: pathlib.Path, ports: dict[int, int]
) -> Iterator[int]:
    """The port on which `proxy` serves `config`, until the block ends.

    `ports`: the example's target ports and the real ones.
    """
    with lab.running(proxy, config, str(folder), ports) as served:
        yield served.port
