"""The balancer's health check and a real handshake side by side, for each target."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from lbcheck.model import StatusSet
from lbcheck.probe.checks import Asker, proper, random_path
from lbcheck.probe.handshake import Request
from lbcheck.probe.result import Target

ACCEPTED = StatusSet(((200, 399),), "200-399")
"""what HAProxy takes for healthy unless it is told otherwise (2.8 configuration, 5.2)"""


class Check(Struct, frozen=True):
    """A health check as a balancer is told to make it. `host` None: the target's own address."""

    path: str
    method: str = "GET"
    host: str | None = None
    accepts: StatusSet = ACCEPTED


def target(
    asker: Asker, url: str, host: str, check: Check, subprotocols: tuple[str, ...] = ()
) -> Target:
    """Ask a target what its balancer asks it, then for a WebSocket as its clients do.

    Args: url: the WebSocket's URL at the target itself; host: the service's name, which clients
    send.
    """
    asked = Request(
        (("Host", check.host),) if check.host else (), check.method, check.path, bare=True
    )
    answer = asker.ask(url, asked)
    passes = (answer.status or 0) in check.accepts
    elsewhere = asker.ask(url, replace(asked, path=random_path())) if passes else None
    return Target(
        name=url.partition("//")[2].partition("/")[0],
        asked=f"{check.method} {check.path}",
        check=answer,
        passes=passes,
        cannot_fail=elsewhere is not None and (elsewhere.status or 0) in check.accepts,
        handshake=proper(asker, url, subprotocols, host),
    )
