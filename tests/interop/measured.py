"""What was measured: values only, in the form in which they are kept."""

from __future__ import annotations

from msgspec import Struct

OPEN = "open"
"""instead of a close code: the connection was open to the end of the measurement"""
REFUSED = "refused"
"""instead of a status: the connection was not taken, or ended without an answer"""


class Answers(Struct, frozen=True):
    """Statuses of requests, None where there was no answer.

    faults: why a client would refuse the 101; own_origin, tls_origin: to a page of the same host,
    whose scheme is that of the request, or https as where a balancer ends TLS; health: of the
    profile's own health path; pongs: a client's ping is answered; findings: what `lbcheck probe`
    tells with the profile.
    """

    handshake: int | None
    faults: tuple[str, ...]
    plain: int | None
    root: int | None
    options_10: int | None
    http_10: int | None
    version_12: int | None
    no_key: int | None
    own_origin: int | None
    tls_origin: int | None
    foreign_origin: int | None
    other_path: int | None
    health: int | None
    pongs: bool
    findings: tuple[str, ...]


class Heartbeat(Struct, frozen=True):
    """Who breaks the silence of an idle WebSocket, and what becomes of a client that never answers.

    kind: "ping", "data" or None: nobody does; withheld: the close code that such a client sees,
    "none" (no close frame) or "open", after `withheld_s`; answered: the same for one that answers.
    """

    kind: str | None
    interval_s: float | None
    answered: str
    withheld: str
    withheld_s: float | None


class Leaving(Struct, frozen=True):
    """What happens after SIGTERM.

    close: the code that clients see, "none" or "open", after `close_s`; silent_s: when a client
    that never answers the close frame is cut; exit_s: when the process has ended; all None: not
    within the measurement; again: what handshakes are answered from the close on.
    """

    close: str
    close_s: float | None
    silent_s: float | None
    exit_s: float | None
    again: tuple[str, ...]


class Measured(Struct, frozen=True):
    """One server.

    versions: of its packages; astray: what a session is answered at another server; wrong: what
    the strict server held against lbcheck.
    """

    name: str
    versions: dict[str, str]
    answers: Answers
    heartbeat: Heartbeat
    default: Leaving
    planned: Leaving
    astray: str | None = None
    wrong: tuple[str, ...] = ()


class Returned(Struct, frozen=True):
    """Clients that were sent away behind a balancer, and came back in one manner.

    ends: how their WebSockets ended; answers: what they were answered instead of 101; landed: how
    many came to the server that was leaving; away: how many of `sent_away` had no WebSocket at the
    end; longest_s: the longest that one of the others had none; peak: the most attempts in 100 ms.
    """

    balancer: str
    version: str
    manner: str
    ends: tuple[str, ...]
    answers: tuple[str, ...]
    landed: int
    sent_away: int
    away: int
    longest_s: float | None
    peak: int


class Record(Struct, frozen=True):
    """All that `make interop` measures."""

    systems: tuple[Measured, ...] = ()
    returns: tuple[Returned, ...] = ()
