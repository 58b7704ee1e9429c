"""What is asked of a URL, one request after the other: the handshake and its negative controls."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Protocol

from msgspec.structs import replace

from lbcheck.probe.diagnosis import diagnose
from lbcheck.probe.handshake import FOREIGN_ORIGIN, Answer, Request, faults, new_key, opening
from lbcheck.probe.result import Control, Handshake, Kind


class Asker(Protocol):
    """Whoever brings the answer to a request."""

    def ask(self, url: str, request: Request) -> Answer: ...


def handshake(asker: Asker, url: str, subprotocols: tuple[str, ...] = ()) -> Handshake:
    """The handshake of a URL and, where it is good, the controls: six requests at most."""
    seen = proper(asker, url, subprotocols)
    if not seen.good:
        return seen
    return replace(seen, controls=tuple(_controls(asker, url, subprotocols)))


def proper(
    asker: Asker, url: str, subprotocols: tuple[str, ...] = (), host: str | None = None
) -> Handshake:
    """The handshake alone. `host`: the name that is asked for, where it is not the URL's own."""
    key = new_key()
    answer = asker.ask(url, opening(key, subprotocols=subprotocols, host=host))
    if answer.status != 101:
        return Handshake(answer, diagnosis=diagnose(answer))
    return Handshake(answer, tuple(faults(answer, key, subprotocols)))


def random_path() -> str:
    """A path that no service has: what answers it answers to anything."""
    return f"/lbcheck-{random.randrange(16**12):012x}"


def _controls(asker: Asker, url: str, subprotocols: tuple[str, ...]) -> Iterator[Control]:
    def whole(**changed: str) -> Request:
        return opening(new_key(), subprotocols=subprotocols, **changed)

    for kind, request in (
        (Kind.PLAIN, Request()),
        (Kind.VERSION_12, whole(version="12")),
        (Kind.NO_KEY, opening(None, subprotocols=subprotocols)),
        (Kind.FOREIGN_ORIGIN, whole(origin=FOREIGN_ORIGIN)),
        (Kind.RANDOM_PATH, whole(path=random_path())),
    ):
        yield Control(kind, asker.ask(url, request))
