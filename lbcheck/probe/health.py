"""The balancer's health check and a real handshake side by side, for each target."""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from lbcheck.model import StatusSet
from lbcheck.probe.checks import Asker, proper, random_path
from lbcheck.probe.handshake import Request
from lbcheck.probe.result import CONNECT, Target

ACCEPTED = StatusSet(((200, 399),), "200-399")
"""what HAProxy takes for healthy unless it is told otherwise (2.8 configuration, 5.2)"""


class Check(Struct, frozen=True):
    """A health check as a balancer is told to make it.

    path: None where it does no more than connect; host: None: the target's own address (none in
    HTTP/1.0, and where it is `hostless`); port: where that is another one than the traffic's.
    """

    path: str | None
    method: str = "GET"
    host: str | None = None
    accepts: StatusSet = ACCEPTED
    version: str = "1.1"
    port: str | None = None
    hostless: bool = False


def target(
    asker: Asker, url: str, host: str, check: Check, subprotocols: tuple[str, ...] = ()
) -> Target:
    """Ask a target what its balancer asks it, then for a WebSocket as its clients do.

    Args: url: the WebSocket's URL at the target itself; host: the service's name, which clients
    send.
    """
    name = url.partition("//")[2].partition("/")[0]
    seen = proper(asker, url, subprotocols, host)
    if check.path is None:
        passes = seen.answer.failure is None or not seen.answer.failure.unreached
        return Target(name, CONNECT, seen.answer, passes, False, seen)
    named = (("Host", check.host),) if check.host else ()
    asked = Request(
        named, check.method, check.path, bare=True, version=check.version, hostless=check.hostless
    )
    there = url if check.port is None else _at(url, check.port)
    answer = asker.ask(there, asked)
    passes = (answer.status or 0) in check.accepts
    elsewhere = asker.ask(there, replace(asked, path=random_path())) if passes else None
    return Target(
        name=name,
        asked=f"{check.method} {check.path}",
        check=answer,
        passes=passes,
        cannot_fail=elsewhere is not None and (elsewhere.status or 0) in check.accepts,
        handshake=seen,
    )


def _at(url: str, port: str) -> str:
    """The same at another port."""
    scheme, _, rest = url.partition("//")
    authority, slash, path = rest.partition("/")
    host = re.sub(r":[0-9]++$", "", authority)
    return f"{scheme}//{host}:{port}{slash}{path}"
