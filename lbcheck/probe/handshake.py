"""The opening handshake (RFC 6455, section 4): what is asked, and what is wrong with an answer.

There is no socket here: `lbcheck.probe.live` sends a `Request` and brings back an `Answer`.
"""

from __future__ import annotations

import base64
import errno
import os
from collections.abc import Iterator

from msgspec import Struct
from wsproto.utilities import generate_accept_token

Headers = tuple[tuple[str, str], ...]
FOREIGN_ORIGIN = "https://origin.invalid"
"""An origin that no service can have let in on purpose (RFC 2606)."""
_LONGEST = 100


class Request(Struct, frozen=True):
    """What is asked of a URL.

    `path` replaces the URL's own path and query; `bare`: without the headers that the user sends,
    as a balancer asks; `version`: of HTTP, "1.0" (which has no `Host`) or "1.1"; `hostless`: 1.1
    without it, too; `body`: of a POST.
    """

    headers: Headers = ()
    method: str = "GET"
    path: str | None = None
    bare: bool = False
    version: str = "1.1"
    hostless: bool = False
    body: bytes = b""


class Times(Struct, frozen=True):
    """How long each part took, in seconds; None: it was not done."""

    dns_s: float | None = None
    connect_s: float | None = None
    tls_s: float | None = None
    answer_s: float | None = None

    @property
    def total_s(self) -> float:
        parts = (self.dns_s, self.connect_s, self.tls_s, self.answer_s)
        return sum(part for part in parts if part is not None)


class Failure(Struct, frozen=True):
    """Why there is no answer.

    kind: "dns", "connect", "tls" (nobody was reached); "timeout", "closed", "reset" or "malformed"
    (somebody was reached, and did not answer); detail: the system's own words.
    """

    kind: str
    detail: str = ""

    @property
    def unreached(self) -> bool:
        return self.kind in ("dns", "connect", "tls")

    @property
    def refused(self) -> bool:
        """Did the system there say that nobody listens? So does that of a dead target."""
        return self.kind == "connect" and os.strerror(errno.ECONNREFUSED) in self.detail


class Answer(Struct, frozen=True):
    """What came back. `status` None: `failure` says why; `body`: its first bytes, as text."""

    status: int | None
    headers: Headers = ()
    body: str = ""
    failure: Failure | None = None
    peer: str = ""
    times: Times = Times()

    @property
    def said(self) -> int | str:
        """The status, or why there is none."""
        return self.failure.kind if self.failure else self.status or 0

    def values(self, name: str) -> list[str]:
        """The values of a header, in order."""
        return [value for key, value in self.headers if key.lower() == name]

    def tokens(self, name: str) -> list[str]:
        """The words of a header that is a list, in lower case."""
        words = ",".join(self.values(name)).split(",")
        return [word.strip().lower() for word in words if word.strip()]


def new_key() -> str:
    """A Sec-WebSocket-Key: 16 random bytes."""
    return base64.b64encode(os.urandom(16)).decode()


def opening(
    key: str | None,
    *,
    version: str = "13",
    origin: str | None = None,
    subprotocols: tuple[str, ...] = (),
    path: str | None = None,
    host: str | None = None,
    cookie: str = "",
) -> Request:
    """The request that opens a WebSocket.

    Args: key: None: it is left out, which no server may take; host: the name that is asked for,
    where it is not the URL's own; cookie: besides those that every request brings.
    """
    headers = [("Host", host)] if host is not None else []
    headers += [("Connection", "Upgrade"), ("Upgrade", "websocket")]
    headers.append(("Sec-WebSocket-Version", version))
    if key is not None:
        headers.append(("Sec-WebSocket-Key", key))
    if subprotocols:
        headers.append(("Sec-WebSocket-Protocol", ", ".join(subprotocols)))
    if origin is not None:
        headers.append(("Origin", origin))
    if cookie:
        headers.append(("Cookie", cookie))
    return Request(tuple(headers), path=path)


def faults(answer: Answer, key: str, subprotocols: tuple[str, ...] = ()) -> Iterator[str]:
    """Why a client has to fail the connection in spite of a 101 (RFC 6455, section 4.1)."""
    if "websocket" not in answer.tokens("upgrade"):
        yield "the 101 has no `Upgrade: websocket`"
    if "upgrade" not in answer.tokens("connection"):
        yield "the 101 has no `Connection: Upgrade`"
    yield from _accept(answer.values("sec-websocket-accept"), key)
    chosen = answer.values("sec-websocket-protocol")
    if len(chosen) > 1 or (chosen and chosen[0] not in subprotocols):
        yield f"the subprotocol `{_cut(chosen)}` was not asked for"
    if extensions := answer.tokens("sec-websocket-extensions"):
        yield f"the extension `{_cut(extensions)}` was not asked for"


def _cut(words: list[str]) -> str:
    """What a server says, as far as a person reads it."""
    said = ", ".join(words)
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}..."


def _accept(given: list[str], key: str) -> Iterator[str]:
    wanted = generate_accept_token(key.encode()).decode()
    if not given:
        yield "the 101 has no `Sec-WebSocket-Accept`"
    elif given != [wanted]:
        yield "`Sec-WebSocket-Accept` does not belong to the key: something answered from a cache"
